import type { ZoneFacts } from '../../domain/zone-facts.ts';
import { SiteZoneRepository } from '../../persistence/repositories/site-zone-repository.ts';
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

/**
 * Makes all zones of one key known as sites; see `SiteSyncService.syncZones`. Of several keys all are listed before the
 * first is settled, and all are settled before the first is closed: what one misses another may see.
 */
export class ZoneSync {
  readonly #run: SyncRun;
  readonly #callsBefore: number;
  readonly #progress: Progress = {
    discovered: 0,
    unchecked: 0,
    accountId: null,
    sites: [],
    ids: new Set(),
    names: new Map(),
  };

  constructor(run: SyncRun) {
    this.#run = run;
    this.#callsBefore = run.source.calls;
  }

  /** Stores the zones that are listed. Returns their names. */
  async list(onProgress: SyncOptions['onProgress']): Promise<Iterable<string>> {
    await this.#logFailure(() => storeAll(this.#run, this.#progress, onProgress));
    return this.#progress.names.keys();
  }

  /** Asks for sites whose zone was not in the list. `elsewhere`: names that other keys see, with such a key. */
  async settle(elsewhere: ReadonlyMap<string, string> = new Map()): Promise<readonly SyncedSite[]> {
    const progress = this.#progress;
    const { rows, unchecked } = await this.#logFailure(() =>
      settleMissing(this.#run, { ...progress, elsewhere }),
    );
    for (const row of rows) progress.sites.push(row);
    progress.unchecked = unchecked;
    return rows;
  }

  /** Logs the run. A site that was settled in the other zone of its name is not in conflict with it any more. */
  async close(settled: readonly SyncedSite[]): Promise<SyncResult> {
    const progress = this.#progress;
    const moved = new Set(settled.map(keyOf));
    progress.sites = progress.sites.filter((site) => site.action !== 'conflict' || !moved.has(keyOf(site)));
    if (!this.#run.dryRun) await logSync(this.#run, this.#result(), progress.accountId);
    return this.#result();
  }

  async #logFailure<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (!this.#run.dryRun) await logFailedSync(this.#run, this.#result(), error);
      throw error;
    }
  }

  #result(): SyncResult {
    return resultOf(this.#progress, this.#run.source.calls - this.#callsBefore);
  }
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
    const rows = [...failed, ...(await store(run, zones))];
    progress.sites.push(...(await withState(run, rows)));
    onProgress?.({ seen: progress.discovered, total });
  }
}

/** A row that failed knows only its zone: whether its site is to be closed is read. */
async function withState(run: SyncRun, rows: SyncedSite[]): Promise<SyncedSite[]> {
  const failed = rows.filter(({ action }) => action === 'error').map(({ domain }) => domain);
  if (failed.length === 0) return rows;
  const known = await new SiteZoneRepository(run.database.read(), run.now).ofZones([''], failed);
  const closed = new Set(known.filter((site) => site.maintenanceActive).map(({ domain }) => domain));
  return rows.map((row) => ({ ...row, maintenanceActive: row.maintenanceActive || closed.has(row.domain) }));
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

function keyOf({ domain, zoneId }: SyncedSite): string {
  return `${domain} ${zoneId}`;
}

function resultOf({ discovered, unchecked, sites }: Progress, calls: number): SyncResult {
  return { discovered, ...countActions(sites), unchecked, calls, sites };
}
