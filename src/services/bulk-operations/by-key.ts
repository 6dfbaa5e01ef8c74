import type { CloudflareSite } from '../../domain/cloudflare-site.ts';
import { type IntermissionError, isIntermissionError } from '../../errors.ts';
import type { Dependencies } from '../maintenance/dependencies.ts';
import type { Connection } from '../maintenance/ports.ts';
import { findSites } from '../maintenance/records.ts';
import type { Emit } from './bulk-run.ts';
import { runLane, type Task } from './lane.ts';
import { failedSite } from './rows.ts';
import type { Selected } from './selection.ts';
import type { Tally } from './tally.ts';
import type { BulkSite } from './types.ts';

/** A site with the key that it is reached through. */
export interface Reachable {
  site: CloudflareSite;
  connection: Connection;
}

/** The items of each API key, which have a call budget in common. */
export function groupByKey<T extends Pick<Reachable, 'connection'>>(items: readonly T[]): [T, ...T[]][] {
  return [...Map.groupBy(items, ({ connection }) => connection.apiKeyName).values()] as [T, ...T[]][];
}

export interface ByKey<T> {
  concurrency: number;
  tally: Tally;
  emit: Emit;
  /** What is to be done with the items of one zone. */
  taskOf: (zone: readonly [T, ...T[]]) => Task;
}

/** Works through the items: those of one zone in one task, those of one key in one queue, all keys at the same time. */
export async function runByKey<T extends Reachable>(items: readonly T[], options: ByKey<T>): Promise<void> {
  const { concurrency, tally, emit, taskOf } = options;
  const lanes = groupByKey(items).map((ofKey) => {
    const { apiKeyName: apiKey, budget } = ofKey[0].connection;
    const zones = Map.groupBy(ofKey, ({ site }) => site.zoneId ?? `site ${site.id}`);
    const tasks = [...zones.values()].map((zone) => taskOf(zone as [T, ...T[]]));
    const onPause = (until: Date) => emit({ type: 'paused', apiKey, until });
    return runLane(tasks, { budget, concurrency, signal: tally.brake, onPause });
  });
  await Promise.all(lanes);
}

/** The same, with a count of all calls to Cloudflare that are made through it. */
export function counting(deps: Dependencies): { deps: Dependencies; calls: () => number } {
  const connections: Connection[] = [];
  const connect: Dependencies['connect'] = async (...question) => {
    const connection = await deps.connect(...question);
    connections.push(connection);
    return connection;
  };
  return {
    deps: { ...deps, connect },
    calls: () => connections.reduce((sum, connection) => sum + connection.calls(), 0),
  };
}

/** Sites that are read with one query. */
export const CHUNK = 250;

/** The selected sites, each with its key; those that cannot be reached have failed. */
export async function connectSites(
  deps: Dependencies,
  { ids, unknown }: Selected,
): Promise<{ reachable: Reachable[]; failed: BulkSite[]; total: number }> {
  const reachable: Reachable[] = [];
  const failed = unknown.map(({ domain, error }) => failedSite({ id: null, domain }, error));
  for (let start = 0; start < ids.length; start += CHUNK) {
    const sites = await findSites(deps.database.read(), ids.slice(start, start + CHUNK));
    const connected = sites.map((site) => connectOrSay(deps, site, { allowInactiveKey: true }));
    for (const each of await Promise.all(connected)) {
      if ('error' in each) failed.push(failedSite(each.site, each.error));
      else reachable.push(each);
    }
  }
  return { reachable, failed, total: reachable.length + failed.length };
}

export async function connectOrSay(
  deps: Pick<Dependencies, 'connect'>,
  site: CloudflareSite,
  options: Parameters<Dependencies['connect']>[1],
): Promise<Reachable | { site: CloudflareSite; error: IntermissionError }> {
  try {
    return { site, connection: await deps.connect(site, options) };
  } catch (error) {
    if (!isIntermissionError(error)) throw error;
    return { site, error };
  }
}
