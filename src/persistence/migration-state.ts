import { outdated } from './database-errors.ts';
import type { DatabaseKind } from './database-location.ts';
import type { MigrationIndex } from './migrations/migration-index.ts';
import { MIGRATIONS as POSTGRESQL_MIGRATIONS } from './migrations/postgresql/index.ts';
import { MIGRATIONS as SQLITE_MIGRATIONS } from './migrations/sqlite/index.ts';

/** The table that remembers which migrations a database has had. */
export const MIGRATION_TABLE = 'intermission_migration';

/** The migrations of each kind of database, oldest first: names at once, classes when they are applied. */
export const MIGRATIONS: Record<DatabaseKind, MigrationIndex> = {
  sqlite: SQLITE_MIGRATIONS,
  postgresql: POSTGRESQL_MIGRATIONS,
};

/**
 * Names of the migrations that a database still needs, oldest first.
 *
 * @throws IntermissionError `schema_outdated` when the database has had migrations that this code does not know.
 */
export function pendingMigrations(
  index: MigrationIndex,
  applied: readonly string[],
  label: string,
): string[] {
  const unknown = applied.filter((name) => !(name in index));
  if (unknown.length > 0) {
    throw outdated(
      `The database ${label} was changed by a newer version of Intermission (${unknown.join(', ')}).`,
      'Update Intermission on this machine. Nothing was changed.',
    );
  }
  return Object.keys(index).filter((name) => !applied.includes(name));
}
