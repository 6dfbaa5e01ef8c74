import { extendError, type IntermissionError, isIntermissionError } from '../../errors.ts';
import {
  countActions,
  type SyncedSite,
  type SyncFailure,
  type SyncOptions,
  type SyncResult,
  type SyncTotals,
} from '../sync-result.ts';
import type { SiteSyncService } from './site-sync-service.ts';

/** What became of one API key in a sync of several. */
export type KeySync = { apiKey: string } & (
  | { result: SyncResult; error?: never }
  | { result?: never; error: unknown }
);

/**
 * Syncs several keys, step by step: a zone that one key misses may be one that another sees. A key that fails does not
 * stop the others; of several, its error comes with its name in front.
 *
 * @param open gives the service of the key of that name
 * @throws IntermissionError `interrupted`
 */
export async function syncKeys(
  names: readonly string[],
  open: (name: string) => Promise<SiteSyncService>,
  options: SyncOptions,
): Promise<KeySync[]> {
  const errors = new Map<string, unknown>();
  const each = async <T, R>(from: ReadonlyMap<string, T>, step: (value: T, apiKey: string) => Promise<R>) => {
    const done = new Map<string, R>();
    for (const [apiKey, value] of from) {
      try {
        done.set(apiKey, await step(value, apiKey));
      } catch (error) {
        if (options.signal?.aborted === true) throw error;
        errors.set(apiKey, names.length === 1 ? error : named(apiKey, error));
      }
    }
    return done;
  };
  const listed = await each(new Map(names.map((name) => [name, name])), async (name) => {
    const sync = (await open(name)).begin(options);
    return { sync, zones: await sync.list(options.onProgress) };
  });
  const settled = await each(listed, async ({ sync }, apiKey) => ({
    sync,
    rows: await sync.settle(zonesOfOthers(listed, apiKey)),
  }));
  const rows = [...settled.values()].flatMap((of) => of.rows);
  const results = await each(settled, ({ sync }) => sync.close(rows));
  return names.map((apiKey) => {
    const result = results.get(apiKey);
    return result === undefined ? { apiKey, error: errors.get(apiKey) } : { apiKey, result };
  });
}

/** Names of zones that other keys than this see, with one that does. */
function zonesOfOthers(
  listed: ReadonlyMap<string, { zones: Iterable<string> }>,
  apiKey: string,
): ReadonlyMap<string, string> {
  const others = [...listed].filter(([name]) => name !== apiKey);
  return new Map(others.flatMap(([name, { zones }]) => [...zones].map((zone) => [zone, name] as const)));
}

/** The counts of several keys together. A zone that several keys see counts once, by the first that changed something. */
export function totalsOf(outcomes: readonly KeySync[]): SyncTotals {
  const sites = eachOnce(outcomes.flatMap(({ result }) => result?.sites ?? []));
  const counts = countActions(sites);
  const errorDetails = outcomes.flatMap(failuresOf);
  return {
    discovered: discoveredBy(outcomes, sites),
    ...counts,
    synced: counts.created + counts.updated + counts.skipped,
    errors: errorDetails.length,
    errorDetails,
  };
}

function eachOnce(rows: readonly SyncedSite[]): SyncedSite[] {
  const kept = new Map<string, SyncedSite>();
  for (const row of rows) {
    const key = `${row.domain} ${row.zoneId}`;
    if ((kept.get(key)?.action ?? 'skipped') === 'skipped') kept.set(key, row);
  }
  return [...kept.values()];
}

function discoveredBy(outcomes: readonly KeySync[], sites: readonly SyncedSite[]): number {
  const results = outcomes.flatMap(({ result }) => result ?? []);
  if (results.length === 1) return results[0]?.discovered ?? 0;
  const listed = sites.filter(({ action }) => action !== 'deactivated' && action !== 'unreachable');
  return new Set(listed.map(({ zoneId, domain }) => zoneId ?? domain)).size;
}

function failuresOf({ apiKey, result, error }: KeySync): SyncFailure[] {
  if (result === undefined) return [{ apiKey, domain: null, ...saying(error) }];
  const failed = result.sites.filter(({ action }) => action === 'error');
  return failed.map((site) => ({ apiKey, domain: site.domain, ...saying(site.error) }));
}

function saying(error: unknown): { code: IntermissionError['code']; message: string } {
  if (isIntermissionError(error)) return { code: error.code, message: error.message };
  return { code: 'internal', message: 'An unexpected error stopped the sync.' };
}

function named(apiKey: string, error: unknown): unknown {
  if (!isIntermissionError(error)) return error;
  return extendError(error, { message: `API key "${apiKey}": ${error.message}` });
}
