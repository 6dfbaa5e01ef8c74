import type { BulkEvent, BulkResult } from './types.ts';

export type Emit = (event: BulkEvent) => void;

/**
 * A run over many sites: `await run` for its result, `for await (const event of run)` to follow it. It begins with
 * the first of these. Each loop sees all events; leaving one does not end the run, its signal does.
 */
export class BulkRun implements PromiseLike<BulkResult>, AsyncIterable<BulkEvent> {
  readonly #start: (emit: Emit) => Promise<BulkResult>;
  readonly #events: BulkEvent[] = [];
  #result: Promise<BulkResult> | undefined;
  #news = Promise.withResolvers<void>();

  constructor(start: (emit: Emit) => Promise<BulkResult>) {
    this.#start = start;
  }

  // biome-ignore lint/suspicious/noThenProperty: a run is awaited for its result
  then<Fulfilled = BulkResult, Rejected = never>(
    onFulfilled?: ((result: BulkResult) => Fulfilled | PromiseLike<Fulfilled>) | null,
    onRejected?: ((error: unknown) => Rejected | PromiseLike<Rejected>) | null,
  ): Promise<Fulfilled | Rejected> {
    return this.#begin().then(onFulfilled, onRejected);
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<BulkEvent, void, undefined> {
    const result = this.#begin();
    let isOver = false;
    const over = () => {
      isOver = true;
      this.#tell();
    };
    result.then(over, over);
    for (let index = 0; ; index += 1) {
      while (index >= this.#events.length && !isOver) await this.#news.promise;
      const event = this.#events[index];
      if (event === undefined) break;
      yield event;
    }
    await result;
  }

  #begin(): Promise<BulkResult> {
    this.#result ??= this.#run();
    return this.#result;
  }

  async #run(): Promise<BulkResult> {
    const emit: Emit = (event) => {
      this.#events.push(event);
      this.#tell();
    };
    const result = await this.#start(emit);
    emit({ type: 'done', result });
    return result;
  }

  #tell(): void {
    this.#news.resolve();
    this.#news = Promise.withResolvers();
  }
}
