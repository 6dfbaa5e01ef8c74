import type { CloudflareSite } from '../../domain/cloudflare-site.ts';
import { coversHost } from '../../domain/coverage.ts';
import { canonicalHost } from '../../domain/domain-name.ts';
import type { IntermissionError } from '../../errors.ts';
import type { Dependencies } from '../maintenance/dependencies.ts';
import { type Foresight, foresee } from '../maintenance/foresee.ts';
import { findPendingSites } from '../maintenance/pending.ts';
import { loadSituations, type Situation } from '../maintenance/records.ts';
import type { Request } from '../maintenance/request.ts';
import { CHUNK, connectOrSay, type Reachable } from './by-key.ts';
import { refuseBeyondQuota } from './capacity.ts';
import { findDestinations, findPageHosts } from './page-hosts.ts';
import { failedSite, skippedSite } from './rows.ts';
import type { Selected } from './selection.ts';
import { findManyStale } from './stale-zones.ts';
import type { BulkSite } from './types.ts';

/** A site to be taken in hand. */
export interface Job extends Foresight, Reachable {
  situation: Situation;
}

/** What a run comes to before anything is changed. */
export interface Prepared {
  total: number;
  jobs: Job[];
  skipped: BulkSite[];
  refused: BulkSite[];
}

/** Sorts the selected sites: to be taken in hand, left as they are, or not able to succeed. Asks our database only. */
export async function prepare(deps: Dependencies, selected: Selected, request: Request): Promise<Prepared> {
  const looked: Looked[] = [];
  for (let start = 0; start < selected.ids.length; start += CHUNK) {
    looked.push(...(await lookAt(deps, selected.ids.slice(start, start + CHUNK), request)));
  }
  const pending = await findPendingSites(deps.database.read());
  const sorted = looked.map((each): Job | BulkSite => {
    if ('error' in each) return failedSite(each.site, each.error);
    return leaveOut(deps, each, request, pending) ?? each;
  });
  const closes = request.intent.kind === 'enable';
  const { jobs, left } = closes ? await guard(deps, sorted) : split(sorted);
  const unknown = selected.unknown.map(({ domain, error }) => failedSite({ id: null, domain }, error));
  return {
    total: looked.length + unknown.length,
    jobs: closes ? withoutLookUps(jobs, deps.clock.now()) : jobs,
    skipped: left.filter(({ outcome }) => outcome === 'skipped'),
    refused: [...unknown, ...left.filter(({ outcome }) => outcome === 'failed')],
  };
}

/** Many zones that have to be read again are listed: for each site, that is next to no call. */
function withoutLookUps(jobs: readonly Job[], now: Date): Job[] {
  const listed = new Set(findManyStale(jobs, now).flat());
  return jobs.map((job) => (listed.has(job) ? { ...job, calls: job.calls - 1 } : job));
}

type Looked = Job | { site: CloudflareSite; error: IntermissionError };

async function lookAt(deps: Dependencies, ids: readonly number[], request: Request): Promise<Looked[]> {
  const situations = await loadSituations(deps.database.read(), ids, deps.clock.now());
  const byId = new Map(situations.map((situation) => [situation.site.id, situation]));
  const looked = ids.map(async (id): Promise<Looked[]> => {
    const situation = byId.get(id);
    // Removed in between.
    if (situation === undefined) return [];
    const allowInactiveKey = request.intent.kind === 'disable';
    const reached = await connectOrSay(deps, situation.site, { allowInactiveKey, engine: request.engine });
    if ('error' in reached) return [reached];
    const foresight = foresee(situation, request, reached.connection, deps.settings.defaultUrl);
    return [{ ...reached, situation, ...foresight }];
  });
  return (await Promise.all(looked)).flat();
}

/** Pure: why a site is left as it is; undefined when it is not. */
function leaveOut(
  { settings }: Pick<Dependencies, 'settings'>,
  { site, isSettled }: Job,
  { intent, force }: Request,
  pending: ReadonlySet<number>,
): BulkSite | undefined {
  const closes = intent.kind === 'enable';
  if (closes && !site.isActive)
    return skippedSite(site, 'inactive', `${site.domain} is an inactive site and is not closed.`);
  if (isSettled && !pending.has(site.id))
    return closes
      ? skippedSite(site, 'already_closed', `${site.domain} is closed by this hold already.`)
      : skippedSite(site, 'already_open', `${site.domain} is open, and nothing of ours is recorded.`);
  const { publicUrl } = settings;
  if (!closes || force || publicUrl === undefined) return undefined;
  if (!coversHost(site, canonicalHost(new URL(publicUrl).hostname))) return undefined;
  return skippedSite(
    site,
    'our_address',
    `Closing ${site.domain} would also redirect ${publicUrl}, where this installation is reached.`,
  );
}

/** Leaves out sites that others need while they are closed, and those that have no room. */
async function guard(deps: Dependencies, sorted: readonly (Job | BulkSite)[]) {
  const first = split(sorted);
  const sending = first.jobs.map(({ site, wanted }) => ({ site, url: wanted.url ?? '' }));
  const hosts = findPageHosts(sending, await findDestinations(deps.database.read()));
  const needed = first.jobs.flatMap(({ site }) => {
    const user = hosts.get(site.id);
    if (user === undefined) return [];
    return skippedSite(
      site,
      'hosts_page',
      `Visitors of ${user} are sent to a page on ${site.domain}, which stays open for that.`,
    );
  });
  const jobs = first.jobs.filter(({ site }) => !hosts.has(site.id));
  const beyond = refuseBeyondQuota(jobs.map(claimOf));
  const refused = jobs.flatMap(({ site }) => {
    const error = beyond.get(site.id);
    return error === undefined ? [] : [failedSite(site, error)];
  });
  return {
    jobs: jobs.filter(({ site }) => !beyond.has(site.id)),
    left: [...first.left, ...needed, ...refused],
  };
}

function claimOf({ site, situation, connection, wanted }: Job) {
  return {
    site,
    neighbours: situation.neighbours,
    engine: connection.engine.name,
    mayTurn: connection.fallback !== undefined,
    rules: wanted.target.length,
  };
}

function split(sorted: readonly (Job | BulkSite)[]): { jobs: Job[]; left: BulkSite[] } {
  const jobs: Job[] = [];
  const left: BulkSite[] = [];
  for (const each of sorted) {
    if ('connection' in each) jobs.push(each);
    else left.push(each);
  }
  return { jobs, left };
}
