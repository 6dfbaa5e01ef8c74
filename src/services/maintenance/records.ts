import { LockMode } from '@mikro-orm/core';
import type { SqlEntityManager } from '@mikro-orm/sql';
import { CloudflareSite } from '../../domain/cloudflare-site.ts';
import type { EdgeState, UnrestoredRule } from '../../domain/edge-state.ts';
import { isInForce } from '../../domain/holds.ts';
import { MaintenanceHold } from '../../domain/maintenance-hold.ts';
import { type Actor, MaintenanceLog } from '../../domain/maintenance-log.ts';
import type { RuleState } from '../../engines/engine.ts';
import { IntermissionError, type JsonValue } from '../../errors.ts';
import type { HoldRequest, Intent, OperationPlan } from './operation.ts';
import type { ZoneFacts } from './ports.ts';

/** A site with what bears on it, as of one moment. */
export interface Situation {
  site: CloudflareSite;
  /** Holds in force. */
  holds: MaintenanceHold[];
  /** The other sites of the same zone. */
  neighbours: CloudflareSite[];
}

/** @throws IntermissionError `not_found` when the site has been removed meanwhile */
export async function loadSituation(em: SqlEntityManager, siteId: number, now: Date): Promise<Situation> {
  const site = await lockSite(em, siteId);
  const unreleased = await em.find(
    MaintenanceHold,
    { site: siteId, releasedAt: null },
    { orderBy: { id: 'asc' } },
  );
  const neighbours =
    site.zoneId == null ? [] : await em.find(CloudflareSite, { zoneId: site.zoneId, id: { $ne: siteId } });
  return { site, holds: unreleased.filter((hold) => isInForce(hold, now)), neighbours };
}

export async function lockSite(em: SqlEntityManager, siteId: number): Promise<CloudflareSite> {
  const site = await em.findOne(CloudflareSite, siteId, { lockMode: LockMode.PESSIMISTIC_WRITE });
  if (site !== null) return site;
  throw new IntermissionError('not_found', 'The site is no longer in the database.', {
    hint: 'See: intermission site list',
  });
}

/** Records what Cloudflare says of the zone of a site. */
export function applyZoneFacts(site: CloudflareSite, zone: ZoneFacts, now: Date): void {
  site.zoneId = zone.id;
  site.zoneName = zone.name;
  site.accountId = zone.accountId;
  site.zoneStatus = zone.status;
  site.zonePaused = zone.paused;
  site.zonePlan = zone.plan;
  site.pageRuleQuota = zone.pageRuleQuota;
  site.zoneCheckedAt = now;
}

/** The holds that will be in force once `intent` is done. */
export function holdsAfter(holds: readonly MaintenanceHold[], intent: Intent, now: Date): HoldLike[] {
  if (intent.kind === 'enable') {
    const { name, url, message, expiresAt } = intent.hold;
    const placed = {
      name,
      url,
      message,
      updatedAt: now,
      expiresAt: expiresAt === null ? null : new Date(expiresAt),
    };
    return [...holds.filter((hold) => hold.name !== name), placed];
  }
  const { release } = intent;
  return release === null ? [] : holds.filter((hold) => !release.includes(hold.name));
}

export type HoldLike = Pick<MaintenanceHold, 'name' | 'url' | 'message' | 'updatedAt' | 'expiresAt'>;

/** Writes the holds that `intent` asks for. Returns before and after, for the log. */
export async function writeHolds(
  em: SqlEntityManager,
  siteId: number,
  intent: Intent,
  by: Actor,
  now: Date,
): Promise<JsonValue> {
  const unreleased = await em.find(
    MaintenanceHold,
    { site: siteId, releasedAt: null },
    { lockMode: LockMode.PESSIMISTIC_WRITE },
  );
  const changed: JsonValue[] = [];
  for (const hold of unreleased) {
    const released = !isInForce(hold, now) || isReleasedBy(intent, hold.name);
    if (!released) continue;
    hold.releasedAt = now;
    hold.releasedBy = isInForce(hold, now) ? by.name : 'its end';
    changed.push({ hold: hold.name, released: hold.releasedBy });
  }
  // Flushed first: an ended hold of the same name must be released before a new one takes its name.
  await em.flush();
  if (intent.kind === 'enable') changed.push(placeHold(em, siteId, unreleased, intent.hold, by, now));
  return changed;
}

function isReleasedBy(intent: Intent, name: string): boolean {
  return intent.kind === 'disable' && (intent.release === null || intent.release.includes(name));
}

function placeHold(
  em: SqlEntityManager,
  siteId: number,
  unreleased: readonly MaintenanceHold[],
  request: HoldRequest,
  by: Actor,
  now: Date,
): JsonValue {
  const expiresAt = request.expiresAt === null ? null : new Date(request.expiresAt);
  const values = {
    reason: request.reason,
    message: request.message,
    url: request.url,
    expiresAt,
    updatedAt: now,
    actor: by.name,
    source: by.source,
  };
  const existing = unreleased.find((hold) => hold.name === request.name && hold.releasedAt == null);
  if (existing !== undefined) em.assign(existing, values);
  else em.create(MaintenanceHold, { site: siteId, name: request.name, createdAt: now, ...values });
  return {
    hold: request.name,
    [existing === undefined ? 'placed' : 'updated']: true,
    until: request.expiresAt,
  };
}

/** Writes what is ours at Cloudflare into the site. */
export function recordEdge(
  site: CloudflareSite,
  plan: OperationPlan,
  state: RuleState,
  unrestored: readonly UnrestoredRule[],
): void {
  const kept = [...(site.edgeState?.unrestored ?? []), ...unrestored];
  const isEmpty = state.rules.length === 0 && kept.length === 0;
  site.edgeState = isEmpty
    ? null
    : { engine: plan.engine, rules: state.rules, replaced: state.replaced, unrestored: kept };
}

export function recordedState(edge: EdgeState | null | undefined): RuleState {
  return { rules: edge?.rules ?? [], replaced: edge?.replaced ?? [] };
}

/** The rows of operations that never ended, in a zone or everywhere; oldest first. */
export async function findPending(em: SqlEntityManager, zoneId?: string): Promise<MaintenanceLog[]> {
  const rows = await em.find(
    MaintenanceLog,
    { status: 'pending' },
    { orderBy: { id: 'asc' }, populate: ['site'] },
  );
  return rows.filter((row) => zoneId === undefined || planOf(row).zoneId === zoneId);
}

/** The plan in a row that this service wrote. */
export function planOf(row: MaintenanceLog): OperationPlan {
  return row.plan as unknown as OperationPlan;
}

export function planToJson(plan: OperationPlan): JsonValue {
  return JSON.parse(JSON.stringify(plan)) as JsonValue;
}
