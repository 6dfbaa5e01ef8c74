import { LockMode } from '@mikro-orm/core';
import type { SqlEntityManager } from '@mikro-orm/sql';
import { CloudflareApiKey } from '../../domain/cloudflare-api-key.ts';
import type { CloudflareSite } from '../../domain/cloudflare-site.ts';
import type { ForeignRule, UnrestoredRule } from '../../domain/edge-state.ts';
import { MaintenanceHold } from '../../domain/maintenance-hold.ts';
import { MaintenanceLog } from '../../domain/maintenance-log.ts';
import type { RuleState } from '../../engines/engine.ts';
import { IntermissionError, isIntermissionError, type JsonValue } from '../../errors.ts';
import { MaintenanceLogRepository } from '../../persistence/repositories/maintenance-log-repository.ts';
import type { Served } from '../batch.ts';
import { placeHold, releaseHolds, type Writing } from './hold-records.ts';
import type { OperationPlan } from './operation.ts';
import { findSites, planToJson, recordEdge } from './records.ts';
import { ending, findTold, secondsBetween, tell } from './row-fields.ts';
import type { RunNotice } from './run-notice.ts';

/** How an operation ended. */
export interface Outcome {
  state: RuleState;
  unrestored: readonly UnrestoredRule[];
  /** Rules that were called theirs; undefined leaves them as they are. */
  foreign?: ForeignRule[];
  plan: OperationPlan;
  /** When it was asked for. */
  startedAt: Date;
  /** Set when it failed. */
  error?: IntermissionError;
  /** The holds are written as the intent asks, by what was in force then; undefined leaves them as they are. */
  holdsAsOf?: Date;
  /** The key that was used; its last use is recorded. */
  apiKeyId: number | null;
  /** True: nothing was changed, and it is tried again and again. A row is kept only when the error is another. */
  repeats?: boolean;
  /** True: many others end at about the same time, and it may wait a moment to be written with them. */
  isOneOfMany?: boolean;
  /** Tells of the failure together with others. */
  run?: RunNotice | undefined;
}

/** The part of the lock that a commit needs. */
export interface HeldLock {
  readonly zoneId: string;
  /** @throws IntermissionError `interrupted` when the lock was lost */
  assertHeldIn(em: SqlEntityManager): Promise<void>;
}

/** A row that is to be closed. */
export interface Closing {
  rowId: number;
  lock: HeldLock;
  outcome: Outcome;
}

/** A row that is closed now, with what it is about. */
interface Open {
  closing: Closing;
  row: MaintenanceLog;
  /** Undefined: removed meanwhile. */
  site: CloudflareSite | undefined;
  /** Holds of the site that nobody has released, ended or not. */
  unreleased: MaintenanceHold[];
}

/**
 * Closes the rows and records their results, each only while its lock is held. To be called in a transaction. One that
 * cannot be closed has an error, and nothing of it is recorded; that is nothing to the others.
 */
export async function closeRows(
  em: SqlEntityManager,
  closings: readonly Closing[],
  now: () => Date,
): Promise<Served<MaintenanceLog>[]> {
  const logs = new MaintenanceLogRepository(em, now);
  const served = new Map<Closing, Served<MaintenanceLog>>();
  const held = await selectHeld(em, closings, served);
  const open: Open[] = [];
  for (const each of await findOpen(em, held)) {
    const answer = await answerAtOnce(em, logs, each);
    if (answer === undefined) open.push(each);
    else served.set(each.closing, answer);
  }
  const changes = await record(em, open, now());
  for (const [index, each] of open.entries()) {
    finish(logs, each, changes[index] ?? null, now());
    served.set(each.closing, { value: each.row });
  }
  await em.flush();
  const told = open.map(({ row, closing }) => ({ row, run: closing.outcome.run }));
  await tell(em, told, now);
  await touchKeys(em, held, now());
  return closings.map((closing) => served.get(closing) ?? { error: noRow(closing) });
}

/** In the order of the zones, so that two processes never wait for each other. */
async function selectHeld(
  em: SqlEntityManager,
  closings: readonly Closing[],
  served: Map<Closing, Served<MaintenanceLog>>,
): Promise<Closing[]> {
  const held: Closing[] = [];
  for (const closing of closings.toSorted((a, b) => (a.lock.zoneId < b.lock.zoneId ? -1 : 1))) {
    try {
      await closing.lock.assertHeldIn(em);
      held.push(closing);
    } catch (error) {
      if (!isIntermissionError(error) || error.code !== 'interrupted') throw error;
      served.set(closing, { error });
    }
  }
  return held;
}

