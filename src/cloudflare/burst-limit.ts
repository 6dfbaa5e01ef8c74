const SECOND = 1000;

/**
 * Keeps what reaches the server within so many requests in any second. A request counts from its start until one
 * second after its reply: requests that were held up on the way would otherwise arrive together with later ones.
 */
export class BurstLimit {
  readonly #perSecond: number;
  /** Times of the replies of the last second, oldest first. */
  #replies: number[] = [];

  constructor(perSecond: number) {
    this.#perSecond = perSecond;
  }

  /** Takes note of a reply, or of the failure of a request. */
  answered(now: number): void {
    this.#replies.push(now);
  }

  /** Milliseconds until another request may start; infinite when only a reply can change that. */
  delay(now: number, inFlight: number): number {
    while (this.#replies[0] !== undefined && this.#replies[0] <= now - SECOND) this.#replies.shift();
    const tooMany = this.#replies.length + inFlight + 1 - this.#perSecond;
    if (tooMany <= 0) return 0;
    const last = this.#replies[tooMany - 1];
    return last === undefined ? Number.POSITIVE_INFINITY : last + SECOND - now;
  }
}
