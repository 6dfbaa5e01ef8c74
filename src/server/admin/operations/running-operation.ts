import type { Operation, OperationEvent } from '../../contract/operations.ts';
import type { Progress } from './carry-out.ts';

export interface NumberedEvent {
  /** Counts from 1. */
  id: number;
  event: OperationEvent;
}

export interface RunningOperationOptions {
  about: Pick<Operation, 'id' | 'action' | 'reason' | 'actor' | 'total'>;
  now: () => Date;
  /** Does the work; ends early when the signal says so. */
  work: (signal: AbortSignal) => AsyncIterable<Progress>;
  /** Told of what was not foreseen. */
  onError: (error: unknown) => void;
}

/** One confirmed plan that is being carried out, or was. Any number of browsers may follow it, from any point on. */
export class RunningOperation {
  readonly #events: NumberedEvent[] = [];
  readonly #stop = new AbortController();
  readonly #now: () => Date;
  #state: Operation;
  #news = Promise.withResolvers<void>();
  /** Settled when the work has ended; never rejects. */
  readonly ended: Promise<void>;

  constructor({ about, now, work, onError }: RunningOperationOptions) {
    this.#now = now;
    const counts = { finished: 0, succeeded: 0, failed: 0, skipped: 0 };
    this.#state = { ...about, startedAt: now().toISOString(), finishedAt: null, ...counts };
    this.#add({ type: 'started', operation: this.#state });
    this.ended = this.#run(work, onError);
  }

  get state(): Operation {
    return this.#state;
  }

  /** Finishes the sites in hand and leaves the rest as it is. */
  cancel(): void {
    this.#stop.abort();
  }

  /** Everything after the event `after`, as it happens; ends after `done`. No longer waits once `signal` says so. */
  async *follow(after: number, signal: AbortSignal): AsyncGenerator<NumberedEvent, void, undefined> {
    const { promise: aborted, resolve } = Promise.withResolvers<void>();
    signal.addEventListener('abort', () => resolve(), { once: true });
    for (let index = Math.max(0, after); ; index += 1) {
      while (index >= this.#events.length && this.#state.finishedAt === null && !signal.aborted)
        await Promise.race([this.#news.promise, aborted]);
      const event = this.#events[index];
      if (event === undefined) return;
      yield event;
    }
  }

  async #run(
    work: RunningOperationOptions['work'],
    onError: RunningOperationOptions['onError'],
  ): Promise<void> {
    try {
      for await (const progress of work(this.#stop.signal)) this.#note(progress);
    } catch (error) {
      onError(error);
      // Whatever kept the run from going on is a failure of the sites that are left.
      const left = this.#state.total - this.#state.finished;
      this.#state = { ...this.#state, finished: this.#state.total, failed: this.#state.failed + left };
    }
    this.#state = { ...this.#state, finishedAt: this.#now().toISOString() };
    this.#add({ type: 'done', operation: this.#state });
  }

  #note(progress: Progress): void {
    if (progress.type === 'paused') {
      this.#add(progress);
      return;
    }
    const counter = COUNTERS[progress.outcome];
    const { finished, total } = this.#state;
    this.#state = { ...this.#state, finished: finished + 1, [counter]: this.#state[counter] + 1 };
    this.#add({ ...progress, finished: finished + 1, total });
  }

  #add(event: OperationEvent): void {
    this.#events.push({ id: this.#events.length + 1, event });
    this.#news.resolve();
    this.#news = Promise.withResolvers();
  }
}

const COUNTERS = { done: 'succeeded', failed: 'failed', skipped: 'skipped' } as const;
