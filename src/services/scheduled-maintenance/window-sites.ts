import type { SqlEntityManager } from '@mikro-orm/sql';
import type { CloudflareSite } from '../../domain/cloudflare-site.ts';
import { IntermissionError } from '../../errors.ts';
import { CloudflareApiKeyRepository } from '../../persistence/repositories/cloudflare-api-key-repository.ts';
import { SiteQuery } from '../../persistence/repositories/cloudflare-site-query.ts';
import { CloudflareSiteRepository } from '../../persistence/repositories/cloudflare-site-repository.ts';
import type { SiteSelection, WindowInput } from './window-input.ts';

interface Parts {
  em: SqlEntityManager;
  now: () => Date;
}

/**
 * The sites that a window is planned for.
 *
 * @throws IntermissionError `not_found` for an unknown domain or key, `validation_failed` for an inactive site or none
 */
export async function sitesOf(
  parts: Parts,
  { sites, selection }: Pick<WindowInput, 'sites' | 'selection'>,
): Promise<CloudflareSite[]> {
  if (selection !== undefined && sites !== undefined) {
    throw refused('The sites of a window are either named or selected, not both.', 'Leave one of them out.');
  }
  const found =
    selection === undefined ? await named(parts, sites ?? []) : await chooseSites(parts, selection);
  if (found.length > 0) return found;
  throw refused(
    selection === undefined ? 'The window has no sites.' : 'The selection has no active site now.',
    'Name sites with --sites, or select them with --all, --search or --api-key.',
  );
}

/** @throws IntermissionError `not_found` for an unknown key */
export async function chooseSites({ em, now }: Parts, selection: SiteSelection): Promise<CloudflareSite[]> {
  const { all, search, apiKey } = selection;
  if (all !== true && search === undefined && apiKey === undefined) return [];
  let query = new SiteQuery(em, now).active();
  if (search !== undefined) query = query.search(search);
  if (apiKey !== undefined)
    query = query.byApiKey(await new CloudflareApiKeyRepository(em, now).get({ name: apiKey }));
  return query.all();
}

async function named(
  { em, now }: Parts,
  sites: readonly (string | CloudflareSite)[],
): Promise<CloudflareSite[]> {
  const repository = new CloudflareSiteRepository(em, now);
  const found = new Map<number, CloudflareSite>();
  for (const each of sites) {
    const site = await repository.get(typeof each === 'string' ? { domain: each } : { id: each.id });
    found.set(site.id, site);
  }
  const inactive = [...found.values()].filter(({ isActive }) => isActive === false);
  if (inactive.length === 0) return [...found.values()];
  const names = inactive.map(({ domain }) => domain).join(', ');
  throw refused(
    `Inactive sites are not closed: ${names}.`,
    `Activate them first: intermission site edit ${inactive[0]?.domain} --active`,
  );
}

function refused(message: string, hint: string): IntermissionError {
  return new IntermissionError('validation_failed', message, { hint });
}
