import type { SqlEntityManager } from '@mikro-orm/sql';
import { visitorUrl } from '../../domain/maintenance-url.ts';
import type { MaintenanceSettings } from './ports.ts';

/** Addresses of the maintenance pages that this installation uses or has used; they may hold `{domain}`. */
export async function findKnownPages(
  em: SqlEntityManager,
  { defaultUrl, publicUrl }: Pick<MaintenanceSettings, 'defaultUrl' | 'publicUrl'>,
): Promise<string[]> {
  const rows = await em.execute<{ url: string }[]>(
    `select maintenance_url as url from cloudflare_site where maintenance_url is not null
     union select url from maintenance_hold where url is not null`,
  );
  const own = publicUrl === undefined ? [] : [`${publicUrl}/maintenance`];
  return [defaultUrl, ...own, ...rows.map(({ url }) => url)];
}

/** Pure: whether `url`, as a rule has it, leads to one of `pages`. What differs in the query alone is the same page. */
export function isKnownPage(url: string, domain: string, pages: readonly string[]): boolean {
  const destination = pageOf(url.replaceAll('\\$', '$'));
  return destination !== null && pages.some((page) => pageOf(visitorUrl(page, domain)) === destination);
}

function pageOf(url: string): string | null {
  const parsed = URL.parse(url);
  return parsed === null ? null : `${parsed.hostname}${parsed.pathname}`;
}
