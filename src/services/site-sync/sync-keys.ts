import { extendError, isIntermissionError } from '../../errors.ts';
import type { SiteSyncService, SyncOptions, SyncResult } from './site-sync-service.ts';

/** What became of one API key in a sync of several. */
export type KeySync = { apiKey: string } & (
  | { result: SyncResult; error?: never }
  | { result?: never; error: unknown }
);

/**
 * Syncs one key after the other. Of several, one that fails does not stop the others: its error comes with its
 * name in front. A single one throws.
 *
 * @param open gives the service of the key of that name
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
      if (names.length === 1 || options.signal?.aborted === true) throw error;
      outcomes.push({ apiKey, error: named(apiKey, error) });
    }
  }
  return outcomes;
}

function named(apiKey: string, error: unknown): unknown {
  if (!isIntermissionError(error)) return error;
  return extendError(error, { message: `API key "${apiKey}": ${error.message}` });
}
