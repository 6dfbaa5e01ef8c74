import { existsSync } from 'node:fs';
import { OrmDatabase } from './database.ts';
import { IN_MEMORY, parseDatabaseUrl } from './database-location.ts';
import { MIGRATIONS, pendingMigrations } from './migration-state.ts';
import { openBackend } from './open-database.ts';

export interface MigrateOptions {
  /** As for `openDatabase`. */
  url: string;
  /** Only says what is pending; changes and creates nothing. */
  checkOnly?: boolean;
  lockTimeoutMs?: number;
}

export interface MigrationReport {
  /** Names of the migrations that this call applied, oldest first. */
  applied: string[];
  /** Names of those that the database still needs. */
  pending: string[];
}

/**
 * Brings a database up to date, whatever INTERMISSION_AUTO_MIGRATE says: what `intermission migrate` does.
 *
 * @throws IntermissionError as `openDatabase`; `schema_outdated` only for a database that is newer than this code.
 */
export async function migrateDatabase(options: MigrateOptions): Promise<MigrationReport> {
  const { checkOnly = false, ...where } = options;
  const location = parseDatabaseUrl(options.url);
  const index = MIGRATIONS[location.kind];
  if (checkOnly && location.kind === 'sqlite' && isMissing(location.path)) {
    return { applied: [], pending: Object.keys(index) };
  }
  const backend = await openBackend({ ...where, autoMigrate: true });
  await using database = new OrmDatabase(backend);
  const pending = pendingMigrations(index, await backend.applied(), backend.label);
  if (checkOnly || pending.length === 0) return { applied: [], pending };
  const { applyMigrations } = await import('./apply-migrations.ts');
  return { applied: await applyMigrations(database, index), pending: [] };
}

function isMissing(path: string): boolean {
  return path !== IN_MEMORY && !existsSync(path);
}
