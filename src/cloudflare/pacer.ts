import { IntermissionError } from '../errors.ts';
import { BurstLimit } from './burst-limit.ts';
import { RateBudget } from './rate-budget.ts';
import { interrupted, LONGEST_WAIT, realWait } from './retry.ts';
import { SteadyClock } from './steady-clock.ts';
import type { Clock, Purpose, Room, Wait } from './types.ts';

export interface PacerOptions {
  clock: Clock;
  wait?: Wait;
  /** Requests in any second, as the server sees them. Cloudflare refuses more than 200 from one address. */
  maxPerSecond?: number;
  maxInFlight?: number;
}

export interface Turn {
  /** Default `close`. */
  purpose?: Purpose | undefined;
  signal?: AbortSignal | undefined;
}

interface Waiting {
  start: () => void;
  refuse: (error: IntermissionError) => void;
}

/**
 * Decides when a request of one API key may be sent: at most so many per second and in flight, and never past
 * Cloudflare's budget. Requests that reopen sites go first and may use the part that is kept for them.
 */
export class Pacer {
  readonly #options: Required<PacerOptions>;
  readonly #clock: SteadyClock;
  readonly #budget = new RateBudget();
  readonly #burst: BurstLimit;
  readonly #lanes: Record<Purpose, Set<Waiting>> = { reopen: new Set(), close: new Set() };
  #inFlight = 0;
  #alarm: AbortController | undefined;

  constructor(options: PacerOptions) {
    this.#options = { wait: realWait, maxPerSecond: 180, maxInFlight: 32, ...options };
    this.#clock = new SteadyClock(options.clock);
    this.#burst = new BurstLimit(this.#options.maxPerSecond);
  }

  /**
   * Runs `task` when its turn has come.
   *
   * @throws `api_rate_limited` when the budget is used up for more than 30 s (`details.retryAt`), `interrupted`
   *   when the signal aborts before the turn; else what the task throws.
   */
  async run<T>(task: () => Promise<T>, turn: Turn = {}): Promise<T> {
    await this.#turn(turn.purpose ?? 'close', turn.signal);
    try {
      return await task();
    } finally {
      this.#inFlight--;
      this.#burst.answered(this.#clock.now());
      this.#advance();
    }
  }

  /** Takes note of what a reply says of the budget. */
  observe(reply: { status: number; headers: Headers }): void {
    this.#budget.observe(reply, this.#clock.now());
  }

