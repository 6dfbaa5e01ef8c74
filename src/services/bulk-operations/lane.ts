import type { CallBudget } from '../maintenance/ports.ts';

/** Work in steps of so many calls at least. `run` makes one step; false: there are more. */
export interface Task {
  calls: number;
  run(): Promise<boolean>;
}

export interface LaneOptions {
  budget: CallBudget;
  /** Steps in hand at the same time. */
  concurrency: number;
  /** Once it is aborted, no other step is begun. */
  signal: AbortSignal;
  onPause: (until: Date) => void;
}

/** Of a budget that trickles in, so much is waited for at a time. */
const HANDFUL = 50;

/**
 * The queue of one API key. Begins a step only when the call budget has room for it and for all in hand, so that none
 * has to wait with a lock in its hand. Returns when all that was begun has ended.
 *
 * @throws what a task throws; no other is then begun
 */
export async function runLane(tasks: readonly Task[], options: LaneOptions): Promise<void> {
  const { budget, concurrency, signal } = options;
  const queue = [...tasks];
  const inHand = new InHand();
  while (!signal.aborted && inHand.failure === undefined) {
    const [next] = queue;
    const isFree = next !== undefined && inHand.size < concurrency;
    if (isFree && budget.room().calls >= inHand.calls + next.calls) {
      queue.shift();
      inHand.begin(next, () => queue.unshift(next));
    } else if (inHand.size > 0) await inHand.oneLess();
    else if (next === undefined) break;
    else await pause(queue, options);
  }
  while (inHand.size > 0) await inHand.oneLess();
  if (inHand.failure !== undefined) throw inHand.failure.error;
}

async function pause(queue: readonly Task[], { budget, signal, onPause }: LaneOptions): Promise<void> {
  const [next] = queue;
  const ahead = queue.slice(0, HANDFUL).reduce((sum, { calls }) => sum + calls, 0);
  const needed = Math.max(next?.calls ?? 0, Math.min(ahead, HANDFUL));
  try {
    await budget.awaitRoom(needed, { signal, onWait: onPause });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

/** What has been begun and has not ended. */
class InHand {
  size = 0;
  calls = 0;
  failure: { error: unknown } | undefined;
  #less = Promise.withResolvers<void>();

  begin(task: Task, goOn: () => void): void {
    this.size += 1;
    this.calls += task.calls;
    const end = () => {
      this.size -= 1;
      this.calls -= task.calls;
      this.#less.resolve();
      this.#less = Promise.withResolvers();
    };
    const failed = (error: unknown) => {
      this.failure ??= { error };
    };
    void task
      .run()
      .then((isDone) => !isDone && goOn(), failed)
      .finally(end);
  }

  oneLess(): Promise<void> {
    return this.#less.promise;
  }
}
