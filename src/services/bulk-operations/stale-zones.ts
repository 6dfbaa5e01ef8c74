import { isIntermissionError } from '../../errors.ts';
import { needsRefresh } from '../maintenance/check-enable.ts';
import { groupByKey } from './by-key.ts';
import type { BulkParts } from './parts.ts';
import type { Job } from './prepare.ts';

/** From so many on, the zones of a key are listed, 50 with one call, instead of being read one by one. */
const MANY = 20;

/** Pure: the jobs whose zones have to be read again before they are closed, where these are many of one key. */
export function findManyStale<J extends Pick<Job, 'site' | 'connection'>>(
  jobs: readonly J[],
  now: Date,
): J[][] {
  const stale = jobs.filter(({ site }) => site.zoneId != null && needsRefresh(site, now));
  return groupByKey(stale).filter((ofKey) => ofKey.length > MANY);
}

/** Reads these zones again. Returns the number of calls; where that fails, each site reads its own. */
export async function refreshStale(
  { syncSites, maintenance }: Pick<BulkParts, 'syncSites' | 'maintenance'>,
  jobs: readonly Job[],
  options: Omit<Parameters<BulkParts['syncSites']>[1], 'only'>,
): Promise<number> {
  const refreshed = findManyStale(jobs, maintenance.clock.now()).map(async (ofKey) => {
    const only = new Set(ofKey.map(({ site }) => site.id));
    try {
      const apiKey = ofKey[0]?.connection.apiKeyName ?? '';
      return (await syncSites(apiKey, { ...options, only })).calls;
    } catch (error) {
      if (!isIntermissionError(error)) throw error;
      return 0;
    }
  });
  return (await Promise.all(refreshed)).reduce((sum, calls) => sum + calls, 0);
}
