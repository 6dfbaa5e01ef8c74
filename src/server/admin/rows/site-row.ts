import type { CloudflareSite } from '../../../domain/cloudflare-site.ts';
import { listedHosts } from '../../../domain/coverage.ts';
import { visitorUrl } from '../../../domain/maintenance-url.ts';
import type { SiteStatus } from '../../../services/maintenance/describe-sites.ts';
import type { SiteDetail, SiteRow } from '../../contract/sites.ts';

/** @param site with its API key loaded */
export function toSiteRow(site: CloudflareSite, status: SiteStatus): SiteRow {
  const attention = attentionOf(status);
  return {
    id: site.id,
    domain: site.domain,
    name: site.name,
    state: stateOf(site, attention),
    attention,
    maintenanceActive: status.maintenanceActive,
    isActive: site.isActive ?? true,
    engine: site.engine ?? 'auto',
    apiKey: site.apiKey == null ? null : { id: site.apiKey.id, name: site.apiKey.name },
    zoneName: site.zoneName ?? null,
    zoneStatus: site.zoneStatus ?? null,
    zonePaused: site.zonePaused ?? null,
    until: iso(status.until),
    holds: status.holds.map((hold) => ({ ...hold, since: hold.since.toISOString(), until: iso(hold.until) })),
    lastMaintenanceAt: iso(site.lastMaintenanceAt),
    isBusy: status.operations.some(({ running }) => running),
  };
}

/** @param defaultUrl where visitors are sent when nothing else is said; may hold `{domain}` */
export function toSiteDetail(site: CloudflareSite, status: SiteStatus, defaultUrl: string): SiteDetail {
  const { domain, includeSubdomains = true, subdomainList = '' } = site;
  const hosts = includeSubdomains
    ? [`*.${domain}`]
    : listedHosts({ domain, includeSubdomains, subdomainList });
  return {
    ...toSiteRow(site, status),
    zoneId: site.zoneId ?? null,
    accountId: site.accountId ?? null,
    zonePlan: site.zonePlan ?? null,
    pageRuleQuota: site.pageRuleQuota ?? null,
    zoneCheckedAt: iso(site.zoneCheckedAt),
    includeSubdomains,
    subdomainList,
    closedHosts: [domain, ...hosts],
    maintenanceUrl: site.maintenanceUrl ?? null,
    visitorUrl: visitorUrl(site.maintenanceUrl ?? defaultUrl, domain),
    currentUrl: status.url,
    message: status.message,
    openPaths: [...site.openPaths],
    bypassIps: [...site.bypassIps],
    unrestored: status.unrestored.map(({ id, rule, reason, since }) => ({ id, rule, reason, since })),
    leftRules: status.leftRules.map(({ id, pattern, url }) => ({ id, pattern, url })),
    operations: status.operations.map((operation) => ({
      ...operation,
      since: operation.since.toISOString(),
    })),
    createdAt: site.createdAt.toISOString(),
    updatedAt: site.updatedAt.toISOString(),
  };
}

export function iso(time: Date | null | undefined): string | null {
  return time?.toISOString() ?? null;
}

function stateOf(site: CloudflareSite, attention: readonly string[]): SiteRow['state'] {
  if (attention.length > 0) return 'attention';
  if (site.maintenanceActive === true) return 'maintenance';
  return site.isActive === false ? 'inactive' : 'open';
}

/** What somebody should look at, as far as our database knows. */
function attentionOf({ maintenanceActive, holds, operations, leftRules, unrestored }: SiteStatus): string[] {
  const interrupted = operations.some(({ running }) => !running);
  return [
    ...(interrupted ? ['An operation was interrupted; the next one or the tick puts it in order.'] : []),
    ...(maintenanceActive && holds.length === 0 && operations.length === 0
      ? ['Its end has come, and nothing has reopened it yet.']
      : []),
    ...(leftRules.length > 0 ? ['Cloudflare refused to remove rules of ours.'] : []),
    ...(unrestored.length > 0 ? ['Cloudflare refused to take back rules of yours.'] : []),
  ];
}
