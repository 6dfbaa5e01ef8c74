import { type ZoneFacts, zoneFields } from '../../domain/zone-facts.ts';
import type { JsonValue } from '../../errors.ts';
import type { NewSyncLog, SiteZoneRepository } from '../../persistence/repositories/site-zone-repository.ts';
import { type FieldChanges, NO_CHANGES, type SyncedSite } from '../sync-result.ts';
import { changeReason } from './change-reason.ts';
import { factChanges, type KnownSite, type PagePlan, planPage, type RecordedSite } from './plan-page.ts';
import type { SyncRun } from './sync-run.ts';

/** How old the facts of an unchanged zone may become before a sync notes that they still hold. */
const RECHECK_MS = 12 * 3_600_000;

/** Makes our sites agree with some zones, in the transaction of `sites`. A change leaves a log row; new sites are named in that of the run. */
export async function storeZones(
  run: SyncRun,
  sites: SiteZoneRepository,
  zones: readonly ZoneFacts[],
): Promise<SyncedSite[]> {
  const known = await sites.ofZones(
    zones.map(({ id }) => id),
    zones.map(({ name }) => name),
  );
  const plan = onlyWanted(
    planPage(zones, known, (site) => usesKey(run, site)),
    run.only,
  );
  return [
    ...(await createSites(run, sites, plan.create)),
    ...(await refreshSites(run, sites, plan.refresh)),
    ...plan.conflicts.map((conflict) => conflictRow(run, conflict)),
  ];
}

function onlyWanted(plan: PagePlan, only: SyncRun['only']): PagePlan {
  if (only === undefined) return plan;
  return {
    create: [],
    refresh: plan.refresh.filter(({ site }) => only.has(site.id)),
    conflicts: plan.conflicts.filter(({ site }) => site !== undefined && only.has(site.id)),
  };
}

/** Makes sites agree with the zones that they lie in, or move to. */
export async function refreshSites(
  run: SyncRun,
  sites: SiteZoneRepository,
  pairs: PagePlan['refresh'],
): Promise<SyncedSite[]> {
  const found = pairs.map((pair) => ({ ...pair, changes: factChanges(pair.site, pair.zone) }));
  const changed = found.filter(({ changes }) => changes !== NO_CHANGES);
  for (const { site, zone } of changed) await sites.update(site.id, zoneFields(zone, run.startedAt));
  await logChanges(run, sites, changed);
  const stale = found.filter(
    ({ site, changes }) => changes === NO_CHANGES && (run.force || isOld(run, site)),
  );
  if (stale.length > 0) await sites.touch(stale.map(({ site }) => site.id));
  return found.map(({ site, zone, changes }) => ({
    ...rowOf(site, zone.id),
    action: run.force || changes !== NO_CHANGES ? 'updated' : 'skipped',
    changes,
    reason: changeReason(site, changes),
  }));
}

/** One log row for each change of a site, with what was before and what is after. */
export async function logChanges(
  run: SyncRun,
  sites: SiteZoneRepository,
  changed: readonly { site: KnownSite; changes: FieldChanges; reason?: string }[],
): Promise<void> {
  if (changed.length === 0) return;
  await sites.log(
    changed.map(({ site, changes, reason = changeReason(site, changes) ?? '' }) =>
      logRow(run, site, reason, {
        before: sideOf(changes, 'from'),
        after: sideOf(changes, 'to'),
      }),
    ),
  );
}

/** What stays to be said of a site of which nothing is known yet. */
export function rowOf(site: RecordedSite, zoneId: string | null): SyncedSite {
  const { domain, maintenanceActive = false } = site;
  return {
    domain,
    action: 'skipped',
    zoneId,
    maintenanceActive,
    changes: NO_CHANGES,
    reason: null,
    error: null,
  };
}

async function createSites(
  run: SyncRun,
  sites: SiteZoneRepository,
  zones: readonly ZoneFacts[],
): Promise<SyncedSite[]> {
  if (zones.length === 0) return [];
  const rows = zones.map((zone) => ({
    name: zone.name.slice(0, 100),
    domain: zone.name,
    apiKey: run.apiKey?.id ?? null,
    ...zoneFields(zone, run.startedAt),
  }));
  await sites.insert(rows);
  return zones.map(({ name, id }) => ({
    domain: name,
    action: 'created',
    zoneId: id,
    maintenanceActive: false,
    changes: NO_CHANGES,
    reason: null,
    error: null,
  }));
}

/** Whether a site uses the key of this run. */
function usesKey({ apiKey }: SyncRun, { apiKeyId }: KnownSite): boolean {
  return apiKeyId === (apiKey?.id ?? null) || (apiKeyId === null && apiKey?.isDefault === true);
}

function conflictRow(run: SyncRun, { domain, site, zone }: PagePlan['conflicts'][number]): SyncedSite {
  const key = site === undefined || usesKey(run, site) ? undefined : run.apiKey?.name;
  const whose = key === undefined ? '' : ` It is seen with the API key ${key}, and the site uses another.`;
  const withKey = key === undefined ? '' : ` --api-key ${key}`;
  return {
    domain,
    action: 'conflict',
    zoneId: zone.id,
    maintenanceActive: site?.maintenanceActive ?? false,
    changes: NO_CHANGES,
    reason: `Cloudflare has another zone of this name, ${zone.id} (${zone.status}).${whose} The site keeps the zone it has. To change that: intermission site edit ${domain} --zone-id ${zone.id}${withKey}`,
    error: null,
  };
}

function isOld({ startedAt }: SyncRun, { zoneCheckedAt }: KnownSite): boolean {
  return startedAt.getTime() - (zoneCheckedAt?.getTime() ?? 0) > RECHECK_MS;
}

function logRow(
  { actor }: SyncRun,
  site: { id: number | null; domain: string },
  reason: string,
  changed: JsonValue,
): NewSyncLog {
  return {
    site: site.id,
    domain: site.domain,
    action: 'sync',
    reason,
    actor: actor.name,
    source: actor.source,
    changed,
  };
}

function sideOf(changes: FieldChanges, side: 'from' | 'to'): JsonValue {
  return Object.fromEntries(Object.entries(changes).map(([field, change]) => [field, change[side]]));
}
