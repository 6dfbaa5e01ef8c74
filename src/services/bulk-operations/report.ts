import type { SqlEntityManager } from '@mikro-orm/sql';
import { CloudflareSiteRepository } from '../../persistence/repositories/cloudflare-site-repository.ts';
import type { Dependencies } from '../maintenance/dependencies.ts';
import { describeSites, type SiteStatus } from '../maintenance/describe-sites.ts';
import { findEnded, findInterrupted } from '../maintenance/due.ts';

/** Numbers of sites. */
export interface SiteCounts {
  total: number;
  active: number;
  inMaintenance: number;
}

export interface BulkStatistics extends SiteCounts {
  /** By name. Sites without a key of their own count with the default one; `null` where there is none. */
  byApiKey: (SiteCounts & { apiKey: string | null })[];
}

export interface MaintenanceReport {
  totalSites: number;
  inMaintenance: number;
  /** The closed sites, by domain. */
  sites: SiteStatus[];
  /** Operations that were interrupted, and holds whose end has come: what the next tick takes in hand. */
  interrupted: number;
  overdue: number;
}

export async function statistics({ database }: Pick<Dependencies, 'database'>): Promise<BulkStatistics> {
  const rows = await database.read().execute<Record<string, number | string | null>[]>(STATISTICS_SQL);
  const byApiKey = rows.map((row) => ({
    apiKey: row['name'] === null ? null : String(row['name']),
    total: Number(row['total']),
    active: Number(row['active']),
    inMaintenance: Number(row['closed']),
  }));
  const sum = (of: keyof SiteCounts) => byApiKey.reduce((total, counts) => total + counts[of], 0);
  return { total: sum('total'), active: sum('active'), inMaintenance: sum('inMaintenance'), byApiKey };
}

const STATISTICS_SQL = `
  select api_key.name as name, count(*) as total,
    sum(case when site.is_active then 1 else 0 end) as active,
    sum(case when site.maintenance_active then 1 else 0 end) as closed
  from cloudflare_site site
  left join cloudflare_api_key api_key
    on api_key.id = site.api_key_id or (site.api_key_id is null and api_key.is_default and api_key.is_active)
  group by api_key.name order by api_key.name`;

export async function reportMaintenance(deps: Dependencies): Promise<MaintenanceReport> {
  const em = deps.database.read();
  const sites = query(deps, em);
  return {
    totalSites: await sites.count(),
    inMaintenance: await sites.inMaintenance().count(),
    sites: await describeSites(em, await sites.inMaintenance().all(), deps.clock.now()),
    interrupted: (await findInterrupted(deps)).length,
    overdue: (await findEnded(deps)).length,
  };
}

function query({ clock }: Dependencies, em: SqlEntityManager): CloudflareSiteRepository {
  return new CloudflareSiteRepository(em, () => clock.now());
}
