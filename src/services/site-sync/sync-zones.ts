import type { ZoneFacts } from '../../domain/zone-facts.ts';
import { countActions, type SyncedSite, type SyncOptions, type SyncResult } from '../sync-result.ts';
import { failedRow, isOfZone } from './failed-row.ts';
import { settleMissing } from './missing-sites.ts';
import { readBatches } from './read-pages.ts';
import { storeZones } from './store-page.ts';
import { logFailedSync, logSync } from './sync-log.ts';
import { inTransaction, type SyncRun } from './sync-run.ts';

/** What was read so far. */
interface Progress {
  discovered: number;
  unchecked: number;
  accountId: string | null;
  sites: SyncedSite[];
  ids: Set<string>;
  names: Map<string, string>;
}

/** Makes all zones of one key known as sites; see `SiteSyncService.syncZones`. */
export async function syncAllZones(run: SyncRun, onProgress: SyncOptions['onProgress']): Promise<SyncResult> {
  const callsBefore = run.source.calls;
  const progress: Progress = {
    discovered: 0,
    unchecked: 0,
    accountId: null,
    sites: [],
    ids: new Set(),
    names: new Map(),
  };
  const result = () => resultOf(progress, run.source.calls - callsBefore);
  try {
    await storeAll(run, progress, onProgress);
    await settleTheRest(run, progress);
  } catch (error) {
    if (!run.dryRun) await logFailedSync(run, result(), error);
    throw error;
  }
  if (!run.dryRun) await logSync(run, result(), progress.accountId);
  return result();
}

async function storeAll(
  run: SyncRun,
  progress: Progress,
  onProgress: SyncOptions['onProgress'],
): Promise<void> {
  for await (const { zones, failed, total } of readBatches(run)) {
    progress.discovered += zones.length + failed.length;
    progress.accountId ??= zones[0]?.accountId ?? null;
    for (const { id, name, status } of zones) {
      progress.ids.add(id);
      if (status === 'active' || !progress.names.has(name)) progress.names.set(name, id);
    }
    // An entry that cannot be read still shows that its zone is there.
    for (const { zoneId } of failed) if (zoneId !== null) progress.ids.add(zoneId);
    progress.sites.push(...failed, ...(await store(run, zones)));
    onProgress?.({ seen: progress.discovered, total });
  }
}

/** One transaction; if one of the zones makes it fail, each zone gets its own, so that only that one is left out. */
async function store(run: SyncRun, zones: readonly ZoneFacts[]): Promise<SyncedSite[]> {
  if (zones.length === 0) return [];
  try {
    return await inTransaction(run, (sites) => storeZones(run, sites, zones));
  } catch (error) {
    const [only, ...others] = zones;
    if (!isOfZone(error) || only === undefined) throw error;
    if (others.length === 0) return [failedRow(only.name, only.id, error)];
  }
  const rows: SyncedSite[] = [];
  for (const zone of zones) rows.push(...(await store(run, [zone])));
  return rows;
}

async function settleTheRest(run: SyncRun, progress: Progress): Promise<void> {
  const { rows, unchecked } = await settleMissing(run, progress);
  // A site that has moved to the other zone of its name is not in conflict with it any more.
  const moved = new Set(rows.filter(({ zoneId }) => progress.ids.has(zoneId ?? '')).map(keyOf));
  const kept = progress.sites.filter((site) => site.action !== 'conflict' || !moved.has(keyOf(site)));
  progress.sites = [...kept, ...rows];
  progress.unchecked = unchecked;
}

function keyOf({ domain, zoneId }: SyncedSite): string {
  return `${domain} ${zoneId}`;
}

function resultOf({ discovered, unchecked, sites }: Progress, calls: number): SyncResult {
  return { discovered, ...countActions(sites), unchecked, calls, sites };
}
