/** A body that is ready to be sent, with the headers that belong to it. */
export interface Answer {
  /** Its bytes, one character each (Latin-1): Node sends such a text together with the head, in one write. */
  body: string;
  /** Names and values in turn, as `writeHead` takes them. */
  headers: readonly string[];
}

/** Most that is kept, bytes of bodies. A page has about 9 KB, up to 22 KB more with a logo. */
const KEPT_BYTES = 32 * 1024 * 1024;

/** Answers made once and sent many times. What was made first goes first when there are too many. */
export class Answers {
  readonly #kept = new Map<string, Answer>();
  readonly #limit: number;
  #bytes = 0;

  constructor(limit = KEPT_BYTES) {
    this.#limit = limit;
  }

  /** @param key stands for everything that the answer depends on */
  get(key: string, make: () => Answer): Answer {
    const kept = this.#kept.get(key);
    if (kept !== undefined) return kept;
    const made = make();
    this.#kept.set(key, made);
    this.#bytes += made.body.length;
    this.#makeRoom();
    return made;
  }

  get bytes(): number {
    return this.#bytes;
  }

  #makeRoom(): void {
    for (const [key, { body }] of this.#kept) {
      if (this.#bytes <= this.#limit) return;
      this.#kept.delete(key);
      this.#bytes -= body.length;
    }
  }
}
