import { type BrandInput, describeBrand, parseBrand, readBrand, withChanges } from '../../domain/brand.ts';
import { parseBypassIps } from '../../domain/bypass-ips.ts';
import type { CloudflareApiKey } from '../../domain/cloudflare-api-key.ts';
import type { CloudflareSite } from '../../domain/cloudflare-site.ts';
import { parseSubdomainList } from '../../domain/coverage.ts';
import { shorten } from '../../domain/domain-name.ts';
import { ENGINE_CHOICES, type EngineChoice } from '../../domain/edge-state.ts';
import { parseMaintenanceUrl } from '../../domain/maintenance-url.ts';
import { parseOpenPaths } from '../../domain/open-paths.ts';
import { IntermissionError, type JsonValue } from '../../errors.ts';

/** What a person says of a site. What is left out keeps its value, or its default. */
export interface SiteInput {
  /** An empty text stands for the domain. */
  name?: string | undefined;
  /** 32 hex characters; looked up by the domain when not given, or anew when empty. */
  zoneId?: string | undefined;
  /** A stored key or its name; null or an empty text for the default key. */
  apiKey?: CloudflareApiKey | string | null | undefined;
  includeSubdomains?: boolean | undefined;
  /** Comma separated; an empty text clears it. */
  subdomainList?: string | undefined;
  /** An empty text clears it. */
  maintenanceUrl?: string | null | undefined;
  engine?: EngineChoice | undefined;
  /** Paths that stay reachable, such as `/health` or `/webhooks/*`; the whole list. Needs redirect rules. */
  openPaths?: readonly string[] | undefined;
  /** Addresses and networks that are let through; the whole list. Needs redirect rules. */
  bypassIps?: readonly string[] | undefined;
  isActive?: boolean | undefined;
  /** How the maintenance page looks; each field that is given is changed, an empty text clears it. */
  brand?: BrandInput | undefined;
}

/**
 * Checks everything that needs no database, and gives it the stored form.
 *
 * @param known the site as it is, when there is one
 * @throws IntermissionError `validation_failed`
 */
export function parseSiteInput(input: SiteInput, domain: string, known?: Pick<CloudflareSite, 'brand'>) {
  const { name, includeSubdomains, subdomainList, maintenanceUrl, engine, openPaths, bypassIps, isActive } =
    input;
  const { brand } = input;
  return {
    ...(name !== undefined && { name: parseName('site', name.trim() || defaultName(domain)) }),
    ...(includeSubdomains !== undefined && { includeSubdomains }),
    ...(subdomainList !== undefined && { subdomainList: parseSubdomainList(subdomainList, domain) }),
    ...(maintenanceUrl !== undefined && {
      maintenanceUrl: maintenanceUrl ? parseMaintenanceUrl(maintenanceUrl) : null,
    }),
    ...(engine !== undefined && { engine: parseEngine(engine) }),
    ...(openPaths !== undefined && { openPaths: parseOpenPaths(openPaths) }),
    ...(bypassIps !== undefined && { bypassIps: parseBypassIps(bypassIps) }),
    ...(isActive !== undefined && { isActive }),
    ...(brand !== undefined && {
      brand: { ...withChanges(readBrand(known?.brand ?? {}), parseBrand(brand)) },
    }),
  };
}

/** @throws IntermissionError `validation_failed` */
export function parseName(what: string, text: string): string {
  const name = text.trim();
  if (name.length > 0 && name.length <= 100 && !/\p{Cc}/u.test(name)) return name;
  throw new IntermissionError('validation_failed', `"${shorten(name)}" cannot be the name of a ${what}.`, {
    hint: 'Use 1 to 100 characters on one line.',
  });
}

/** @throws IntermissionError `validation_failed` */
export function parseEngine(text: string): EngineChoice {
  const choice = ENGINE_CHOICES.find((known) => known === text);
  if (choice !== undefined) return choice;
  throw new IntermissionError('validation_failed', `There is no engine "${shorten(text)}".`, {
    hint: `Use ${ENGINE_CHOICES.join(', ')}.`,
  });
}

/** The fields of a site that a log row shows. */
export function auditedSite(site: CloudflareSite): { [field: string]: JsonValue } {
  return {
    domain: site.domain,
    name: site.name,
    zoneId: site.zoneId ?? null,
    accountId: site.accountId ?? null,
    apiKeyId: site.apiKey?.id ?? null,
    includeSubdomains: site.includeSubdomains ?? true,
    subdomainList: site.subdomainList ?? '',
    maintenanceUrl: site.maintenanceUrl ?? null,
    engine: site.engine ?? 'auto',
    openPaths: [...site.openPaths],
    bypassIps: [...site.bypassIps],
    isActive: site.isActive ?? true,
    brand: describeBrand(readBrand(site.brand)),
  };
}

/** A name for a site that got none: its domain, cut to what a name may have. */
export function defaultName(domain: string): string {
  return domain.slice(0, 100);
}

/**
 * The id of a zone as Cloudflare shows it.
 *
 * @throws IntermissionError `validation_failed`
 */
export function parseZoneId(text: string): string {
  const id = text.trim().toLowerCase();
  if (/^[0-9a-f]{32}$/.test(id)) return id;
  const problem =
    id.length === 32 ? 'it has other characters than 0-9 and a-f' : `it has ${id.length} characters`;
  throw new IntermissionError('validation_failed', `"${shorten(text)}" is not a zone id: ${problem}.`, {
    hint: 'A zone id has 32 hexadecimal characters. Leave it out to have it looked up.',
  });
}
