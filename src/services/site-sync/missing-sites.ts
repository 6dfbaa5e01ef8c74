import type { ZoneFacts } from '../../domain/zone-facts.ts';
import type { Database } from '../../persistence/open-database.ts';
import { CloudflareApiKeyRepository } from '../../persistence/repositories/cloudflare-api-key-repository.ts';
import { SiteZoneRepository, type ZoneOfSite } from '../../persistence/repositories/site-zone-repository.ts';
import type { SyncedSite } from '../sync-result.ts';
import { failedRow, isOfZone } from './failed-row.ts';
import { GONE, type KnownSite } from './plan-page.ts';
import { askForZone, settleSite, unreachableRow } from './settle-site.ts';
import { callOptions, type SyncRun } from './sync-run.ts';

/** Each missing site costs a call: of more than this, the others are left to the runs to come. */
const MOST_CHECKS = 200;

/** How many are asked about at the same time. */
const AT_ONCE = 10;

/** Zones that were in the list: the id of each, and the id that each name leads to. */
export interface SeenZones {
  ids: ReadonlySet<string>;
  names: ReadonlyMap<string, string>;
  /** Names of zones in the lists of other keys, and the name of a key that sees each. */
  elsewhere: ReadonlyMap<string, string>;
}

/**
 * Sites of this key whose zone was not in the list. That alone proves nothing: while pages are read, a zone can move
 * from one that is still to come to one that has been read. So Cloudflare is asked for each, up to `MOST_CHECKS`.
 */
export async function settleMissing(
  run: SyncRun,
  seen: SeenZones,
): Promise<{ rows: SyncedSite[]; unchecked: number }> {
  const { only } = run;
  const asked = (await sitesOfKey(run)).filter(({ id }) => only === undefined || only.has(id));
  const missing = asked.filter((site) => isMissing(site, seen));
  const chosen = choose(missing, run.startedAt);
  const rows: SyncedSite[] = [];
  for (let start = 0; start < chosen.length; start += AT_ONCE) {
    const settled = await Promise.all(
      chosen.slice(start, start + AT_ONCE).map(({ id }) => settle(run, seen, id)),
    );
    rows.push(...settled.filter((row) => row !== undefined));
  }
  return { rows, unchecked: missing.length - chosen.length };
}

async function sitesOfKey({ database, now, apiKey }: SyncRun): Promise<ZoneOfSite[]> {
  const isOnlyToken = apiKey === null && (await hasNoDefault(database, now));
  return new SiteZoneRepository(database.read(), now).withZone(apiKey, isOnlyToken);
}

async function hasNoDefault(database: Database, now: () => Date): Promise<boolean> {
  return (await new CloudflareApiKeyRepository(database.read(), now).findDefault()) === undefined;
}

/** A zone that is known to be gone is not asked for again, unless the site is closed, or active again. */
function isMissing(
  { zoneId, zoneStatus, isActive, maintenanceActive }: ZoneOfSite,
  { ids }: SeenZones,
): boolean {
  const isSettled = zoneStatus === GONE && isActive !== true && maintenanceActive !== true;
  return zoneId != null && !ids.has(zoneId) && !isSettled;
}

/** Begins somewhere else each time, so that in the end each has its turn. */
function choose(missing: ZoneOfSite[], startedAt: Date): ZoneOfSite[] {
  if (missing.length <= MOST_CHECKS) return missing;
  const start = Math.floor(startedAt.getTime() / 1000) % missing.length;
  return [...missing.slice(start), ...missing.slice(0, start)].slice(0, MOST_CHECKS);
}

async function settle(run: SyncRun, seen: SeenZones, id: number): Promise<SyncedSite | undefined> {
  const site = await new SiteZoneRepository(run.database.read(), run.now).find(id);
  if (site === undefined) return undefined;
  try {
    const answer = await askForZone(run, site);
    if (answer.state === 'unreachable') return unreachableRow(site, answer.error);
    if (answer.state === 'found') return await settleSite(run, id, answer);
    const successor = await successorOf(run, seen, site);
    return await settleSite(run, id, answer, successor, nearest(seen.elsewhere, site));
  } catch (error) {
    if (!isOfZone(error)) throw error;
    const row = failedRow(site.domain, site.zoneId ?? null, error);
    return { ...row, maintenanceActive: site.maintenanceActive === true };
  }
}

/** The zone in the list that has the name of the site now, or of its nearest parent. */
async function successorOf(
  run: SyncRun,
  { names }: SeenZones,
  site: KnownSite,
): Promise<ZoneFacts | undefined> {
  const zoneId = nearest(names, site);
  return zoneId === undefined ? undefined : run.source.getZone(zoneId, callOptions(run));
}

/** What the map has for the name of the site, or for its nearest parent. */
function nearest(names: ReadonlyMap<string, string>, { domain }: KnownSite): string | undefined {
  const labels = domain.split('.');
  const parents = labels.map((_, index) => labels.slice(index).join('.'));
  return parents.map((name) => names.get(name)).find((found) => found !== undefined);
}
