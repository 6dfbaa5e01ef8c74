import { readQuota, retryTime } from './rate-headers.ts';
import type { Purpose } from './types.ts';

/** Cloudflare's limit per user (developers.cloudflare.com/fundamentals/api/reference/limits). */
const DEFAULT_LIMIT = 1200;
const DEFAULT_WINDOW_MS = 300_000;
/** Calls that only reopening may use. */
export const RESERVE = 100;

interface Observed {
  remaining: number;
  resetsAt: number;
}

/**
 * How many requests may still be sent. Follows what Cloudflare says in its replies; counts what was sent here
 * only where it says nothing. All times are milliseconds of one clock that never goes back.
 */
export class RateBudget {
  #limit = DEFAULT_LIMIT;
  #windowMs = DEFAULT_WINDOW_MS;
  #observed: Observed | undefined;
  /** Times of the requests of one window, oldest first. */
  #sent: number[] = [];

  /** Counts a request that starts now. */
  sent(now: number): void {
    this.#forgetBefore(now - this.#windowMs);
    this.#sent.push(now);
  }

  /** Requests that may start now. Those in flight count: whether Cloudflare has counted them is not known. */
  available(now: number, inFlight: number, purpose: Purpose): number {
    const observed = this.#current(now);
    const left = observed
      ? observed.remaining - inFlight
      : this.#limit - this.#sentSince(this.#countFrom(now));
    return left - this.#reserve(purpose);
  }

  /** When a used-up budget lets so many more requests through. */
  freeAt(now: number, purpose: Purpose, requests = 1): number {
    const observed = this.#current(now);
    if (observed) return observed.resetsAt;
    const inTheWay = this.#sent[this.#sent.length - this.perWindow(purpose) + requests - 1];
    return inTheWay === undefined ? now : inTheWay + this.#windowMs;
  }

  /** Requests that one whole window lets through. */
  perWindow(purpose: Purpose): number {
    return this.#limit - this.#reserve(purpose);
  }

  get windowMs(): number {
    return this.#windowMs;
  }

  /** True as soon as there is any sign of how much is left. */
  get isKnown(): boolean {
    return this.#observed !== undefined || this.#sent.length > 0;
  }

  observe(reply: { status: number; headers: Headers }, now: number): void {
    const quota = readQuota(reply.headers, now);
    this.#limit = quota?.limit ?? this.#limit;
    this.#windowMs = quota?.windowMs ?? this.#windowMs;
    if (quota) this.#note({ remaining: quota.remaining, resetsAt: quota.resetsAt }, now);
    // Once over the limit, every call is refused until then.
    const until = reply.status === 429 ? retryTime(reply, new Date(now)) : undefined;
    if (until) this.#note({ remaining: 0, resetsAt: until.getTime() }, now);
  }

  /** What is left for any purpose; nothing is known before the first request. */
  describe(now: number, inFlight: number): { remaining: number | undefined; resetsAt: number | undefined } {
    const remaining = this.isKnown ? Math.max(0, this.available(now, inFlight, 'reopen')) : undefined;
    return { remaining, resetsAt: this.#current(now)?.resetsAt };
  }

  /** Replies overtake each other: within one window the smallest number is the latest. */
  #note(next: Observed, now: number): void {
    const last = this.#current(now);
    if (last === undefined || next.remaining <= last.remaining) this.#observed = next;
  }

  /** What Cloudflare said, while it holds. */
  #current(now: number): Observed | undefined {
    return this.#observed && now < this.#observed.resetsAt ? this.#observed : undefined;
  }

  /** A new window of Cloudflare's begins at its reset; without any word from it, windows slide. */
  #countFrom(now: number): number {
    const reset = this.#observed?.resetsAt ?? 0;
    return Math.max(now - this.#windowMs, reset <= now ? reset : 0);
  }

  #sentSince(time: number): number {
    const first = this.#sent.findIndex((sent) => sent >= time);
    return first === -1 ? 0 : this.#sent.length - first;
  }

  #reserve(purpose: Purpose): number {
    return purpose === 'reopen' ? 0 : Math.min(RESERVE, Math.floor(this.#limit / 12));
  }

  #forgetBefore(time: number): void {
    while (this.#sent[0] !== undefined && this.#sent[0] <= time) this.#sent.shift();
  }
}
