// Written by scripts/make-migration.ts.
import type { MigrationIndex } from '../migration-index.ts';

export const MIGRATIONS: MigrationIndex = {
  Migration20261123000334_initial: async () =>
    (await import('./Migration20261123000334_initial.ts')).Migration20261123000334_initial,
};
