import { IntermissionError } from '../errors.ts';

/**
 * Cloudflare's clock, to the second, by the `Date` header of a reply. Asks without any token: the refusal tells the
 * time as well.
 *
 * @throws IntermissionError `api_unavailable` when nothing answers
 */
export async function readServerTime(
  baseUrl: string,
  { timeoutMs = 10_000, signal }: { timeoutMs?: number; signal?: AbortSignal } = {},
): Promise<Date> {
  const limits = [AbortSignal.timeout(timeoutMs), ...(signal === undefined ? [] : [signal])];
  try {
    const response = await fetch(`${baseUrl}/user/tokens/verify`, {
      signal: AbortSignal.any(limits),
      redirect: 'manual',
    });
    await response.body?.cancel();
    const time = new Date(response.headers.get('date') ?? '');
    if (!Number.isNaN(time.getTime())) return time;
  } catch (cause) {
    throw unreachable(baseUrl, 'nothing answers', cause);
  }
  throw unreachable(baseUrl, 'its answer has no time');
}

function unreachable(baseUrl: string, why: string, cause?: unknown): IntermissionError {
  return new IntermissionError(
    'api_unavailable',
    `Cloudflare's API at ${new URL(baseUrl).host} could not be asked: ${why}.`,
    { hint: 'Check the network and CLOUDFLARE_BASE_URL, then try again.', cause },
  );
}