async function findOpen(em: SqlEntityManager, closings: readonly Closing[]): Promise<Open[]> {
  if (closings.length === 0) return [];
  const locked = { orderBy: { id: 'asc' }, lockMode: LockMode.PESSIMISTIC_WRITE } as const;
  const rows = await em.find(MaintenanceLog, { id: { $in: closings.map(({ rowId }) => rowId) } }, locked);
  const siteIds = rows.flatMap(({ site }) => site?.id ?? []);
  const sites = new Map((await findSites(em, siteIds)).map((site) => [site.id, site]));
  const holds = await em.find(MaintenanceHold, { site: { $in: siteIds }, releasedAt: null }, locked);
  const holdsOf = Map.groupBy(holds, (hold) => hold.site.id);
  return closings.flatMap((closing): Open[] => {
    const row = rows.find(({ id }) => id === closing.rowId);
    if (row === undefined) return [];
    const siteId = row.site?.id ?? 0;
    return [{ closing, row, site: sites.get(siteId), unreleased: holdsOf.get(siteId) ?? [] }];
  });
}

/** A row that is finished already stays as it is; one that only repeats what was told goes. */
async function answerAtOnce(
  em: SqlEntityManager,
  logs: MaintenanceLogRepository,
  { closing: { outcome }, row, site }: Open,
): Promise<Served<MaintenanceLog> | undefined> {
  if (row.status !== 'pending') return { error: finishedBefore(row) };
  if (outcome.repeats !== true || outcome.error === undefined || site === undefined) return undefined;
  const told = await findTold(logs, site.id, outcome.error);
  if (told === undefined) return undefined;
  em.remove(row);
  return { value: told };
}

/** Writes holds and sites. Returns, for each, before and after, for the log. */
async function record(em: SqlEntityManager, open: readonly Open[], now: Date): Promise<JsonValue[]> {
  const released = open.map((each) => {
    const writing = writingOf(each, now);
    const { intent } = each.closing.outcome.plan;
    return writing === undefined ? [] : releaseHolds(each.unreleased, intent, writing);
  });
  // Flushed first: an ended hold of the same name must be released before a new one takes its name.
  const replaces = open.some(({ closing }, index) => {
    return closing.outcome.plan.intent.kind === 'enable' && (released[index] ?? []).length > 0;
  });
  if (replaces) await em.flush();
  return open.map((each, index): JsonValue => {
    const { site, closing } = each;
    if (site === undefined) return null;
    const before = site.maintenanceActive ?? false;
    const holds = [...(released[index] ?? []), ...placed(em, each, now)];
    recordSite(site, closing.outcome, now);
    return { maintenanceActive: [before, site.maintenanceActive ?? false], holds };
  });
}

/** Undefined: the holds stay as they are. */
function writingOf({ row, site, closing }: Open, now: Date): Writing | undefined {
  const { holdsAsOf: asOf } = closing.outcome;
  if (site === undefined || asOf === undefined) return undefined;
  return { by: { name: row.actor ?? '', source: row.source }, asOf, now };
}

function placed(em: SqlEntityManager, each: Open, now: Date): JsonValue[] {
  const { intent } = each.closing.outcome.plan;
  const writing = writingOf(each, now);
  if (writing === undefined || each.site === undefined || intent.kind === 'disable') return [];
  return [placeHold(em, { siteId: each.site.id, unreleased: each.unreleased }, intent.hold, writing)];
}

function recordSite(site: CloudflareSite, outcome: Outcome, now: Date): void {
  recordEdge(site, outcome.plan, outcome);
  if (outcome.holdsAsOf !== undefined) {
    site.maintenanceActive = outcome.plan.url !== null;
    if (outcome.plan.intent.kind === 'enable') site.lastMaintenanceAt = now;
  }
  site.updatedAt = now;
}

function finish(logs: MaintenanceLogRepository, { closing, row }: Open, changed: JsonValue, now: Date): void {
  const { error, plan, startedAt } = closing.outcome;
  const durationSeconds = secondsBetween(startedAt, now);
  logs.finish(row, { ...ending(error), changed, plan: planToJson(plan), durationSeconds });
}

async function touchKeys(em: SqlEntityManager, closings: readonly Closing[], now: Date): Promise<void> {
  const ids = new Set(closings.flatMap(({ outcome }) => outcome.apiKeyId ?? []));
  for (const id of [...ids].sort((a, b) => a - b)) {
    await em.nativeUpdate(CloudflareApiKey, { id }, { lastUsedAt: now });
  }
}

function finishedBefore({ id }: MaintenanceLog): IntermissionError {
  return new IntermissionError('internal', `Log row ${id} is finished and cannot be finished again.`, {
    hint: 'Please report this.',
  });
}

function noRow({ rowId }: Closing): IntermissionError {
  return new IntermissionError('not_found', `There is no log row "${rowId}".`);
}
