import { LockMode } from '@mikro-orm/core';
import type { SqlEntityManager } from '@mikro-orm/sql';
import { CloudflareSite } from '../../domain/cloudflare-site.ts';
import { type EdgeState, eachOnce, type ForeignRule, type UnrestoredRule } from '../../domain/edge-state.ts';
import { isInForce } from '../../domain/holds.ts';
import { MaintenanceHold } from '../../domain/maintenance-hold.ts';
import { type Actor, MaintenanceLog } from '../../domain/maintenance-log.ts';
import type { RuleState } from '../../engines/engine.ts';
import { IntermissionError, type JsonValue } from '../../errors.ts';
import { hasRows } from '../../persistence/has-rows.ts';
import { MaintenanceHoldRepository } from '../../persistence/repositories/maintenance-hold-repository.ts';
import type { HoldRequest, Intent, OperationPlan } from './operation.ts';

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
function throwRemoved(): never {
  throw new IntermissionError('not_found', 'The site is no longer in the database.', {
    hint: 'See: intermission site list',
  });
}

/** The holds that will be in force once `intent` is done. */
export function holdsAfter(holds: readonly MaintenanceHold[], intent: Intent, now: Date): HoldLike[] {
  if (intent.kind === 'enable') {
    const { name } = intent.hold;
    const held = holds.find((hold) => hold.name === name);
    const placed = { name, updatedAt: now, ...settled(intent.hold, held) };
    return [...holds.filter((hold) => hold.name !== name), placed];
  }
  const { release } = intent;
  return release === null ? [] : holds.filter((hold) => !release.includes(hold.name));
}

/** Pure: whether a hold in force is already just what an enable would make of it. */
export function isOnTheseTerms(holds: readonly MaintenanceHold[], intent: Intent): boolean {
  if (intent.kind === 'disable') return false;
  const held = holds.find((hold) => hold.name === intent.hold.name);
  if (held === undefined || (held.reason ?? '') !== intent.hold.reason) return false;
  const { message, url, expiresAt } = settled(intent.hold, held);
  const isSameEnd = (expiresAt?.getTime() ?? null) === (held.expiresAt?.getTime() ?? null);
  return isSameEnd && message === (held.message ?? null) && url === (held.url ?? null);
}

/** Where a request leaves something out, a hold that is in force keeps what it has. */
function settled({ message, url, expiresAt }: HoldRequest, held: MaintenanceHold | undefined) {
  const asked = typeof expiresAt === 'string' ? new Date(expiresAt) : expiresAt;
  return {
    message: message === undefined ? (held?.message ?? null) : message,
    url: url === undefined ? (held?.url ?? null) : url,
    expiresAt: asked === undefined ? (held?.expiresAt ?? null) : asked,
  };
}

export type HoldLike = Pick<MaintenanceHold, 'name' | 'url' | 'message' | 'updatedAt' | 'expiresAt'>;

/** Writes the holds that `intent` asks for. Returns before and after, for the log. */
export async function writeHolds(
  em: SqlEntityManager,
  siteId: number,
  intent: Intent,
  by: Actor,
  { asOf, now }: { asOf: Date; now: Date },
): Promise<JsonValue> {
  const unreleased = await em.find(
    MaintenanceHold,
    { site: siteId, releasedAt: null },
    { lockMode: LockMode.PESSIMISTIC_WRITE },
  );
  const changed: JsonValue[] = [];
  for (const hold of unreleased) {
    const hasEnded = !isInForce(hold, asOf);
    if (!hasEnded && !isReleasedBy(intent, hold.name)) continue;
    hold.releasedAt = now;
    hold.releasedBy = hasEnded ? 'its end' : by.name;
    changed.push({ hold: hold.name, released: hold.releasedBy });
  }
  if (intent.kind === 'disable') return changed;
  // Flushed first: an ended hold of the same name must be released before a new one takes its name.
  if (changed.length > 0) await em.flush();
  const { name, reason } = intent.hold;
  const held = unreleased.find((hold) => hold.name === name && hold.releasedAt == null);
  const terms = settled(intent.hold, held);
  new MaintenanceHoldRepository().write(em, held, { siteId, name, reason, ...terms, actor: by }, now);
  const until = terms.expiresAt?.toISOString() ?? null;
  return [...changed, { hold: name, [held === undefined ? 'placed' : 'updated']: true, until }];
}

function isReleasedBy(intent: Intent, name: string): boolean {
  return intent.kind === 'disable' && (intent.release === null || intent.release.includes(name));
}

interface EdgeOutcome {
  state: RuleState;
  unrestored: readonly UnrestoredRule[];
  /** Undefined leaves them as they are. */
  foreign?: ForeignRule[];
}

/** Writes what is ours at Cloudflare into the site. */
export function recordEdge(
  site: CloudflareSite,
  plan: OperationPlan,
  { state, unrestored, foreign = site.edgeState?.foreign ?? [] }: EdgeOutcome,
): void {
  const kept = eachOnce([...(site.edgeState?.unrestored ?? []), ...unrestored]);
  const rulesetId = plan.rulesetId ?? site.edgeState?.rulesetId;
  const hasNone = [state.rules, kept, foreign].every(({ length }) => length === 0);
  const isEmpty = hasNone && rulesetId === undefined;
  const { rules, replaced } = state;
  site.edgeState = isEmpty
    ? null
    : {
        engine: plan.engine,
        rules,
        replaced,
        unrestored: kept,
        ...(foreign.length > 0 && { foreign }),
        ...(rulesetId !== undefined && { rulesetId }),
      };
}

export function recordedState(edge: EdgeState | null | undefined): RuleState {
  return { rules: edge?.rules ?? [], replaced: edge?.replaced ?? [] };
}

/** The rows of operations that never ended, in a zone or everywhere; oldest first. */
export async function findPending(em: SqlEntityManager, zoneId?: string): Promise<MaintenanceLog[]> {
  if (!(await hasRows(em, "select 1 from maintenance_log where status = 'pending'"))) return [];
  const rows = await em.find(
    MaintenanceLog,
    { status: 'pending' },
    { orderBy: { id: 'asc' }, populate: ['site'] },
  );
  return rows.filter((row) => zoneId === undefined || planOf(row).zoneId === zoneId);
}

/** The sites of operations that never ended, by id. */
export async function findPendingSites(em: SqlEntityManager): Promise<Set<number>> {
  const rows = await em.execute<{ id: number }[]>(
    "select site_id as id from maintenance_log where status = 'pending' and site_id is not null",
  );
  return new Set(rows.map(({ id }) => id));
}

/** The plan in a row that this service wrote. */
export function planOf(row: MaintenanceLog): OperationPlan {
  return row.plan as unknown as OperationPlan;
}

export function planToJson(plan: OperationPlan): JsonValue {
  return JSON.parse(JSON.stringify(plan)) as JsonValue;
}
