import { LockMode } from '@mikro-orm/core';
import type { SqlEntityManager } from '@mikro-orm/sql';
import { appendEntries, type ExecutionEntry, hasClosedAny } from '../../domain/execution-log.ts';
import type { NoticeEvent } from '../../domain/notices.ts';
import { ScheduledMaintenance, WindowSite } from '../../domain/scheduled-maintenance.ts';
import {
  planClosing,
  type SiteOfWindow,
  unreleased,
  type WindowHold,
  type WindowMember,
} from '../../domain/window-plan.ts';
import { finalStatus, phaseOf } from '../../domain/window-state.ts';
import { WindowWorkRepository } from '../../persistence/repositories/window-work-repository.ts';
import { addMembers, planSuccessor } from './series.ts';
import { tellOf, wantsNotice } from './window-notices.ts';

/** What was found out since the last step. */
export interface Progress {
  /** What happened to sites. */
  entries: readonly ExecutionEntry[];
  /** Sites that were tried in vain, and why; they are left alone until the next attempt. */
  failures: ReadonlyMap<number, { domain: string; message: string }>;
  /** The sites of a window that chooses them when it starts; undefined when they could not be told. */
  chosen?: readonly { id: number; domain: string }[] | undefined;
}

/** What is to be done next. */
export interface Step {
  window: ScheduledMaintenance;
  close: WindowMember[];
  /** Sites to reopen; with an operation that was interrupted, to be put in order. */
  release: SiteOfWindow[];
}

const MISSED = {
  unprocessed: 'Missed: nothing processed it between its start and its end.',
  asked: 'Missed: it was for a person to start it, and nobody did before its end.',
};
const NOTHING = { close: [], release: [] };
const RETRY_MS = { first: 30_000, closing: 600_000, reopening: 120_000 };

/**
 * Brings a window forward as far as its state, its holds and the time allow, in one transaction, and says which sites
 * to close or reopen next. Asks for nothing but what is there: it does not matter who calls it, how often, or after
 * which crash.
 *
 * @returns undefined when the window is gone
 */
export async function advance(
  em: SqlEntityManager,
  windowId: number,
  progress: Progress,
  now: Date,
): Promise<Step | undefined> {
  const window = await lockWindow(em, windowId);
  if (window === undefined) return undefined;
  if (progress.entries.length > 0) note(window, progress.entries, now);
  const turn = { em, window, progress, now };
  switch (phaseOf(window, now)) {
    case 'begin':
      return begin(turn);
    case 'hold':
      return hold(turn);
    case 'release':
      return release(turn);
    case 'miss':
      await end(turn, 'failed', MISSED[window.autoEnable === false ? 'asked' : 'unprocessed']);
      await planSuccessor(em, window, now);
      return { window, ...NOTHING };
    case 'ask':
      await tellOf(em, () => now, window, {
        event: 'window.waiting',
        // Moved to another time it waits, and asks, again.
        occasion: window.scheduledStart.toISOString(),
      });
      return { window, ...NOTHING };
    case 'overdue':
      window.retryAt = new Date(now.getTime() + RETRY_MS.closing);
      await tellOverdue(turn);
      return { window, ...NOTHING };
    default:
      return { window, ...NOTHING };
  }
}

/** With its execution log, and locked until the transaction ends. */
export async function lockWindow(
  em: SqlEntityManager,
  windowId: number,
): Promise<ScheduledMaintenance | undefined> {
  const window = await em.findOne(ScheduledMaintenance, windowId, {
    populate: ['executionLog'],
    lockMode: LockMode.PESSIMISTIC_WRITE,
  });
  return window ?? undefined;
}

/** Adds to what happened in a window. */
export function note(window: ScheduledMaintenance, entries: readonly ExecutionEntry[], now: Date): void {
  window.executionLog = appendEntries(window.executionLog, entries);
  window.updatedAt = now;
}

