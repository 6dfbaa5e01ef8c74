import { isMatch, type RequestLogEntry } from './request-log.ts';
import type { HoldSeed } from './schemas.ts';

/**
 * `armed`: waits for its request. `reached`: the request is there and waits. `released`: it was let go and, with
 * `before`, performed. `discarded`: it was not performed and got no answer.
 */
export type HoldState = 'armed' | 'reached' | 'released' | 'discarded';

export interface Hold {
  readonly id: string;
  readonly when: 'before' | 'after';
  readonly state: HoldState;
  /** The held request, once it is there. */
  readonly request: RequestLogEntry | undefined;
  /** Resolves when the request is there: with `before` not performed yet, with `after` performed. */
  readonly reached: Promise<RequestLogEntry>;
  /**
   * Lets the request go; resolves when its outcome is final. With `discard`, or when the client has gone, a request
   * held `before` is not performed. A hold that nothing has reached holds nothing any more.
   */
  release(options?: { discard?: boolean }): Promise<void>;
}

/** What a hold needs to know of the connection. */
export interface HeldConnection {
  /** Resolves when the client has gone. */
  readonly closed: Promise<void>;
  isGone(): boolean;
}

export class Holds {
  readonly #holds = new Map<string, ArmedHold>();
  #made = 0;

  add(seed: HoldSeed): Hold {
    this.#made += 1;
    const hold = new ArmedHold(`hold-${this.#made}`, seed);
    this.#holds.set(hold.id, hold);
    return hold;
  }

  find(id: string): Hold | undefined {
    return this.#holds.get(id);
  }

  list(): Hold[] {
    return [...this.#holds.values()];
  }

  /** The hold that this request has run into, if any. */
  take(request: RequestLogEntry): ArmedHold | undefined {
    let taken: ArmedHold | undefined;
    for (const hold of this.#holds.values()) {
      if (hold.counts(request) && taken === undefined) taken = hold;
    }
    return taken;
  }

  /** Discards what is held and forgets all holds. */
  async clear(): Promise<void> {
    const holds = [...this.#holds.values()];
    this.#holds.clear();
    await Promise.all(holds.map((hold) => hold.release({ discard: true })));
  }
}

export class ArmedHold implements Hold {
  readonly id: string;
  readonly when: 'before' | 'after';
  readonly reached: Promise<RequestLogEntry>;
  readonly #seed: HoldSeed;
  readonly #arrival = Promise.withResolvers<RequestLogEntry>();
  readonly #order = Promise.withResolvers<'perform' | 'discard'>();
  readonly #outcome = Promise.withResolvers<void>();
  #seen = 0;
  #state: HoldState = 'armed';
  #request: RequestLogEntry | undefined;
  #claimed = false;

  constructor(id: string, seed: HoldSeed) {
    this.id = id;
    this.when = seed.when;
    this.#seed = seed;
    this.reached = this.#arrival.promise;
  }

  get state(): HoldState {
    return this.#state;
  }

  get request(): RequestLogEntry | undefined {
    return this.#request;
  }

  /** Counts a request that it means; true when this is the one to hold. */
  counts(request: RequestLogEntry): boolean {
    const wanted = { writesOnly: true, ...this.#seed };
    if (this.#claimed || this.#state !== 'armed' || !isMatch(request, wanted)) return false;
    this.#seen += 1;
    this.#claimed = this.#seen === (this.#seed.nth ?? 1);
    return this.#claimed;
  }

  /** Holds a request until it is released; says whether to go on with it. */
  async wait(request: RequestLogEntry, connection: HeldConnection): Promise<boolean> {
    if (this.#state === 'armed') this.#state = 'reached';
    this.#request = request;
    this.#arrival.resolve(request);
    const order = await Promise.race([this.#order.promise, connection.closed.then(() => 'gone' as const)]);
    await letSocketsSpeak();
    const goesOn = order === 'perform' && !connection.isGone();
    if (!goesOn && this.when === 'before') this.#state = 'discarded';
    else if (order !== 'gone') this.#state = 'released';
    return goesOn;
  }

  /** Told by the server when nothing more happens to the request. */
  finish(): void {
    if (this.#state === 'reached') this.#state = 'released';
    this.#outcome.resolve();
  }

  async release(options: { discard?: boolean } = {}): Promise<void> {
    this.#order.resolve(options.discard === true ? 'discard' : 'perform');
    if (this.#claimed) return this.#outcome.promise;
    this.#state = 'released';
  }
}

/** A client killed a moment ago may be known to the system but not yet to Node: lets pending socket events come in. */
async function letSocketsSpeak(): Promise<void> {
  for (let turn = 0; turn < 3; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}
