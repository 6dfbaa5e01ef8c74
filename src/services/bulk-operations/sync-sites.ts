import { IntermissionError, isIntermissionError } from '../../errors.ts';
import type { Emit } from './bulk-run.ts';
import { connectSites, groupByKey, type Reachable } from './by-key.ts';
import type { BulkParts } from './parts.ts';
import { doneSite, failedSite } from './rows.ts';
import type { Selected } from './selection.ts';
import { Tally } from './tally.ts';
import type { BulkResult, BulkSite, SyncRunOptions } from './types.ts';

/** Refreshes what Cloudflare owns of the sites: each key lists its zones once. */
export async function syncSites(
  { maintenance: deps, syncSites: sync }: Pick<BulkParts, 'maintenance' | 'syncSites'>,
  select: () => Promise<Selected>,
  options: SyncRunOptions,
  emit: Emit,
): Promise<BulkResult> {
  const startedAt = deps.clock.now();
  const { reachable, failed, total } = await connectSites(deps, await select());
  const { dryRun = false, signal } = options;
  const about = { operation: 'sync', dryRun, total, startedAt, stopAfter: Infinity, signal } as const;
  const tally = new Tally(about, emit);
  for (const site of failed) tally.add(site);
  const left = new Set(reachable);
  let calls = 0;
  const syncKey = async (ofKey: readonly [Reachable, ...Reachable[]]) => {
    if (tally.brake.aborted) return;
    for (const each of ofKey) left.delete(each);
    const only = new Set(ofKey.map(({ site }) => site.id));
    const { rows, sent } = await syncOf(ofKey, dryRun ? 'planned' : 'done', () =>
      sync(ofKey[0].connection.apiKeyName, { ...options, only }),
    );
    calls += sent;
    for (const row of rows) tally.finish(row);
  };
  await Promise.all(groupByKey(reachable).map(syncKey));
  return tally.result([...left], { completedAt: deps.clock.now(), calls });
}

async function syncOf(
  ofKey: readonly Reachable[],
  outcome: BulkSite['outcome'],
  sync: () => ReturnType<BulkParts['syncSites']>,
): Promise<{ rows: BulkSite[]; sent: number }> {
  const sites = ofKey.map(({ site }) => site);
  try {
    const { calls, sites: synced } = await sync();
    const seen = new Map(synced.map(({ domain, error }) => [domain, error]));
    const rows = sites.map((site) => {
      const error = seen.has(site.domain) ? seen.get(site.domain) : notSeen(site.domain);
      return error == null ? doneSite(site, { outcome }) : failedSite(site, error);
    });
    return { rows, sent: calls };
  } catch (error) {
    if (!isIntermissionError(error)) throw error;
    return { rows: sites.map((site) => failedSite(site, error)), sent: 0 };
  }
}

function notSeen(domain: string): IntermissionError {
  return new IntermissionError('not_found', `The API token sees no zone of ${domain}.`, {
    hint: 'Check that the zone is still at Cloudflare, and that the token may read it (Zone Read).',
  });
}
