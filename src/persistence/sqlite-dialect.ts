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

  constructor(connection: DatabaseSync) {
    const config = { database: adapt(connection) };
    super(config);
    this.#config = config;
  }

  override createDriver(): Driver {
    return releaseOnFailure(new QueueingDriver(this.#config));
  }

  override createAdapter(): DialectAdapter {
    return new Adapter();
  }
}

/** Hands the one connection to one user after the other, in the order in which they ask. */
class QueueingDriver extends SqliteDriver {
  #free = Promise.resolve();
  #release: () => void = () => undefined;

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
    await connection.executeQuery(CompiledQuery.raw('begin immediate'));
  }
}

/** Switches off the queue of Kysely, which a failed `begin` would block for ever. */
class Adapter extends SqliteAdapter {
  override get supportsMultipleConnections(): boolean {
    return true;
  }
}

/** The shape that Kysely knows from better-sqlite3. `iterate` is what streaming needs. */
function adapt(connection: DatabaseSync): SqliteDialectConfig['database'] {
  return {
    prepare(sql) {
      const statement = connection.prepare(sql);
      return {
        reader: statement.columns().length > 0,
        all: (parameters) => statement.all(...(parameters as SQLInputValue[])),
        run: (parameters) => statement.run(...(parameters as SQLInputValue[])),
        iterate: (parameters) => statement.iterate(...(parameters as SQLInputValue[])),
      };
    },
    close: () => {
      if (connection.isOpen) connection.close();
    },
  };
}
