// Written by scripts/make-migration.ts.
import type { MigrationIndex } from '../migration-index.ts';

export const MIGRATIONS: MigrationIndex = {
  Migration20261122211701_initial: async () =>
    (await import('./Migration20261122211701_initial.ts')).Migration20261122211701_initial,
};
