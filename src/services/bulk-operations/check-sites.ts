import { isIntermissionError } from '../../errors.ts';
import type { Dependencies } from '../maintenance/dependencies.ts';
import { liveStatuses } from '../maintenance/live-status.ts';
import type { Emit } from './bulk-run.ts';
import { connectSites, counting, type Reachable, runByKey } from './by-key.ts';
import { doneSite, failedSite } from './rows.ts';
import type { Selected } from './selection.ts';
import { parseConcurrency } from './stop-rule.ts';
import { Tally } from './tally.ts';
import type { BulkResult, BulkSite, CheckOptions } from './types.ts';

/** Page rules and redirect rules of the zone. */
const CALLS_PER_ZONE = 2;

/** Reads each zone once, and compares every site in it with what is intended. */
export async function checkSites(
  maintenance: Dependencies,
  select: () => Promise<Selected>,
  options: CheckOptions,
  emit: Emit,
): Promise<BulkResult> {
  const concurrency = parseConcurrency(options);
  const startedAt = maintenance.clock.now();
  const { deps, calls } = counting(maintenance);
  const { reachable, failed, total } = await connectSites(deps, await select());
  const { signal } = options;
  const about = {
    operation: 'status',
    dryRun: false,
    total,
    startedAt,
    stopAfter: Infinity,
    signal,
  } as const;
  const tally = new Tally(about, emit);
  for (const site of failed) tally.add(site);
  const left = new Set(reachable);
  const taskOf = (zone: readonly Reachable[]) => ({
    calls: CALLS_PER_ZONE,
    run: async () => {
      for (const each of zone) left.delete(each);
      for (const site of await look(deps, zone, options)) tally.finish(site);
      return true;
    },
  });
  await runByKey(reachable, { concurrency, tally, emit, taskOf });
  return tally.result([...left], { completedAt: deps.clock.now(), calls: calls() });
}

async function look(
  deps: Dependencies,
  zone: readonly Reachable[],
  { observe }: CheckOptions,
): Promise<BulkSite[]> {
  try {
    const sites = zone.map(({ site }) => site);
    const statuses = await liveStatuses(deps, sites, { observe });
    return sites.map((site) => {
      const status = statuses.find(({ domain }) => domain === site.domain) ?? null;
      const error = status?.error ?? null;
      return error === null ? doneSite(site, { status }) : failedSite(site, error, { status });
    });
  } catch (error) {
    if (!isIntermissionError(error)) throw error;
    return zone.map(({ site }) => failedSite(site, error));
  }
}
