import type * as z from 'zod';
import type { Intermission } from '../../intermission.ts';
import type { siteFilter } from '../contract/sites.ts';

export type SiteFilter = z.output<typeof siteFilter>;

/**
 * The sites that match a filter, as a query.
 *
 * @throws IntermissionError `not_found` for an unknown API key
 */
export async function selectSites(app: Intermission, filter: SiteFilter) {
  let query = app.sites.query().withApiKey();
  if (filter.q) query = query.search(filter.q);
  if (filter.maintenance !== undefined) query = query.filter({ maintenanceActive: filter.maintenance });
  if (filter.active !== undefined) query = query.filter({ isActive: filter.active });
  if (filter.engine !== undefined) query = query.filter({ engine: filter.engine });
  if (filter.maintainedDays !== undefined) query = query.recentlyMaintained(filter.maintainedDays);
  if (filter.apiKeyId !== undefined) query = query.byApiKey(await app.apiKeys.get({ id: filter.apiKeyId }));
  return query;
}
