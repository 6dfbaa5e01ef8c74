import { AsyncLocalStorage } from 'node:async_hooks';
import type { SqlEntityManager } from '@mikro-orm/sql';
import { IntermissionError } from '../errors.ts';
import type { Backend } from './backend.ts';
import { clockSql } from './database-clock.ts';
import type { DatabaseKind } from './database-location.ts';

/** An open database. Close it, or declare it with `await using`. */
export interface Database extends AsyncDisposable {
  readonly kind: DatabaseKind;
  /** Where it is, for people: a path or a URL without password. */
  readonly location: string;
  /** A fresh entity manager outside any transaction. */
  read(): SqlEntityManager;
  /**
   * Runs `work` in one transaction, commits, and returns its result; an error rolls everything back. Inside,
   * use only the entity manager that `work` gets: SQLite has one connection, any other would wait for ever
   * (`read` and `transaction` refuse to be called there). Read what is going to be written with
   * `LockMode.PESSIMISTIC_WRITE`. Keep it short, and never wait for the network in it.
   */
  transaction<T>(work: (em: SqlEntityManager) => Promise<T>): Promise<T>;
  /** Milliseconds since 1970 by the database's clock: the same for every process that uses it. */
  nowMs(em: SqlEntityManager): Promise<number>;
  /** @throws IntermissionError `database_unavailable` when the database does not answer. */
  ping(): Promise<void>;
  close(): Promise<void>;
}

export class OrmDatabase implements Database {
  readonly kind: DatabaseKind;
  readonly location: string;
  readonly #backend: Backend;
  #isClosed = false;
  readonly #scope = new AsyncLocalStorage<{ open: boolean }>();

  constructor(backend: Backend) {
    this.kind = backend.kind;
    this.location = backend.label;
    this.#backend = backend;
  }

  read(): SqlEntityManager {
    this.#refuseMisuse();
    return this.#backend.orm.em.fork();
  }

  async transaction<T>(work: (em: SqlEntityManager) => Promise<T>): Promise<T> {
    const em = this.read();
    const scope = { open: true };
    try {
      return await em.transactional((inner) => this.#scope.run(scope, () => work(inner)));
    } catch (error) {
      throw this.#backend.convertError(error);
    } finally {
      scope.open = false;
    }
  }

  async nowMs(em: SqlEntityManager): Promise<number> {
    const rows = await em.execute<{ now: number }[]>(`select ${clockSql(em)} as now`);
    return Number(rows[0]?.now);
  }

  async ping(): Promise<void> {
    await this.read().execute('select 1');
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await this.#backend.orm.close(true);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** MikroORM would connect anew after closing, and wait for ever beside a transaction. */
  #refuseMisuse(): void {
    if (this.#isClosed) throw misused('after it was closed', 'Open it again.');
    if (this.#scope.getStore()?.open === true) {
      throw misused('beside a transaction that is open', 'Inside, use the entity manager that it passes.');
    }
  }
}

function misused(when: string, hint: string): IntermissionError {
  return new IntermissionError('internal', `The database was used ${when}.`, { hint });
}
