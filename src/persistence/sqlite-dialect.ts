import type { DatabaseSync, SQLInputValue } from 'node:sqlite';
import {
  CompiledQuery,
  type DatabaseConnection,
  type DialectAdapter,
  type Driver,
  SqliteAdapter,
  SqliteDialect,
  type SqliteDialectConfig,
  SqliteDriver,
} from 'kysely';
import { releaseOnFailure } from './release-on-failure.ts';

/**
 * Kysely on one open connection of `node:sqlite`. Transactions begin *immediate*: they take the write lock at
 * once, so two processes that read, decide and write queue up instead of failing half way.
 */
export class ImmediateSqliteDialect extends SqliteDialect {
  readonly #config: SqliteDialectConfig;

  readonly #beforeTransaction: () => void;

  /** `beforeTransaction` throws when none may begin. */
  constructor(connection: DatabaseSync, beforeTransaction: () => void) {
    const config = { database: adapt(connection) };
    super(config);
    this.#config = config;
    this.#beforeTransaction = beforeTransaction;
  }

  override createDriver(): Driver {
    return releaseOnFailure(new QueueingDriver(this.#config, this.#beforeTransaction));
  }

  override createAdapter(): DialectAdapter {
    return new Adapter();
  }
}

/** Hands the one connection to one user after the other, in the order in which they ask. */
class QueueingDriver extends SqliteDriver {
  #free = Promise.resolve();
  #release: () => void = () => undefined;
  readonly #beforeTransaction: () => void;

  constructor(config: SqliteDialectConfig, beforeTransaction: () => void) {
    super(config);
    this.#beforeTransaction = beforeTransaction;
  }

  override async acquireConnection(): Promise<DatabaseConnection> {
    const previous = this.#free;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#free = promise;
    await previous;
    this.#release = resolve;
    return super.acquireConnection();
  }

  override async releaseConnection(): Promise<void> {
    this.#release();
  }

  override async beginTransaction(connection: DatabaseConnection): Promise<void> {
    this.#beforeTransaction();
    await connection.executeQuery(CompiledQuery.raw('begin immediate'));
  }
}

/** Switches off the queue of Kysely, which a failed `begin` would block for ever. */
class Adapter extends SqliteAdapter {
  override get supportsMultipleConnections(): boolean {
    return true;
  }
}

/** Compiling a statement takes longer than running it; the ORM sends the same ones again and again. */
const KEPT_STATEMENTS = 200;

/** A text that is longer holds the values of many rows, and never comes again: keeping it would only take memory. */
const LONGEST_KEPT = 4_000;

/**
 * Begins a statement whose result may be lost in a power failure, because nobody lives on to rely on it. It need not
 * wait for the disk. A later commit that does wait stores it as well.
 */
export const FLEETING = '/* fleeting */';

/** The shape that Kysely knows from better-sqlite3. `iterate` is what streaming needs. */
function adapt(connection: DatabaseSync): SqliteDialectConfig['database'] {
  const kept = new Map<string, ReturnType<typeof compile>>();
  return {
    prepare(sql) {
      if (sql.length > LONGEST_KEPT) return compile(connection, sql);
      const known = kept.get(sql) ?? compile(connection, sql);
      // The one used last goes to the end; the one unused for longest is at the beginning.
      kept.delete(sql);
      kept.set(sql, known);
      const [oldest] = kept.keys();
      if (kept.size > KEPT_STATEMENTS && oldest !== undefined) kept.delete(oldest);
      return known;
    },
    close: () => {
      kept.clear();
      if (connection.isOpen) connection.close();
    },
  };
}

function compile(connection: DatabaseSync, sql: string) {
  const statement = connection.prepare(sql);
  const guard = sql.startsWith(FLEETING) ? withoutSync : atOnce;
  return {
    reader: statement.columns().length > 0,
    all: (parameters: readonly unknown[]) =>
      guard(connection, () => statement.all(...(parameters as SQLInputValue[]))),
    run: (parameters: readonly unknown[]) =>
      guard(connection, () => statement.run(...(parameters as SQLInputValue[]))),
    // Not the kept one: it may be run again before the loop over its rows is over.
    iterate: (parameters: readonly unknown[]) =>
      connection.prepare(sql).iterate(...(parameters as SQLInputValue[])),
  };
}

function atOnce<T>(_connection: DatabaseSync, work: () => T): T {
  return work();
}

/** In a transaction the commit decides. */
function withoutSync<T>(connection: DatabaseSync, work: () => T): T {
  if (connection.isTransaction) return work();
  connection.exec('pragma synchronous = normal');
  try {
    return work();
  } finally {
    connection.exec('pragma synchronous = full');
  }
}
