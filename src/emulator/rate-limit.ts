import type { Reply } from './envelope.ts';
import { throttled } from './refusals.ts';

export interface RateLimitOptions {
  /** Requests per window and user. */
  requests: number;
  windowSeconds: number;
  /** How long every call of the user is refused once the window is used up. */
  blockSeconds: number;
  /** Requests per second and address. */
  perSecond: number;
}

/** The published figures (7.1). */
export const publishedLimits: Readonly<RateLimitOptions> = {
  requests: 1_200,
  windowSeconds: 300,
  blockSeconds: 300,
  perSecond: 200,
};

interface Window {
  endsAt: number;
  used: number;
  blockedUntil: number;
}

/** Cloudflare's two budgets; windows begin with the first request and do not slide. */
export class RateLimiter {
  readonly options: RateLimitOptions | false;
  readonly #now: () => number;
  readonly #users = new Map<string, Window>();
  readonly #addresses = new Map<string, Window>();

  constructor(options: Partial<RateLimitOptions> | false, now: () => number) {
    this.options = options === false ? false : { ...publishedLimits, ...options };
    this.#now = now;
  }

  /** Counts a request of a user; a 429 when a budget is used up. Refused requests are not counted. */
  take(owner: string, address: string, retryAfterHeader: boolean): Reply | undefined {
    if (this.options === false) return undefined;
    const now = this.#now();
    const second = windowOf(this.#addresses, address, now, 1);
    const user = windowOf(this.#users, owner, now, this.options.windowSeconds);
    if (user.blockedUntil > now) return refuse(user.blockedUntil - now, retryAfterHeader);
    if (second.used >= this.options.perSecond) return refuse(second.endsAt - now, retryAfterHeader);
    if (user.used >= this.options.requests) return this.#block(user, now, retryAfterHeader);
    second.used += 1;
    user.used += 1;
    return undefined;
  }

  /** `ratelimit` and `ratelimit-policy` as 7.1 quotes them; none when the limit is off. */
  headers(owner: string | undefined): Record<string, string> {
    if (this.options === false) return {};
    const now = this.#now();
    const { requests, windowSeconds } = this.options;
    const user = owner === undefined ? undefined : this.#users.get(owner);
    const current = user !== undefined && Math.max(user.endsAt, user.blockedUntil) > now ? user : undefined;
    const blocked = current !== undefined && current.blockedUntil > now;
    const left = blocked ? 0 : requests - (current?.used ?? 0);
    const endsAt = blocked ? current.blockedUntil : (current?.endsAt ?? now + windowSeconds * 1_000);
    return {
      ratelimit: `"default";r=${left};t=${Math.ceil((endsAt - now) / 1_000)}`,
      'ratelimit-policy': `"default";q=${requests};w=${windowSeconds}`,
    };
  }

  reset(): void {
    this.#users.clear();
    this.#addresses.clear();
  }

  #block(user: Window, now: number, retryAfterHeader: boolean): Reply {
    const { blockSeconds } = this.options as RateLimitOptions;
    user.blockedUntil = now + blockSeconds * 1_000;
    user.endsAt = user.blockedUntil;
    return refuse(user.blockedUntil - now, retryAfterHeader);
  }
}

function windowOf(windows: Map<string, Window>, key: string, now: number, seconds: number): Window {
  const known = windows.get(key);
  if (known !== undefined && known.endsAt > now) return known;
  const fresh = { endsAt: now + seconds * 1_000, used: 0, blockedUntil: 0 };
  windows.set(key, fresh);
  return fresh;
}

function refuse(waitMs: number, retryAfterHeader: boolean): Reply {
  const reply = throttled();
  if (!retryAfterHeader) return reply;
  return { ...reply, headers: { 'retry-after': String(Math.max(1, Math.ceil(waitMs / 1_000))) } };
}
