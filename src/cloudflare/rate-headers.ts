/** What Cloudflare said of its budget in one reply. Times in milliseconds since 1970. */
export interface Quota {
  remaining: number;
  resetsAt: number;
  /** Requests per window, when the reply names its policy. */
  limit?: number;
  windowMs?: number;
}

/**
 * Reads `ratelimit: "default";r=1199;t=1` (remaining, seconds to the reset) and
 * `ratelimit-policy: "default";q=1200;w=300` (quota, window in seconds). Of several entries the tightest counts.
 */
export function readQuota(headers: Headers, now: number): Quota | undefined {
  const policies = parse(headers.get('ratelimit-policy'));
  const quotas = parse(headers.get('ratelimit')).flatMap(({ name, values }): Quota[] => {
    const policy = policies.find((item) => item.name === name)?.values;
    const [remaining, reset] = [values.get('r'), values.get('t') ?? policy?.get('w')];
    if (remaining === undefined || reset === undefined) return [];
    const [limit, window] = [policy?.get('q'), policy?.get('w')];
    return [
      {
        remaining,
        resetsAt: now + reset * 1000,
        ...(limit ? { limit } : {}),
        ...(window ? { windowMs: window * 1000 } : {}),
      },
    ];
  });
  return quotas.sort((a, b) => a.remaining - b.remaining)[0];
}

/**
 * When Cloudflare wants to be asked again, from a 429 or 5xx: by `retry-after` (seconds or a date), which is not
 * always there, else, for 429, by the reset of a budget that is used up.
 */
export function retryTime(reply: { status: number; headers: Headers }, now: Date): Date | undefined {
  if (reply.status !== 429 && reply.status < 500) return undefined;
  const after = reply.headers.get('retry-after')?.trim() ?? '';
  if (/^\d{1,9}(\.\d+)?$/.test(after)) return new Date(now.getTime() + Number(after) * 1000);
  const date = Date.parse(after);
  if (!Number.isNaN(date)) return new Date(date);
  const quota = reply.status === 429 ? readQuota(reply.headers, now.getTime()) : undefined;
  return quota?.remaining === 0 ? new Date(quota.resetsAt) : undefined;
}

/** Entries of a structured header: a quoted name and `;key=number` pairs. Whatever does not fit is left out. */
function parse(header: string | null): { name: string; values: Map<string, number> }[] {
  return (header ?? '').split(',').flatMap((entry) => {
    const [name, ...pairs] = entry.split(';').map((part) => part.trim());
    if (!name) return [];
    const numbers = pairs
      .map((pair) => /^(\w+)=(\d{1,12})$/.exec(pair))
      .flatMap((match): [string, number][] => (match?.[1] ? [[match[1], Number(match[2])]] : []));
    return [{ name, values: new Map(numbers) }];
  });
}
