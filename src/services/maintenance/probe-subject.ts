import type { SqlEntityManager } from '@mikro-orm/sql';
import { CloudflareSite } from '../../domain/cloudflare-site.ts';
import type { MaintenanceLog } from '../../domain/maintenance-log.ts';
import { MaintenanceLogRepository } from '../../persistence/repositories/maintenance-log-repository.ts';
import type { ProbeSubject } from '../../probe/types.ts';
import { formerSides, planIn } from './closed-sides.ts';
import type { Dependencies } from './dependencies.ts';
import { describeSite } from './describe-sites.ts';

/** Rows of a site that are looked through for what it was closed with, and how many addresses are kept. */
const ROWS_LOOKED_AT = 10;
const MAX_FORMER_URLS = 20;

/**
 * A site as the prover needs it: with what the edge may still do by rules of before, and with the other closed sites whose
 * rules may take its visitors.
 *
 * @param closedWith where visitors are to be sent; null when they are to get the site
 */
export async function probeSubject(
  { database, clock, settings }: Pick<Dependencies, 'database' | 'clock' | 'settings'>,
  site: CloudflareSite,
  closedWith: string | null,
): Promise<ProbeSubject> {
  const em = database.read();
  const rows = await new MaintenanceLogRepository(em, () => clock.now())
    .forSite({ id: site.id })
    .filter({ action: { $in: ['enable', 'disable'] } })
    .limit(ROWS_LOOKED_AT)
    .all();
  const known = closedWith === null ? [] : [closedWith];
  const [url = site.maintenanceUrl ?? settings.defaultUrl, ...former] = [
    ...new Set([...known, ...rows.flatMap(addressesIn)]),
  ];
  return {
    ...coverageOf(site),
    openPaths: site.openPaths,
    bypassIps: site.bypassIps,
    url,
    formerUrls: former.slice(0, MAX_FORMER_URLS),
    former: formerSides(rows),
    others: await closedAround(em, site),
  };
}

/** Where a closed site sends its visitors, as far as is recorded. */
export function addressOf(
  site: CloudflareSite,
  { defaultUrl }: Pick<Dependencies['settings'], 'defaultUrl'>,
): string {
  return describeSite(site, [], []).url ?? site.maintenanceUrl ?? defaultUrl;
}

export function coverageOf({
  domain,
  includeSubdomains = true,
  subdomainList = '',
  zoneName,
}: CloudflareSite) {
  return { domain, includeSubdomains, subdomainList, zoneName };
}

function addressesIn(row: MaintenanceLog): string[] {
  const { url, before, changes = [] } = planIn(row);
  const rules = [...(before?.rules ?? []), ...changes].map((rule) => rule.url.replaceAll('\\$', '$'));
  return [...new Set(url == null ? rules : [url, ...rules])];
}

/** The sites above and below this one in its zone that have rules at Cloudflare. */
async function closedAround(
  em: SqlEntityManager,
  site: CloudflareSite,
): Promise<NonNullable<ProbeSubject['others']>> {
  const { domain, zoneId } = site;
  if (zoneId == null) return [];
  const labels = domain.split('.');
  const above = labels.slice(1).map((_, index) => labels.slice(index + 1).join('.'));
  const related = { $or: [{ domain: { $in: above } }, { domain: { $like: `%.${domain}` } }] };
  const found = await em.find(CloudflareSite, { zoneId, ...related });
  return found.flatMap((other) => {
    const { url } = describeSite(other, [], []);
    return url === null ? [] : [{ ...coverageOf(other), url }];
  });
}
