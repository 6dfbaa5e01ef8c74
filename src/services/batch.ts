/** What became of one request of a batch. */
export type Served<Answer> = { value: Answer } | { error: unknown };

export interface BatchOptions {
  /** Requests that are served together at most. */
  max?: number;
  /** How long a patient request waits for others, milliseconds. */
  patienceMs?: number;
  /** True for a failure that would meet every request of the batch alone as well. */
  isFinal?: (error: unknown) => boolean;
}

interface Waiting<Request, Answer> {
  request: Request;
  isPatient: boolean;
  answer: PromiseWithResolvers<Answer>;
}

const MAX = 32;
const PATIENCE_MS = 50;

/**
 * Serves together what is asked at the same time, say in one transaction: a question alone is served at once, and those
 * that come while it is being served follow together. Whatever `serve` looks at, it looks at after the question was
 * asked. When it fails for several, each is tried alone, so that none suffers from another.
 */
export class Batch<Request, Answer> {
  readonly #serve: (requests: readonly Request[]) => Promise<readonly Served<Answer>[]>;
  readonly #options: Required<BatchOptions>;
  readonly #waiting: Waiting<Request, Answer>[] = [];
  #isWorking = false;
  #hurry: () => void = () => undefined;

  constructor(
    serve: (requests: readonly Request[]) => Promise<readonly Served<Answer>[]>,
    options: BatchOptions = {},
  ) {
    this.#serve = serve;
    this.#options = { max: MAX, patienceMs: PATIENCE_MS, isFinal: () => false, ...options };
  }

  /** @param isPatient whether it may wait a moment, because many others are on their way */
  ask(request: Request, isPatient = false): Promise<Answer> {
    const answer = Promise.withResolvers<Answer>();
    this.#waiting.push({ request, isPatient, answer });
    if (!isPatient || this.#waiting.length >= this.#options.max) this.#hurry();
    if (!this.#isWorking) void this.#work();
    return answer.promise;
  }

  async #work(): Promise<void> {
    this.#isWorking = true;
    while (this.#waiting.length > 0) {
      await this.#gather();
      const batch = this.#waiting.splice(0, this.#options.max);
      const served = await this.#serveAll(batch.map(({ request }) => request));
      for (const [index, { answer }] of batch.entries()) {
        const outcome = served[index] ?? { error: new Error('A request of a batch was not served.') };
        if ('error' in outcome) answer.reject(outcome.error);
        else answer.resolve(outcome.value);
      }
    }
    this.#isWorking = false;
  }

  /** Whoever asks in the same turn of the event loop comes along, and those who come soon, if all have the patience. */
  async #gather(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    if (this.#waiting.length >= this.#options.max || !this.#waiting.every(({ isPatient }) => isPatient))
      return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, this.#options.patienceMs);
      this.#hurry = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  async #serveAll(requests: readonly Request[]): Promise<readonly Served<Answer>[]> {
    try {
      return await this.#serve(requests);
    } catch (error) {
      if (requests.length === 1 || this.#options.isFinal(error)) return requests.map(() => ({ error }));
      const served: Served<Answer>[] = [];
      for (const request of requests) served.push(...(await this.#serveAll([request])));
      return served;
    }
  }
}

/** For questions that only read: `ask` gives the answers in the order of the requests. */
export function batchedReads<Request, Answer>(
  ask: (requests: readonly Request[]) => Promise<readonly Answer[]>,
): (request: Request) => Promise<Answer> {
  const batch = new Batch<Request, Answer>(async (requests) =>
    (await ask(requests)).map((value) => ({ value })),
  );
  return (request) => batch.ask(request);
}
