import { LockMode } from '@mikro-orm/core';
import type { SqlEntityManager } from '@mikro-orm/sql';
import { CloudflareSite } from '../../domain/cloudflare-site.ts';
import { type EdgeState, eachOnce, type ForeignRule, type UnrestoredRule } from '../../domain/edge-state.ts';
import type { MaintenanceHold } from '../../domain/maintenance-hold.ts';
import type { MaintenanceLog } from '../../domain/maintenance-log.ts';
import type { RuleState } from '../../engines/engine.ts';
import { IntermissionError, type JsonValue } from '../../errors.ts';
import { MaintenanceHoldRepository } from '../../persistence/repositories/maintenance-hold-repository.ts';
import type { OperationPlan } from './operation.ts';

/** A site with what bears on it, as of one moment. */
export interface Situation {
  site: CloudflareSite;
  /** Holds in force. */
  holds: MaintenanceHold[];
  /** The other sites of the same zone. */
  neighbours: CloudflareSite[];
  /** The moment that decides which holds are in force, up to the commit: what ends later is for the next run. */
  asOf: Date;
}

/**
 * With the lock of the zone, or in a transaction: else others may write in between.
 *
 * @throws IntermissionError `not_found` when the site has been removed meanwhile
 */
export async function loadSituation(em: SqlEntityManager, siteId: number, now: Date): Promise<Situation> {
  const [situation] = await loadSituations(em, [siteId], now);
  return situation ?? throwRemoved();
}

/** Those of `siteIds` (up to 1,000) that are there, each as `loadSituation` gives it, in one go. */
export async function loadSituations(
  em: SqlEntityManager,
  siteIds: readonly number[],
  now: Date,
): Promise<Situation[]> {
  const sites = await findSites(em, siteIds);
  // A site that is open has no hold in force.
  const closed = sites.filter((site) => site.maintenanceActive).map((site) => site.id);
  const holds = closed.length === 0 ? [] : await new MaintenanceHoldRepository().inForce(em, closed, now);
  const holdsOf = Map.groupBy(holds, (hold) => hold.site.id);
  const zones = await findSharedZones(em, sites);
  return sites.map((site) => ({
    site,
    holds: holdsOf.get(site.id) ?? [],
    neighbours: (zones.get(site.zoneId ?? '') ?? []).filter(({ id }) => id !== site.id),
    asOf: now,
  }));
}

/** All sites of the zones that have several. */
async function findSharedZones(
  em: SqlEntityManager,
  sites: readonly CloudflareSite[],
): Promise<Map<string, CloudflareSite[]>> {
  const ids = [...new Set(sites.flatMap(({ zoneId }) => zoneId ?? []))];
  if (ids.length === 0) return new Map();
  const rows = await em.execute<{ zone_id: string }[]>(
    `select zone_id from cloudflare_site where zone_id in (${ids.map(() => '?').join(', ')})
     group by zone_id having count(*) > 1`,
    ids,
  );
  if (rows.length === 0) return new Map();
  const found = await em.find(CloudflareSite, { zoneId: { $in: rows.map(({ zone_id }) => zone_id) } });
  return Map.groupBy(found, ({ zoneId }) => zoneId ?? '');
}

/**
 * In a transaction the row stays locked until it ends.
 *
 * @throws IntermissionError `not_found` when the site has been removed meanwhile
 */
export async function getSite(em: SqlEntityManager, siteId: number): Promise<CloudflareSite> {
  const [site] = await findSites(em, [siteId]);
  return site ?? throwRemoved();
}

/** Those that are there. In a transaction their rows stay locked until it ends. */
export function findSites(em: SqlEntityManager, siteIds: readonly number[]): Promise<CloudflareSite[]> {
  const locked = em.isInTransaction() ? { lockMode: LockMode.PESSIMISTIC_WRITE as const } : {};
  return em.find(CloudflareSite, { id: { $in: [...siteIds] } }, { orderBy: { id: 'asc' }, ...locked });
}

/** @throws IntermissionError `not_found` */
export function throwRemoved(): never {
  throw new IntermissionError('not_found', 'The site is no longer in the database.', {
    hint: 'See: intermission site list',
  });
}

interface EdgeOutcome {
  state: RuleState;
  unrestored: readonly UnrestoredRule[];
  /** Undefined leaves them as they are. */
  foreign?: ForeignRule[];
  /** Undefined: it did not end as planned. */
  holdsAsOf?: Date;
}

/** Writes what is ours at Cloudflare into the site. */
export function recordEdge(
  site: CloudflareSite,
  plan: OperationPlan,
  { state, unrestored, foreign = site.edgeState?.foreign ?? [], holdsAsOf }: EdgeOutcome,
): void {
  const kept = eachOnce([...(site.edgeState?.unrestored ?? []), ...unrestored]);
  const rulesetId = plan.rulesetId ?? site.edgeState?.rulesetId;
  const hasNone = [state.rules, kept, foreign].every(({ length }) => length === 0);
  const isEmpty = hasNone && rulesetId === undefined;
  const { rules, replaced } = state;
  const isAsPlanned = plan.url !== null && holdsAsOf !== undefined;
  const closes = rules.length === 0 ? [] : (plan.closes ?? []).slice(isAsPlanned ? -1 : 0);
  site.edgeState = isEmpty
    ? null
    : {
        engine: plan.engine,
        rules,
        replaced,
        unrestored: kept,
        ...(foreign.length > 0 && { foreign }),
        ...(rulesetId !== undefined && { rulesetId }),
        ...(closes.length > 0 && { closes }),
      };
}

export function recordedState(edge: EdgeState | null | undefined): RuleState {
  return { rules: edge?.rules ?? [], replaced: edge?.replaced ?? [] };
}

/** The plan in a row that this service wrote. */
export function planOf(row: MaintenanceLog): OperationPlan {
  return row.plan as unknown as OperationPlan;
}

export function planToJson(plan: OperationPlan): JsonValue {
  return JSON.parse(JSON.stringify(plan)) as JsonValue;
}