interface Turn {
  em: SqlEntityManager;
  window: ScheduledMaintenance;
  progress: Progress;
  now: Date;
}

async function begin(turn: Turn): Promise<Step> {
  const { em, window, now } = turn;
  await chooseSites(turn);
  window.wish = null;
  window.retryAt = null;
  window.announceAt = null;
  await planSuccessor(em, window, now);
  if ((await new WindowWorkRepository(em).members(window.id)).length === 0) {
    await end(turn, 'failed', 'It has no site: there was nothing to close.');
    return { window, ...NOTHING };
  }
  window.status = 'active';
  window.actualStart = now;
  note(window, [{ at: now.toISOString(), event: 'started' }], now);
  await tell(turn, 'window.started');
  return hold(turn);
}

async function hold(turn: Turn): Promise<Step> {
  const { em, window, progress, now } = turn;
  const work = new WindowWorkRepository(em);
  const plan = planClosing(await work.members(window.id), await work.holds(window.id));
  const known = new Set(
    window.executionLog.filter(({ event }) => event === 'left_open').map(({ site }) => site),
  );
  const left = plan.leftOpen.filter(({ domain }) => !known.has(domain));
  if (left.length > 0)
    note(
      window,
      left.map(({ domain, by }) => leftOpen(domain, by, now)),
      now,
    );
  const close = plan.close.filter(({ siteId }) => !progress.failures.has(siteId));
  if (close.length === 0) {
    const since = window.actualStart ?? window.scheduledStart;
    window.retryAt =
      plan.close.length === 0 ? null : retryAfter(now, since, RETRY_MS.closing, window.scheduledEnd);
  }
  return { window, close, release: [] };
}

async function release(turn: Turn): Promise<Step> {
  const { em, window, progress, now } = turn;
  const work = new WindowWorkRepository(em);
  const holds = await work.holds(window.id);
  const held = unreleased(holds);
  const isHeld = new Set(held.map(({ siteId }) => siteId));
  // Reopening a site begins with what an operation before has left at Cloudflare, with or without a hold.
  const interrupted = (await work.unsettled(window.id)).filter(({ siteId }) => !isHeld.has(siteId));
  const left: SiteOfWindow[] = [...held, ...interrupted];
  if (left.length === 0) {
    await finish(turn, holds, await work.members(window.id));
    return { window, ...NOTHING };
  }
  const open = left.filter(({ siteId }) => !progress.failures.has(siteId));
  if (open.length === 0) {
    window.retryAt = retryAfter(now, window.scheduledEnd, RETRY_MS.reopening);
    await tellNotReopened(turn, left);
  }
  return { window, close: [], release: open };
}

/** Every hold is released. */
async function finish(turn: Turn, holds: WindowHold[], members: WindowMember[]): Promise<void> {
  const { window, now } = turn;
  const logged = new Set(
    window.executionLog.filter(({ event }) => event === 'closed').map(({ site }) => site),
  );
  // Whoever closed it was stopped before it could say so.
  const unlogged = holds.filter(({ domain }) => !logged.has(domain));
  const closed = unlogged.map(({ domain, placedAt }) => ({
    at: placedAt.toISOString(),
    event: 'closed' as const,
    site: domain,
  }));
  note(window, closed, now);
  const status = finalStatus(window, hasClosedAny(window.executionLog));
  await end(turn, status, outcomeText(window, status, holds, members));
}

function outcomeText(
  window: ScheduledMaintenance,
  status: ScheduledMaintenance['status'],
  holds: WindowHold[],
  members: WindowMember[],
): string {
  if (status === 'cancelled') return '';
  const closed = new Set(holds.map(({ siteId }) => siteId));
  const missing = members.filter(({ siteId }) => !closed.has(siteId));
  if (missing.length === 0) return '';
  const errors = window.executionLog.filter(({ event }) => event === 'not_closed');
  const reasons = missing.slice(0, 3).map(({ domain }) => {
    const last = errors.findLast(({ site }) => site === domain);
    return last?.text === undefined ? domain : `${domain} (${last.text})`;
  });
  const more = missing.length > reasons.length ? ` and ${missing.length - reasons.length} more` : '';
  const count = status === 'failed' ? 'No site was closed' : 'Some sites were never closed';
  return `${count}: ${reasons.join(', ')}${more}.`;
}

