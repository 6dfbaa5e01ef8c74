import type { SqlEntityManager } from '@mikro-orm/sql';
import type { CloudflareSite } from '../../domain/cloudflare-site.ts';
import { canonicalHost } from '../../domain/domain-name.ts';
import { redirects } from '../../domain/maintenance-url.ts';

/** A site, and where its visitors are sent while it is closed. */
export interface Sending {
  site: CloudflareSite;
  url: string;
}

/** Where the visitors of all closed sites are sent. */
export async function findDestinations(em: SqlEntityManager): Promise<{ domain: string; url: string }[]> {
  const rows = await em.execute<{ domain: string; url: string | null }[]>(
    `select domain, edge_state -> 'rules' -> 0 ->> 'url' as url from cloudflare_site where maintenance_active`,
  );
  return rows.flatMap(({ domain, url }) =>
    url === null ? [] : [{ domain, url: url.replaceAll('\\$', '$') }],
  );
}

/**
 * Pure: the sites among `sending` that other sites send their visitors to, by id, with one of these others. Closing
 * one would take the maintenance page away. That a site sends its visitors to itself is a loop, and for others to say.
 */
export function findPageHosts(
  sending: readonly Sending[],
  closed: readonly { domain: string; url: string }[],
): Map<number, string> {
  const byDomain = new Map(sending.map(({ site }) => [site.domain, site]));
  const found = new Map<number, string>();
  const all = [...sending.map(({ site, url }) => ({ domain: site.domain, url })), ...closed];
  for (const { domain, url } of all) {
    const page = URL.parse(url);
    if (page === null) continue;
    for (const host of selfAndParents(canonicalHost(page.hostname))) {
      const site = byDomain.get(host);
      if (site !== undefined && host !== domain && redirects(site, page)) found.set(site.id, domain);
    }
  }
  return found;
}

function selfAndParents(host: string): string[] {
  const labels = host.split('.');
  return labels.slice(0, -1).map((_, index) => labels.slice(index).join('.'));
}
