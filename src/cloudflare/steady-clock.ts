import type { Clock } from './types.ts';

/**
 * Milliseconds that never go back, whatever happens to the clock of the machine: a clock set back by an hour
 * must not stop the pacer for an hour. Reads as milliseconds since 1970 until that happens.
 */
export class SteadyClock {
  readonly #clock: Clock;
  #latest = 0;
  #ahead = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  now(): number {
    const now = this.#clock.now().getTime();
    this.#ahead = Math.max(this.#ahead, this.#latest - now);
    this.#latest = now + this.#ahead;
    return this.#latest;
  }

  /** After a wait until `time`: it is at least that late. */
  reached(time: number): void {
    this.#latest = Math.max(this.#latest, time);
  }

  /** `time` of this clock as a date of the machine's. */
  date(time: number): Date {
    return new Date(time - this.#ahead);
  }
}