  /** What is left for any purpose, as far as it is known, and when it is full again. */
  get budget(): { remaining: number | undefined; resetsAt: Date | undefined } {
    const { remaining, resetsAt } = this.#budget.describe(this.#clock.now(), this.#inFlight);
    return { remaining, resetsAt: resetsAt === undefined ? undefined : this.#clock.date(resetsAt) };
  }

  /** What work on many sites has to reckon with. */
  room(purpose: Purpose): Room {
    const now = this.#clock.now();
    const calls = Math.max(0, this.#budget.available(now, this.#inFlight, purpose));
    return {
      isKnown: this.#budget.isKnown,
      calls,
      fullAt: this.#clock.date(this.#budget.freeAt(now, purpose)),
      perWindow: this.#budget.perWindow(purpose),
      windowMs: this.#budget.windowMs,
      perSecond: this.#options.maxPerSecond,
    };
  }

  /**
   * Returns once so many requests of this purpose may be sent, however long that takes: for work on many sites, which
   * must not hold a lock while it waits.
   *
   * @throws what the signal was aborted with
   */
  async awaitRoom(
    calls: number,
    { purpose, signal, onWait }: Turn & { onWait?: (until: Date) => void },
  ): Promise<void> {
    const needed = Math.min(calls, this.#budget.perWindow(purpose ?? 'close'));
    for (;;) {
      const now = this.#clock.now();
      if (this.#budget.available(now, this.#inFlight, purpose ?? 'close') >= needed) return;
      const freeAt = Math.max(now + 1, this.#budget.freeAt(now, purpose ?? 'close', needed));
      onWait?.(this.#clock.date(freeAt));
      await this.#options.wait(freeAt - now, signal);
      this.#clock.reached(freeAt);
    }
  }

  #turn(purpose: Purpose, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(interrupted(signal.reason));
      const leave = () => {
        this.#lanes[purpose].delete(waiting);
        signal?.removeEventListener('abort', giveUp);
      };
      const giveUp = () => {
        waiting.refuse(interrupted(signal?.reason));
        this.#advance();
      };
      const waiting: Waiting = {
        start: () => resolve(leave()),
        refuse: (error) => {
          leave();
          reject(error);
        },
      };
      signal?.addEventListener('abort', giveUp);
      this.#lanes[purpose].add(waiting);
      this.#advance();
    });
  }

  /** Starts whatever may start now, and sees to it that the rest is looked at again. */
  #advance(): void {
    this.#cancelAlarm();
    for (let next = this.#next(); next !== undefined; next = this.#next()) {
      if (this.#inFlight >= this.#options.maxInFlight) return;
      const now = this.#clock.now();
      const delay = this.#delayFor(next.purpose, now);
      if (delay === undefined) return;
      if (delay > 0) {
        this.#lookAgain(now, delay);
        return;
      }
      this.#inFlight++;
      this.#budget.sent(now);
      next.waiting.start();
    }
  }

  /** Milliseconds until the next request of this purpose may start; undefined when an event decides that. */
  #delayFor(purpose: Purpose, now: number): number | undefined {
    const crowded = this.#burst.delay(now, this.#inFlight);
    if (crowded > 0) return Number.isFinite(crowded) ? crowded : undefined;
    if (this.#budget.available(now, this.#inFlight, purpose) > 0) return 0;
    const freeAt = this.#budget.freeAt(now, purpose);
    if (freeAt - now <= LONGEST_WAIT * 1000) return Math.max(1, freeAt - now);
    // While some are in flight, their replies may still tell of a larger budget.
    if (this.#inFlight === 0) this.#refuse(purpose, freeAt);
    return undefined;
  }

  /** Refuses all that wait for this purpose; what reopening cannot have, closing cannot have either. */
  #refuse(purpose: Purpose, freeAt: number): void {
    const lanes = purpose === 'reopen' ? [this.#lanes.reopen, this.#lanes.close] : [this.#lanes.close];
    for (const waiting of lanes.flatMap((lane) => [...lane])) {
      waiting.refuse(budgetUsedUp(this.#clock.date(freeAt), purpose));
    }
  }

  #next(): { purpose: Purpose; waiting: Waiting } | undefined {
    for (const purpose of ['reopen', 'close'] as const) {
      const [waiting] = this.#lanes[purpose];
      if (waiting !== undefined) return { purpose, waiting };
    }
    return undefined;
  }

  #lookAgain(now: number, delay: number): void {
    const alarm = new AbortController();
    this.#alarm = alarm;
    this.#options.wait(delay, alarm.signal).then(
      () => {
        this.#clock.reached(now + delay);
        this.#advance();
      },
      () => {},
    );
  }

  #cancelAlarm(): void {
    this.#alarm?.abort();
    this.#alarm = undefined;
  }
}

function budgetUsedUp(freeAt: Date, purpose: Purpose): IntermissionError {
  const retryAt = freeAt.toISOString();
  const kept = purpose === 'close' ? ' What is left is kept for reopening sites.' : '';
  return new IntermissionError(
    'api_rate_limited',
    `Cloudflare's budget of API calls is used up until ${retryAt}; nothing was sent.${kept}`,
    {
      hint: 'The limit of 1,200 calls in 5 minutes is shared by the dashboard and all tools of one Cloudflare user. Wait, then run the command again.',
      details: { retryAt, reason: 'budget' },
    },
  );
}
