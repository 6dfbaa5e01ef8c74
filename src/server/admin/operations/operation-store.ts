import { randomUUID } from 'node:crypto';
import { IntermissionError } from '../../../errors.ts';
import type { Operation } from '../../contract/operations.ts';
import { RunningOperation, type RunningOperationOptions } from './running-operation.ts';

/** Finished operations that are remembered, and the sites of all of them together. */
const MAX_FINISHED = 20;
const MAX_SITES = 50_000;

/** The operations of this process. The log keeps what they did; this is for following them. */
export class OperationStore {
  readonly #options: Pick<RunningOperationOptions, 'now' | 'onError'>;
  readonly #operations = new Map<string, RunningOperation>();

  constructor(options: Pick<RunningOperationOptions, 'now' | 'onError'>) {
    this.#options = options;
  }

  start(
    about: Pick<Operation, 'action' | 'reason' | 'actor' | 'total'>,
    work: RunningOperationOptions['work'],
  ): RunningOperation {
    const id = randomUUID();
    const operation = new RunningOperation({ about: { id, ...about }, work, ...this.#options });
    this.#operations.set(id, operation);
    this.#forget();
    return operation;
  }

  /** @throws IntermissionError `not_found` */
  get(id: string): RunningOperation {
    const operation = this.#operations.get(id);
    if (operation !== undefined) return operation;
    throw new IntermissionError('not_found', 'This operation is not known any more.', {
      hint: 'The log says what it did.',
    });
  }

  /** The newest first. */
  all(): Operation[] {
    return [...this.#operations.values()].map(({ state }) => state).reverse();
  }

  /** Stops what is running after the sites in hand, and waits for these. */
  async close(): Promise<void> {
    for (const operation of this.#operations.values()) operation.cancel();
    await Promise.all([...this.#operations.values()].map(({ ended }) => ended));
  }

  /** The oldest that are finished go, until what is left is within bounds. */
  #forget(): void {
    const finished = [...this.#operations.values()].filter(({ state }) => state.finishedAt !== null);
    let sites = [...this.#operations.values()].reduce((sum, { state }) => sum + state.total, 0);
    for (const [index, { state }] of finished.entries()) {
      if (finished.length - index <= MAX_FINISHED && sites <= MAX_SITES) return;
      this.#operations.delete(state.id);
      sites -= state.total;
    }
  }
}
