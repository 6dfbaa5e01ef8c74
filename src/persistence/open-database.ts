import type { Backend } from './backend.ts';
import { type Database, OrmDatabase } from './database.ts';
import { outdated } from './database-errors.ts';
import { parseDatabaseUrl } from './database-location.ts';
import { MIGRATIONS, pendingMigrations } from './migration-state.ts';
import type { MigrationIndex } from './migrations/migration-index.ts';
import { openSqlite } from './sqlite-database.ts';

export type { Database } from './database.ts';
export type { DatabaseKind } from './database-location.ts';

export interface OpenOptions {
  /** See {@link parseDatabaseUrl}: `sqlite:/path`, `file:…`, a path, `:memory:` or `postgresql://…`. */
  url: string;
  /** Creates and brings up to date what is missing; without it, an outdated database is refused. */
  autoMigrate: boolean;
  /** How long a statement waits for another process's lock. Default 5,000. */
  lockTimeoutMs?: number;
}

const DEFAULT_LOCK_TIMEOUT_MS = 5_000;

/**
 * Opens the database and makes sure that its tables are those of this code.
 *
 * @throws IntermissionError `validation_failed` for a URL that cannot be read; `database_unavailable` for a
 *   database that cannot be used, with the reason; `schema_outdated` when it is newer than this code or,
 *   without `autoMigrate`, older. A database that is refused is left as it was.
 */
export async function openDatabase(options: OpenOptions): Promise<Database> {
  const backend = await openBackend(options);
  const database = new OrmDatabase(backend);
  try {
    const index = MIGRATIONS[backend.kind];
    const pending = pendingMigrations(index, await backend.applied(), backend.label);
    if (pending.length > 0) await bringUpToDate(database, index, pending.length, options.autoMigrate);
    return database;
  } catch (error) {
    await database.close();
    throw error;
  }
}

/** Connects without looking at the tables, for `openDatabase` and `migrateDatabase`. */
export async function openBackend(options: OpenOptions): Promise<Backend> {
  const { url, autoMigrate: mayCreate, lockTimeoutMs = DEFAULT_LOCK_TIMEOUT_MS } = options;
  const location = parseDatabaseUrl(url);
  if (location.kind === 'postgresql') {
    const { openPostgresql } = await import('./postgresql-database.ts');
    return openPostgresql({ url, label: location.label, lockTimeoutMs });
  }
  return openSqlite({ path: location.path, mayCreate, lockTimeoutMs });
}

async function bringUpToDate(
  database: Database,
  index: MigrationIndex,
  pending: number,
  autoMigrate: boolean,
): Promise<void> {
  if (!autoMigrate) {
    throw outdated(
      `The database ${database.location} is older than this version of Intermission (pending migrations: ${pending}).`,
      'Make a backup, then run `intermission migrate`.',
    );
  }
  const { applyMigrations } = await import('./apply-migrations.ts');
  await applyMigrations(database, index);
}
