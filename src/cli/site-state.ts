import type { Intermission } from '../intermission.ts';
import type { SiteStatus } from '../services/maintenance/describe-sites.ts';

/** The state of a site as our database has it. */
export interface SiteStateRow {
  site: string;
  /** The intended state. */
  maintenanceActive: boolean;
  intended: 'open' | 'maintenance';
  url: string | null;
  message: string | null;
  until: Date | null;
  /** Since when the oldest hold keeps it closed. */
  since: Date | null;
  holds: SiteStatus['holds'];
  lastMaintenanceAt: Date | null;
  /** Rules of ours that Cloudflare refused to remove when the site was to be open again. */
  leftRules: SiteStatus['leftRules'];
  /** Rules of the user's that Cloudflare refused to take back. */
  unrestored: SiteStatus['unrestored'];
  /** Operations that have not ended, interrupted ones among them. */
  operations: SiteStatus['operations'];
}

/** Rows of these sites, in their order. Cloudflare is not asked. */
export async function siteStates(
  app: Intermission,
  sites: Parameters<Intermission['describeSites']>[0],
): Promise<SiteStateRow[]> {
  return (await app.describeSites(sites)).map(stateRow);
}

/** The row of one site. */
export function stateRow(status: SiteStatus): SiteStateRow {
  const { domain, maintenanceActive, holds, ...rest } = status;
  return {
    site: domain,
    maintenanceActive,
    intended: maintenanceActive ? 'maintenance' : 'open',
    since: holds[0]?.since ?? null,
    holds,
    ...rest,
  };
}

/** True when the end of a closed site has come and nothing has reopened it yet. */
export function isOverdue(row: SiteStateRow): boolean {
  return row.maintenanceActive && row.holds.length === 0;
}

export function countClosed(rows: readonly SiteStateRow[]): number {
  return rows.filter(({ maintenanceActive }) => maintenanceActive).length;
}
