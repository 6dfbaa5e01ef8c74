import type { CloudflareSite } from '../domain/cloudflare-site.ts';
import { parseDomain } from '../domain/domain-name.ts';
import { IntermissionError } from '../errors.ts';
import type { Intermission } from '../intermission.ts';
import { argument, flag, manyArguments, option, type Values } from './parameters.ts';

/** One site, as people write a domain: any case, a trailing dot, letters of any script. */
export const domainArgument = argument('domain', 'Domain of the site', parseDomain);

/** Same for a command that also works without one. */
export const optionalDomainArgument = {
  ...argument<string | undefined>('domain', 'Domain of the site', parseDomain),
  syntax: '[domain]',
};

/** Any number of sites; {@link selectNamedSites} reads them. */
export const domainsArgument = manyArguments('domain', 'Domains of the sites');

/** Which sites a command is about; the same for every command. */
export const siteSelectors = {
  all: flag('--all', 'Every site'),
  search: option('--search <text>', 'Sites whose domain or name contains the text'),
  apiKey: option('--api-key <name>', 'Sites that use this API key'),
  inMaintenance: flag('--in-maintenance', 'Sites that are in maintenance'),
};

/**
 * The sites that are named, in that order, or else selected.
 *
 * @throws IntermissionError `usage` for names beside a selector, `not_found` for an unknown domain or key
 */
export async function selectNamedSites(
  app: Intermission,
  domains: readonly string[],
  selectors: SiteSelectors,
): Promise<CloudflareSite[]> {
  if (domains.length === 0) return selectSites(app, selectors);
  if (Object.values(selectors).some((value) => value !== undefined && value !== false)) {
    throw new IntermissionError('usage', 'Sites are either named or selected, not both.', {
      hint: 'Leave the domains out, or --all, --search, --api-key and --in-maintenance.',
    });
  }
  const names = [...new Set(domains.map((domain) => parseDomain(domain)))];
  return Promise.all(names.map((domain) => app.sites.get({ domain })));
}

export type SiteSelectors = Values<typeof siteSelectors>;
type SelectedSites = ReturnType<Intermission['sites']['active']>;

/**
 * The selected sites by domain; every site when nothing narrows the selection.
 *
 * @throws IntermissionError `usage` for `--all` beside another selector, `not_found` for an unknown key
 */
export async function selectSites(app: Intermission, selectors: SiteSelectors): Promise<CloudflareSite[]> {
  const query = await selectedSites(app, selectors);
  return query.all();
}

/** The same as a query. @throws as {@link selectSites} */
export async function selectedSites(app: Intermission, selectors: SiteSelectors): Promise<SelectedSites> {
  const { all, search, apiKey, inMaintenance } = selectors;
  const narrows = search !== undefined || apiKey !== undefined || inMaintenance;
  if (all && narrows) {
    throw new IntermissionError('usage', '--all means every site and cannot be narrowed.', {
      hint: 'Leave --all out, or the other selectors.',
    });
  }
  let query: SelectedSites = app.sites.query();
  if (inMaintenance) query = query.inMaintenance();
  if (search !== undefined) query = query.search(search);
  if (apiKey !== undefined) query = query.byApiKey(await app.apiKeys.get({ name: apiKey }));
  return query;
}
