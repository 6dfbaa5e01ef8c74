import { type Brand, readBrand } from '../../../domain/brand.ts';
import type { CloudflareSite } from '../../../domain/cloudflare-site.ts';
import { formatCsv, withoutFormula } from './csv.ts';

/** What is taken along of a site: what its user has set, and never a token. `site` is the domain. */
export interface ExportedSite {
  site: string;
  name: string;
  /** Name of the key; null for the default one. */
  apiKey: string | null;
  includeSubdomains: boolean;
  subdomainList: string;
  maintenanceUrl: string | null;
  engine: string;
  openPaths: string[];
  bypassIps: string[];
  /** How its page looks; not in CSV. */
  brand: Brand;
  isActive: boolean;
  /** For information: an import never closes a site. */
  maintenanceActive: boolean;
}

/** @param site with its API key loaded */
export function exportSite(site: CloudflareSite): ExportedSite {
  return {
    site: site.domain,
    name: site.name,
    apiKey: site.apiKey?.name ?? null,
    includeSubdomains: site.includeSubdomains ?? true,
    subdomainList: site.subdomainList ?? '',
    maintenanceUrl: site.maintenanceUrl ?? null,
    engine: site.engine ?? 'auto',
    openPaths: [...site.openPaths],
    bypassIps: [...site.bypassIps],
    brand: readBrand(site.brand),
    isActive: site.isActive ?? true,
    maintenanceActive: site.maintenanceActive ?? false,
  };
}

const COLUMNS: readonly (readonly [string, (site: ExportedSite) => string])[] = [
  ['domain', ({ site }) => site],
  ['name', ({ name }) => name],
  ['api_key', ({ apiKey }) => apiKey ?? ''],
  ['include_subdomains', ({ includeSubdomains }) => String(includeSubdomains)],
  ['subdomain_list', ({ subdomainList }) => subdomainList],
  ['maintenance_url', ({ maintenanceUrl }) => maintenanceUrl ?? ''],
  ['engine', ({ engine }) => engine],
  ['open_paths', ({ openPaths }) => openPaths.join(' ')],
  ['bypass_ips', ({ bypassIps }) => bypassIps.join(' ')],
  ['is_active', ({ isActive }) => String(isActive)],
  ['maintenance_active', ({ maintenanceActive }) => String(maintenanceActive)],
];

/** The same as CSV with a header, safe to open in a spreadsheet. */
export function sitesToCsv(sites: readonly ExportedSite[]): string {
  const rows = sites.map((site) => COLUMNS.map(([, value]) => withoutFormula(value(site))));
  return formatCsv([COLUMNS.map(([name]) => name), ...rows]);
}
