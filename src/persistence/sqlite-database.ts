import { DatabaseSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';
import { type DriverException, MikroORM, SqliteDriver } from '@mikro-orm/sql';
import type { Backend } from './backend.ts';
import { STEADY_CLOCK_FUNCTION, steadyClockMs } from './database-clock.ts';
import { unavailable } from './database-errors.ts';
import { IN_MEMORY } from './database-location.ts';
import { MIGRATION_TABLE } from './migration-state.ts';
import { commonOrmOptions } from './orm-options.ts';
import { ImmediateSqliteDialect } from './sqlite-dialect.ts';
import { convertSqliteError } from './sqlite-errors.ts';
import { prepareSqliteFile, watchSqliteFile } from './sqlite-file.ts';

export interface SqliteOptions {
  path: string;
  mayCreate: boolean;
  /** How long a statement waits for another process's lock. */
  lockTimeoutMs: number;
}

/**
 * Opens a SQLite file through `node:sqlite`: one connection per process, write-ahead log, foreign keys on.
 * Another program's database is recognised before anything is written.
 *
 * @throws IntermissionError `database_unavailable`, `schema_outdated` (missing and not to be created).
 */
export async function openSqlite(options: SqliteOptions): Promise<Backend> {
  const convertError = (error: unknown) => convertSqliteError(error, options.path);
  try {
    const applied = readApplied(options);
    const connection = await connect(options);
    return {
      kind: 'sqlite',
      label: options.path,
      orm: createOrm(connection, options.path, convertError),
      applied: async () => applied,
      convertError,
    };
  } catch (error) {
    throw convertError(error);
  }
}

/** Names of the migrations in the file. Read-only, so that a file which is not ours stays as it is. */
function readApplied({ path, mayCreate, lockTimeoutMs }: SqliteOptions): string[] {
  if (path === IN_MEMORY || prepareSqliteFile(path, mayCreate) === 'empty') return [];
  const connection = new DatabaseSync(path, { readOnly: true, timeout: lockTimeoutMs });
  try {
    const tables = connection.prepare("select name from sqlite_master where type = 'table'").all();
    if (tables.length === 0) return [];
    if (!tables.some(({ name }) => name === MIGRATION_TABLE)) throw notOurs(path);
    return connection
      .prepare(`select name from ${MIGRATION_TABLE} order by id`)
      .all()
      .map(({ name }) => String(name));
  } finally {
    connection.close();
  }
}

function notOurs(path: string): Error {
  return unavailable(
    `The database ${path} belongs to another program: it has tables, and none of them is ours.`,
    'Set DATABASE_URL to a file of its own. Nothing in this one was changed.',
  );
}

async function connect({ path, lockTimeoutMs }: SqliteOptions): Promise<DatabaseSync> {
  const connection = new DatabaseSync(path, { timeout: lockTimeoutMs, enableForeignKeyConstraints: true });
  connection.function(STEADY_CLOCK_FUNCTION, steadyClockMs);
  const giveUpAt = performance.now() + lockTimeoutMs;
  for (;;) {
    try {
      connection.exec('pragma journal_mode = wal; pragma synchronous = full');
      return connection;
    } catch (error) {
      // Turning the log on does not wait for other processes that do the same, so wait here.
      if (!isBusy(error) || performance.now() > giveUpAt) {
        connection.close();
        throw error;
      }
      await delay(10);
    }
  }
}

function isBusy(error: unknown): boolean {
  return ((error as { errcode?: number }).errcode ?? 0) % 256 === 5;
}

function createOrm(
  connection: DatabaseSync,
  path: string,
  convertError: (error: unknown) => unknown,
): MikroORM {
  class Driver extends SqliteDriver {
    override convertException(error: Error): DriverException {
      return convertError(error) as DriverException;
    }
  }
  return new MikroORM({
    driver: Driver,
    dbName: path,
    driverOptions: new ImmediateSqliteDialect(
      connection,
      path === IN_MEMORY ? () => undefined : watchSqliteFile(path),
    ),
    ...commonOrmOptions(),
  });
}
