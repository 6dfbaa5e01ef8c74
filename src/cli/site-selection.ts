import type { CloudflareSite } from '../domain/cloudflare-site.ts';
import { parseDomain } from '../domain/domain-name.ts';
import { IntermissionError } from '../errors.ts';
import type { Intermission } from '../intermission.ts';
import { argument, flag, option, type Values } from './parameters.ts';

/** One site, as people write a domain: any case, a trailing dot, letters of any script. */
export const domainArgument = argument('domain', 'Domain of the site', parseDomain);

/** Same for a command that also works without one. */
export const optionalDomainArgument = {
  ...argument<string | undefined>('domain', 'Domain of the site', parseDomain),
  syntax: '[domain]',
};

/** Which sites a command is about; the same for every command. */
export const siteSelectors = {
  all: flag('--all', 'Every site'),
  search: option('--search <text>', 'Sites whose domain or name contains the text'),
  apiKey: option('--api-key <name>', 'Sites that use this API key'),
  inMaintenance: flag('--in-maintenance', 'Sites that are in maintenance'),
};

export type SiteSelectors = Values<typeof siteSelectors>;

/**
 * The selected sites by domain; every site when nothing narrows the selection.
 *
 * @throws IntermissionError `usage` for `--all` beside another selector, `not_found` for an unknown key
 */
export async function selectSites(app: Intermission, selectors: SiteSelectors): Promise<CloudflareSite[]> {
  const { all, search, apiKey, inMaintenance } = selectors;
  const narrows = search !== undefined || apiKey !== undefined || inMaintenance;
  if (all && narrows) {
    throw new IntermissionError('usage', '--all means every site and cannot be narrowed.', {
      hint: 'Leave --all out, or the other selectors.',
    });
  }
  let query: ReturnType<Intermission['sites']['active']> = app.sites.query();
  if (inMaintenance) query = query.inMaintenance();
  if (search !== undefined) query = query.search(search);
  if (apiKey !== undefined) query = query.byApiKey(await app.apiKeys.get({ name: apiKey }));
  return query.all();
}
