/** What a watch is made of. */
export interface WatchParts<Event> {
  now: () => Date;
  wait: (ms: number, signal?: AbortSignal) => Promise<void>;
  /** The first moment after `since` at which there is something to do, as far as is known. */
  nextDue: (since: Date) => Promise<Date | undefined>;
  /** The ids of the windows that there is something to do about. */
  dueWindows: () => Promise<number[]>;
  /** Everything that is not about one window: signs of life, recovery, ends of holds. */
  sweep: (signal: AbortSignal) => Promise<Event>;
  /** Hands over what is to be told. */
  deliver: (signal: AbortSignal) => Promise<Event>;
  processWindow: (id: number, signal: AbortSignal) => Promise<Event>;
  /** What is done after either, while other things go on: a proof. */
  afterwards: (event: Event, signal: AbortSignal) => Promise<Event | undefined>;
}

export interface WatchOptions<Event> {
  /** Ends the watch: what is in hand is finished. */
  signal: AbortSignal;
  report: (event: Event) => void;
  /** Told of what failed as a whole, such as a database that does not answer; the watch goes on. */
  onError: (error: unknown) => undefined;
}

/** Without anything due, everything is looked at this often: others may have changed it. */
const ROUND_MS = 30_000;
/** How often the next moment is asked for: others may plan a window that begins sooner. */
const LOOK_MS = 5_000;

/**
 * Does what is due, when it is due, until it is told to stop. Windows are in hand side by side, so that one that takes
 * long, or waits for somebody, does not make another one begin late.
 */
export async function watch<Event>(parts: WatchParts<Event>, options: WatchOptions<Event>): Promise<void> {
  const hands = new Hands(parts, options);
  const { signal } = options;
  let lastRound = Number.NEGATIVE_INFINITY;
  let due = parts.now().getTime();
  while (!signal.aborted) {
    const now = parts.now().getTime();
    if (now >= due || now - lastRound >= ROUND_MS || now < lastRound) {
      lastRound = now;
      await round(parts, hands, signal).catch(options.onError);
    }
    // Counted from the last round: what has become due since then is not passed over.
    const next = await parts.nextDue(new Date(lastRound)).catch(options.onError);
    due = next?.getTime() ?? Number.POSITIVE_INFINITY;
    const left = Math.min(LOOK_MS, due - parts.now().getTime());
    if (left > 0) await parts.wait(left, signal).catch(() => undefined);
  }
  await hands.empty();
}

async function round<Event>(
  parts: WatchParts<Event>,
  hands: Hands<Event>,
  signal: AbortSignal,
): Promise<void> {
  hands.take('sweep', () => parts.sweep(signal));
  hands.take('deliver', () => parts.deliver(signal));
  for (const id of await parts.dueWindows()) {
    hands.take(`window:${id}`, () => parts.processWindow(id, signal));
  }
}

/** What is being done. Nothing is done twice at the same time; what is asked for meanwhile is done again. */
class Hands<Event> {
  readonly #parts: Pick<WatchParts<Event>, 'afterwards'>;
  readonly #options: WatchOptions<Event>;
  readonly #busy = new Map<string, Promise<void>>();
  readonly #again = new Set<string>();
  readonly #after = new Set<Promise<void>>();

  constructor(parts: Pick<WatchParts<Event>, 'afterwards'>, options: WatchOptions<Event>) {
    this.#parts = parts;
    this.#options = options;
  }

  take(name: string, work: () => Promise<Event>): void {
    if (this.#busy.has(name)) this.#again.add(name);
    else this.#busy.set(name, this.#carryOut(name, work));
  }

  async empty(): Promise<void> {
    while (this.#busy.size + this.#after.size > 0) {
      await Promise.all([...this.#busy.values(), ...this.#after]);
    }
  }

  async #carryOut(name: string, work: () => Promise<Event>): Promise<void> {
    const { signal, report, onError } = this.#options;
    do {
      this.#again.delete(name);
      try {
        const event = await work();
        report(event);
        this.#follow(event);
      } catch (error) {
        onError(error);
      }
    } while (this.#again.has(name) && !signal.aborted);
    this.#busy.delete(name);
  }

  #follow(event: Event): void {
    const { signal, report, onError } = this.#options;
    const done: Promise<void> = this.#parts
      .afterwards(event, signal)
      .then((more) => {
        if (more !== undefined) report(more);
      })
      .catch(onError)
      .finally(() => this.#after.delete(done));
    this.#after.add(done);
  }
}
