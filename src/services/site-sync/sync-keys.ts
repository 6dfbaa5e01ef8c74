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
 * Syncs one key after the other. One that fails does not stop the others; of several, its error comes with its name in
 * front.
 *
 * @param open gives the service of the key of that name
 * @throws IntermissionError `interrupted`
 */
export async function syncKeys(
  names: readonly string[],
  open: (name: string) => Promise<SiteSyncService>,
  options: SyncOptions,
): Promise<KeySync[]> {
  const outcomes: KeySync[] = [];
  for (const apiKey of names) {
    try {
      outcomes.push({ apiKey, result: await (await open(apiKey)).syncZones(options) });
    } catch (error) {
      if (options.signal?.aborted === true) throw error;
      outcomes.push({ apiKey, error: names.length === 1 ? error : named(apiKey, error) });
    }
  }
  return outcomes;
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