async function end(turn: Turn, status: ScheduledMaintenance['status'], outcome: string): Promise<void> {
  const { window, now } = turn;
  window.status = status;
  window.outcome = outcome;
  window.wish = null;
  window.retryAt = null;
  window.announceAt = null;
  if (window.actualStart != null) window.actualEnd = now;
  note(
    window,
    [{ at: now.toISOString(), event: 'ended', text: [status, outcome].filter(Boolean).join(': ') }],
    now,
  );
  const event = EVENT_OF[status ?? 'failed'];
  if (event !== undefined) await tell(turn, event);
}

const EVENT_OF: Partial<Record<string, NoticeEvent>> = {
  completed: 'window.completed',
  cancelled: 'window.cancelled',
  failed: 'window.failed',
};

/** Replaces the planned sites by those that are chosen now, and says what has become different. */
async function chooseSites({ em, window, progress, now }: Turn): Promise<void> {
  const { chosen } = progress;
  if (window.selection == null || chosen === undefined) return;
  const planned = await new WindowWorkRepository(em).members(window.id);
  const [before, after] = [new Set(planned.map(({ siteId }) => siteId)), new Set(chosen.map(({ id }) => id))];
  const joined = chosen.filter(({ id }) => !before.has(id)).map(({ domain }) => domain);
  const gone = planned.filter(({ siteId }) => !after.has(siteId));
  if (joined.length === 0 && gone.length === 0) return;
  await em.nativeDelete(WindowSite, { scheduledMaintenance: window.id });
  await addMembers(em, window.id, [...after]);
  const text = [
    ...(joined.length === 0 ? [] : [`joined: ${joined.join(', ')}`]),
    ...(gone.length === 0 ? [] : [`left: ${gone.map(({ domain }) => domain).join(', ')}`]),
  ].join('; ');
  note(window, [{ at: now.toISOString(), event: 'sites_changed', text }], now);
}

async function tell({ em, window, now }: Turn, event: NoticeEvent): Promise<void> {
  if (wantsNotice(window, event)) await tellOf(em, () => now, window, { event });
}

function tellOverdue({ em, window, now }: Turn): Promise<void> {
  const occasion = window.scheduledEnd.toISOString();
  return tellOf(em, () => now, window, { event: 'window.overdue', occasion });
}

async function tellNotReopened(turn: Turn, left: readonly SiteOfWindow[]): Promise<void> {
  const { em, window, progress, now } = turn;
  const occasion = window.scheduledEnd.toISOString();
  const failures = left.slice(0, 50).map(({ siteId, domain }) => ({
    site: domain,
    error: progress.failures.get(siteId)?.message ?? '',
  }));
  await tellOf(em, () => now, window, { event: 'site.not_reopened', occasion, more: { failures } });
  if (window.scheduledEnd <= now) await tellOverdue(turn);
}

/** The longer it has failed, the longer until the next attempt; never past the moment that changes what is wanted. */
function retryAfter(now: Date, since: Date, longestMs: number, atLatest?: Date): Date {
  const elapsed = now.getTime() - since.getTime();
  const next = now.getTime() + Math.min(longestMs, Math.max(RETRY_MS.first, elapsed));
  return new Date(Math.min(next, atLatest?.getTime() ?? Number.POSITIVE_INFINITY));
}

function leftOpen(domain: string, by: string, now: Date): ExecutionEntry {
  const text = `Its hold was released by ${by}: it stays open.`;
  return { at: now.toISOString(), event: 'left_open', site: domain, text };
}
