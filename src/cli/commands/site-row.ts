import { describeBrand, readBrand } from '../../domain/brand.ts';
import type { CloudflareSite } from '../../domain/cloudflare-site.ts';
import { listedHosts } from '../../domain/coverage.ts';

/** A site as `--json` shows it. */
export interface SiteRow {
  /** The domain. */
  site: string;
  name: string;
  maintenanceActive: boolean;
  isActive: boolean;
  engine: string;
  /** Paths that stay reachable while the site is closed. */
  openPaths: string[];
  /** Addresses and networks that are let through. */
  bypassIps: string[];
  includeSubdomains: boolean;
  /** Comma separated. */
  subdomainList: string;
  /** Null: the default one. */
  maintenanceUrl: string | null;
  /** Null: the default one. */
  apiKey: string | null;
  /** How the maintenance page looks, a logo by its type and size. */
  brand: { [field: string]: string };
  zoneId: string | null;
  zoneName: string | null;
  zoneStatus: string | null;
  zonePaused: boolean | null;
  zonePlan: string | null;
  pageRuleQuota: number | null;
  accountId: string | null;
  zoneCheckedAt: Date | null;
  lastMaintenanceAt: Date | null;
  createdAt: Date;
  updatedAt: Date;
}

/** @param site with its API key loaded */
export function siteRow(site: CloudflareSite): SiteRow {
  return {
    site: site.domain,
    name: site.name,
    maintenanceActive: site.maintenanceActive ?? false,
    isActive: site.isActive ?? true,
    engine: site.engine ?? 'auto',
    openPaths: [...site.openPaths],
    bypassIps: [...site.bypassIps],
    includeSubdomains: site.includeSubdomains ?? true,
    subdomainList: site.subdomainList ?? '',
    maintenanceUrl: site.maintenanceUrl ?? null,
    apiKey: site.apiKey?.name ?? null,
    brand: describeBrand(readBrand(site.brand)),
    ...zoneRow(site),
    lastMaintenanceAt: site.lastMaintenanceAt ?? null,
    createdAt: site.createdAt,
    updatedAt: site.updatedAt,
  };
}

function zoneRow(site: CloudflareSite) {
  return {
    zoneId: site.zoneId ?? null,
    zoneName: site.zoneName ?? null,
    zoneStatus: site.zoneStatus ?? null,
    zonePaused: site.zonePaused ?? null,
    zonePlan: site.zonePlan ?? null,
    pageRuleQuota: site.pageRuleQuota ?? null,
    accountId: site.accountId ?? null,
    zoneCheckedAt: site.zoneCheckedAt ?? null,
  };
}

type Covered = Pick<SiteRow, 'site' | 'includeSubdomains' | 'subdomainList'>;

/** The hosts that are closed with the site, `*.` standing for every subdomain. */
export function closedHosts({ site: domain, ...coverage }: Covered): string[] {
  if (coverage.includeSubdomains) return [domain, `*.${domain}`];
  return [domain, ...listedHosts({ domain, ...coverage })];
}

/** The same in words. */
export function coverageText(row: Covered): string {
  if (row.includeSubdomains) return `${row.site} and every subdomain`;
  const hosts = closedHosts(row);
  return hosts.length === 1 ? `${row.site} only, no subdomain` : hosts.join(', ');
}

/** `template premium, color #0a7f5a`; empty when nothing is said of the page. */
export function brandText(brand: { readonly [field: string]: unknown }): string {
  return Object.entries(brand)
    .map(([field, value]) => `${field === 'statusPage' ? 'status page' : field} ${value}`)
    .join(', ');
}

/** `active, free plan, 3 page rules`: what is known of the zone. */
export function zoneText(row: SiteRow): string {
  if (row.zoneId === null) return 'not known yet: it is looked up when the site is first closed';
  const status = row.zonePaused === true ? 'paused' : (row.zoneStatus ?? 'status not known yet');
  const plan = row.zonePlan === null ? undefined : `${row.zonePlan} plan`;
  const quota = row.pageRuleQuota === null ? undefined : `${row.pageRuleQuota} page rules`;
  const facts = [status, plan, quota].filter((fact) => fact !== undefined).join(', ');
  return row.zoneName === null ? facts : `${row.zoneName} (${facts})`;
}
