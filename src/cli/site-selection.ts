import type { CloudflareSite } from '../domain/cloudflare-site.ts';
import { parseDomain } from '../domain/domain-name.ts';
import { IntermissionError, isIntermissionError } from '../errors.ts';
import type { Intermission } from '../intermission.ts';
import { readDomainList } from './domain-list.ts';
import type { Io } from './io.ts';
import { argument, flag, manyArguments, option, type Values } from './parameters.ts';

/** One site, as people write a domain: any case, a trailing dot, letters of any script. */
export const domainArgument = argument('domain', 'Domain of the site', parseDomain);

/** Same for a command that also works without one. */
export const optionalDomainArgument = {
  ...argument<string | undefined>('domain', 'Domain of the site', parseDomain),
  syntax: '[domain]',
};

/** Any number of sites; {@link chooseSites} reads them. */
export const domainsArgument = manyArguments('domain', 'Domains of the sites', parseDomain);

/** Which sites a command is about; the same for every command. */
export const siteSelectors = {
  all: flag('--all', 'Every site'),
  search: option('--search <text>', 'Sites whose domain or name contains the text'),
  apiKey: option('--api-key <name>', 'Sites that use this API key'),
  inMaintenance: flag('--in-maintenance', 'Sites that are in maintenance'),
};

/** The same for a command that also takes domains. */
export const siteChoice = {
  fromFile: option(
    '--from-file <file>',
    'Sites that a file lists, one domain a line; - reads standard input',
  ),
  ...siteSelectors,
};

export type SiteSelectors = Values<typeof siteSelectors>;

/** What a command line says of the sites that it is about. */
export interface Choice extends Values<typeof siteChoice> {
  domains: readonly string[];
}

/** What is said of the sites among the values of a command line. */
export function choiceOf(domains: readonly string[], values: Values<typeof siteChoice>): Choice {
  const { fromFile, all, search, apiKey, inMaintenance } = values;
  return { domains, fromFile, all, search, apiKey, inMaintenance };
}

/** The sites that a command is about. */
export interface ChosenSites {
  /** In the order in which they were named, selected ones by domain; each once. */
  sites: CloudflareSite[];
  /** What was named and is not in our database. */
  unknown: { site: string; error: IntermissionError }[];
  by: 'names' | 'selectors' | 'all';
}

/** The site of a command line that names exactly one and nothing else. */
export function onlyDomain({ domains, fromFile, ...selectors }: Choice): string | undefined {
  if (fromFile !== undefined || isSelecting(selectors)) return undefined;
  const [only, ...others] = new Set(domains);
  return others.length === 0 ? only : undefined;
}

/**
 * Refuses a command line that names and selects nothing: for commands that change something.
 *
 * @throws IntermissionError `usage`
 */
export function assertChosen({ domains, fromFile, ...selectors }: Choice): void {
  if (domains.length > 0 || fromFile !== undefined || isSelecting(selectors)) return;
  throw new IntermissionError('usage', 'Which sites? None is named.', {
    hint: 'Name domains, or use --from-file, --search, --api-key, --in-maintenance or --all.',
  });
}

/**
 * The sites that are named, in that order, or else selected; every site when neither is the case.
 *
 * @throws IntermissionError `usage` for names beside a selector, `validation_failed` for a file of something else, `not_found`
 *   for an unknown key, when nothing is selected, and for a single site that is named and not there
 */
export async function chooseSites(
  app: Intermission,
  { domains, fromFile, ...selectors }: Choice,
  io: Io,
): Promise<ChosenSites> {
  if (domains.length === 0 && fromFile === undefined) return chooseBySelectors(app, selectors);
  if (isSelecting(selectors)) {
    throw new IntermissionError('usage', 'Sites are either named or selected, not both.', {
      hint: 'Leave the names out, or --all, --search, --api-key and --in-maintenance.',
    });
  }
  const listed = fromFile === undefined ? [] : await readDomainList(io, fromFile);
  const chosen = await chooseByNames(app, [...new Set([...domains, ...listed])]);
  const [only] = chosen.unknown;
  if (only !== undefined && chosen.unknown.length === 1 && chosen.sites.length === 0) throw only.error;
  return chosen;
}

/** The same as a query. @throws IntermissionError `usage` for `--all` beside another selector, `not_found` for an unknown key */
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

type SelectedSites = ReturnType<Intermission['sites']['active']>;

function isSelecting(selectors: SiteSelectors): boolean {
  return Object.values(selectors).some((value) => value !== undefined && value !== false);
}

async function chooseBySelectors(app: Intermission, selectors: SiteSelectors): Promise<ChosenSites> {
  const sites = await (await selectedSites(app, selectors)).withApiKey().all();
  if (sites.length === 0) await assertMatching(app, selectors);
  const narrows = isSelecting({ ...selectors, all: false });
  return { sites, unknown: [], by: narrows ? 'selectors' : 'all' };
}

/** What matches nothing is a mistake, unless it is only that none of the sites is closed. */
async function assertMatching(app: Intermission, selectors: SiteSelectors): Promise<void> {
  const { search, apiKey, inMaintenance } = selectors;
  if (search === undefined && apiKey === undefined) return;
  const wider = await selectedSites(app, { ...selectors, inMaintenance: false });
  if (inMaintenance && (await wider.count()) > 0) return;
  const what = [
    ...(search === undefined ? [] : [`"${search}" in its domain or name`]),
    ...(apiKey === undefined ? [] : [`the API key "${apiKey}"`]),
  ];
  throw new IntermissionError('not_found', `There is no site with ${what.join(' and ')}.`, {
    hint: '`intermission site list` shows what there is.',
  });
}

/** Both databases limit how many values one query may name. */
const CHUNK = 1_000;

async function chooseByNames(app: Intermission, names: readonly string[]): Promise<ChosenSites> {
  const found = new Map<string, CloudflareSite>();
  for (let start = 0; start < names.length; start += CHUNK) {
    const chunk = names.slice(start, start + CHUNK);
    const sites = await app.sites
      .filter({ domain: { $in: chunk } })
      .withApiKey()
      .all();
    for (const site of sites) found.set(site.domain, site);
  }
  const missing = names.filter((name) => !found.has(name));
  const unknown: ChosenSites['unknown'] = [];
  for (const site of missing) {
    const error = missing.length > LOOK_ALIKES ? notThere(site) : await lookAgain(app, site);
    unknown.push({ site, error });
  }
  return { sites: names.flatMap((name) => found.get(name) ?? []), unknown, by: 'names' };
}

/** Of more domains that are not there, something else is wrong than how they are spelt. */
const LOOK_ALIKES = 20;

/** The error that names domains that are spelt alike. */
async function lookAgain(app: Intermission, domain: string): Promise<IntermissionError> {
  const found = app.sites.get({ domain }).then(() => notThere(domain));
  return found.catch((error: unknown) => {
    if (isIntermissionError(error)) return error;
    throw error;
  });
}

function notThere(domain: string): IntermissionError {
  return new IntermissionError('not_found', `There is no site "${domain}".`, {
    hint: '`intermission site list` shows what there is.',
  });
}
