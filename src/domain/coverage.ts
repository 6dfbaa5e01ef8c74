import { IntermissionError } from '../errors.ts';
import { canonicalHost, isWithin, parseDomain } from './domain-name.ts';

/** What decides which hosts a site closes. */
export interface Coverage {
  domain: string;
  includeSubdomains: boolean;
  subdomainList: string;
  zoneName?: string | null | undefined;
}

/**
 * Parses a comma separated list of subdomains (`api, www` or `api.example.com`) into the stored form: labels below
 * `domain`, comma separated, each once.
 *
 * @throws IntermissionError `validation_failed` for a wildcard, a host outside the domain, or the domain itself
 */
export function parseSubdomainList(text: string, domain: string): string {
  const labels = text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map((part) => parseSubdomain(part, domain));
  return [...new Set(labels)].join(',');
}

/** The hosts below `domain` that are listed by name, in full. */
export function listedHosts(site: Coverage): string[] {
  if (site.includeSubdomains || site.subdomainList === '') return [];
  return site.subdomainList.split(',').map((label) => `${label}.${site.domain}`);
}

/** True when a closed `site` answers for `host` with a redirect. Port and path do not matter: our rules take all. */
export function coversHost(site: Coverage, host: string): boolean {
  const name = canonicalHost(host);
  if (site.includeSubdomains) return isWithin(name, site.domain);
  return name === site.domain || listedHosts(site).includes(name);
}

/** True when `domain` is the apex of its zone. Unknown zone names count as "no": two rules are then needed. */
export function isApex(site: Coverage): boolean {
  return site.zoneName === site.domain;
}

function parseSubdomain(text: string, domain: string): string {
  const below = `.${domain}`;
  const lower = canonicalHost(text);
  const host = tryParse(lower.endsWith(below) ? lower : `${lower}${below}`);
  if (host === undefined || !host.endsWith(below) || lower === domain) {
    throw new IntermissionError('validation_failed', `"${text}" is not a subdomain of ${domain}.`, {
      hint: 'List names such as api,www. Use --include-subdomains to cover all of them.',
    });
  }
  return host.slice(0, -below.length);
}

function tryParse(host: string): string | undefined {
  try {
    return parseDomain(host);
  } catch {
    return undefined;
  }
}
