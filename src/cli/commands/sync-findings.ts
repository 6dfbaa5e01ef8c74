import type { Intermission } from '../../intermission.ts';
import type { SyncAction, SyncedSite, SyncResult } from '../../services/sync-result.ts';
import type { Warning } from '../command.ts';
import { type LiveRow, liveRows } from '../live-row.ts';

/** So many zones are looked at right away; of more new ones, the rules are left to `maintenance status --live`. */
const ZONES = 50;

/** Sites whose zone has just been read. */
const READABLE: ReadonlySet<SyncAction> = new Set(['created', 'updated', 'skipped']);

/** What a sync has found out about rules. */
export interface Findings {
  /** By domain; only sites whose zone was read. */
  rows: Map<string, LiveRow>;
  warnings: Warning[];
}

/**
 * Looks at the rules of all zones, unless there are very many: each costs calls. Then only those where something may
 * be amiss, with a site that is closed or has rules on record, and those that are new, unless these are many as well.
 */
export async function lookAtRules(
  app: Intermission,
  results: readonly Pick<SyncResult, 'sites'>[],
  signal: AbortSignal,
): Promise<Findings> {
  const synced = results.flatMap((result) => result.sites);
  const found = synced.filter(isNew).map(({ domain }) => domain);
  const looksAtNew = found.length <= ZONES;
  const zones = [
    ...new Set(synced.flatMap(({ action, zoneId }) => (READABLE.has(action) ? (zoneId ?? []) : []))),
  ];
  const recorded = { $or: [{ maintenanceActive: true }, { edgeState: { $ne: null } }] };
  const suspects = { $or: [recorded, { domain: { $in: looksAtNew ? found : [] } }] };
  const wanted = zones.length <= ZONES ? { zoneId: { $in: zones } } : suspects;
  const chosen = await app.sites.filter(wanted).withApiKey().all();
  const sites = chosen.filter(({ zoneId }) => zones.includes(zoneId ?? ''));
  const unseen = zones.length - new Set(sites.map(({ zoneId }) => zoneId)).size;
  const rows = await liveRows(app, sites, { signal, observe: false });
  return {
    rows: new Map(rows.map((row) => [row.site, row])),
    warnings: [...unread(rows), ...(zones.length <= ZONES || unseen === 0 ? [] : [tooMany(unseen)])],
  };
}

/** Of a site that was imported the zone may be new: what closed it before may still stand there. */
function isNew({ action, changes }: SyncedSite): boolean {
  return action === 'created' || changes['zoneId']?.from === null;
}

/** Sites that one and the same reason keeps from being looked at are one warning. */
function unread(rows: readonly LiveRow[]): Warning[] {
  const failed = Map.groupBy(
    rows.filter(({ error }) => error !== null),
    ({ error }) => error?.message ?? '',
  );
  return [...failed].map(([reason, sites]) => {
    const whose =
      sites.length === 1 ? (sites[0]?.site ?? '') : `${sites.length} sites (${sites[0]?.site}, …)`;
    return { code: 'rules_unread', message: `The rules of ${whose} could not be read: ${reason}` };
  });
}

function tooMany(count: number): Warning {
  const message = `The rules of ${count} zones were not looked at: that takes a call for each. To do it: intermission maintenance status --all --live`;
  return { code: 'rules_not_looked_at', message };
}
