// Written by scripts/make-migration.ts.
import type { MigrationIndex } from '../migration-index.ts';

export const MIGRATIONS: MigrationIndex = {
  Migration20261123002835_initial: async () =>
    (await import('./Migration20261123002835_initial.ts')).Migration20261123002835_initial,
  Migration20261123003000_name_the_installation: async () =>
    (await import('./Migration20261123003000_name_the_installation.ts'))
      .Migration20261123003000_name_the_installation,
  Migration20261123031339_plan_windows: async () =>
    (await import('./Migration20261123031339_plan_windows.ts')).Migration20261123031339_plan_windows,
  Migration20261123032826_add_users: async () =>
    (await import('./Migration20261123032826_add_users.ts')).Migration20261123032826_add_users,
  Migration20261123033303_claim_notices: async () =>
    (await import('./Migration20261123033303_claim_notices.ts')).Migration20261123033303_claim_notices,
  Migration20261123040144_index_holds_by_name: async () =>
    (await import('./Migration20261123040144_index_holds_by_name.ts'))
      .Migration20261123040144_index_holds_by_name,
};
