import { outdated } from './database-errors.ts';
import type { DatabaseKind } from './database-location.ts';
import type { MigrationIndex } from './migrations/migration-index.ts';

/** The table that remembers which migrations a database has had. */
export const MIGRATION_TABLE = 'intermission_migration';

/** The migrations of one kind of database, oldest first: names at once, classes when they are needed. */
export async function loadMigrationIndex(kind: DatabaseKind): Promise<MigrationIndex> {
  const module =
    kind === 'sqlite'
      ? await import('./migrations/sqlite/index.ts')
      : await import('./migrations/postgresql/index.ts');
  return module.MIGRATIONS;
}

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
