import type { BulkEvent, BulkSite } from '../../services/bulk-operations/types.ts';

/** The rate is that of so much time, milliseconds. */
const RATE_WINDOW_MS = 5_000;
/** Fewer sites tell nothing of how long the others take. */
const ENOUGH = 5;
/** So many failures are kept to be shown. */
const FAILURES = 5;

/** How far a run over many sites has come; told by its events, times in milliseconds. */
export class Progress {
  /** When the plan was made. */
  #beganAt: number;
  total: number;
  done = 0;
  failed = 0;
  leftOut = 0;
  /** Sites in hand, and since when, the first begun first. */
  readonly running = new Map<string, number>();
  /** The last sites that failed. */
  readonly failures: BulkSite[] = [];
  /** API keys whose call budget is used up, and until when. */
  readonly pauses = new Map<string, number>();
  stopped: string | null = null;
  /** When it ends at the earliest, as the plan says. */
  #endsAt = 0;
  /** When sites in hand were finished, of late. */
  readonly #finishes: number[] = [];

  constructor(total: number, now: number) {
    this.total = total;
    this.#beganAt = now;
  }

  take(event: BulkEvent, now: number): void {
    if (event.type === 'planned') {
      this.total = event.plan.total;
      this.#beganAt = now;
      this.#endsAt = now + event.plan.seconds * 1000;
    } else if (event.type === 'started') this.running.set(event.domain, now);
    else if (event.type === 'finished') this.#finish(event.site, now);
    else if (event.type === 'paused') this.pauses.set(event.apiKey, event.until.getTime());
    else if (event.type === 'stopped') this.stopped = event.message;
  }

  get toGo(): number {
    return Math.max(0, this.total - this.done - this.failed - this.leftOut);
  }

  /** Sites in a second, of late; 0 while none is known. */
  rate(now: number): number {
    while (now - (this.#finishes[0] ?? now) > RATE_WINDOW_MS) this.#finishes.shift();
    const since = Math.min(now - this.#beganAt, RATE_WINDOW_MS);
    return since <= 0 ? 0 : (this.#finishes.length * 1000) / since;
  }

  /** How long it takes still, seconds; undefined when nothing tells. */
  secondsLeft(now: number): number | undefined {
    if (this.stopped !== null) return undefined;
    const rate = this.rate(now);
    const byRate = this.#finishes.length < ENOUGH ? 0 : this.toGo / rate;
    const left = Math.max(byRate, ...[this.#endsAt, ...this.pauses.values()].map((at) => (at - now) / 1000));
    return left > 0 && this.toGo > 0 ? left : undefined;
  }

  #finish(site: BulkSite, now: number): void {
    if (this.running.delete(site.domain) || site.outcome === 'done') this.#finishes.push(now);
    if (site.outcome === 'failed' || site.proof?.state === 'unproven') {
      this.failed += 1;
      this.failures.push(site);
      if (this.failures.length > FAILURES) this.failures.shift();
    } else if (site.outcome === 'skipped') this.leftOut += 1;
    else this.done += 1;
  }
}
