import { LockMode } from '@mikro-orm/core';
import type { SqlEntityManager } from '@mikro-orm/sql';
import type { Actor } from '../../domain/maintenance-log.ts';
import { ScheduledMaintenance } from '../../domain/scheduled-maintenance.ts';
import { assertPossible, type WindowRequest } from '../../domain/window-state.ts';
import { IntermissionError } from '../../errors.ts';
import { ScheduledMaintenanceRepository } from '../../persistence/repositories/scheduled-maintenance-repository.ts';
import { WindowWorkRepository } from '../../persistence/repositories/window-work-repository.ts';
import { lockWindow, note } from './advance.ts';
import { auditedWindow, logWindow } from './plan-window.ts';
import { holdEnd } from './process-window.ts';
import { planSuccessor, timesOf } from './series.ts';
import { parseSeconds, parseStart } from './window-input.ts';
import { tellOf } from './window-notices.ts';

/** The transaction of a change that a person makes, and who makes it. */
export interface Change {
  em: SqlEntityManager;
  now: () => Date;
  by: Actor;
}

/** A new end: a moment, or seconds more (or fewer) than now planned. */
export type NewEnd = { until: Date } | { bySeconds: number };

/**
 * Leaves word for whoever processes the window; what is asked is done by the next look at it.
 *
 * @throws IntermissionError `not_found`, or `validation_failed` when the window is past that
 */
export function ask(
  change: Change,
  id: number,
  request: 'start' | 'complete' | 'cancel',
): Promise<ScheduledMaintenance> {
  return edit(change, id, request, async (window) => {
    const { em, now, by } = change;
    if (request === 'cancel' && window.status === 'scheduled') return cancelPlanned(change, window);
    window.wish = request === 'start' ? 'run' : request;
    window.retryAt = null;
    const text = `${request} by ${by.name}`;
    note(window, [{ at: now().toISOString(), event: 'asked', text }], now());
    await em.flush();
  });
}

/** @throws IntermissionError `not_found` or `validation_failed` */
export function extend(change: Change, id: number, end: NewEnd): Promise<ScheduledMaintenance> {
  return edit(change, id, 'extend', async (window) => {
    const { em, now, by } = change;
    const until =
      'until' in end ? end.until : new Date(window.scheduledEnd.getTime() + Math.round(end.bySeconds) * 1000);
    if (!(until > now())) throw endInThePast(until);
    window.estimatedDuration = parseSeconds((until.getTime() - window.scheduledStart.getTime()) / 1000);
    window.scheduledEnd = until;
    window.retryAt = null;
    note(
      window,
      [{ at: now().toISOString(), event: 'extended', text: `to ${until.toISOString()} by ${by.name}` }],
      now(),
    );
    await em.flush();
    await new WindowWorkRepository(em).moveEnd(id, holdEnd(window));
    await tellOf(em, now, window, {
      event: 'window.extended',
      occasion: String(window.version),
      more: { by: by.name },
    });
  });
}

/** @throws IntermissionError `not_found` or `validation_failed` */
export function reschedule(
  change: Change,
  id: number,
  to: { start: Date; durationSeconds?: number | undefined },
): Promise<ScheduledMaintenance> {
  return edit(change, id, 'reschedule', async (window) => {
    const { em, now, by } = change;
    const before = window.scheduledStart.toISOString();
    window.estimatedDuration = parseSeconds(to.durationSeconds ?? window.estimatedDuration);
    Object.assign(
      window,
      timesOf(parseStart(to.start, now()), window.estimatedDuration, window.notifyBefore ?? 0),
    );
    window.updatedAt = now();
    await em.flush();
    const more = { by: by.name, before };
    await tellOf(em, now, window, { event: 'window.rescheduled', occasion: String(window.version), more });
  });
}

/**
 * Ends a series: what of it has not begun is cancelled, and no other comes.
 *
 * @returns the windows that were cancelled
 */
export async function endSeries(change: Change, seriesId: string): Promise<number[]> {
  const cancelled: number[] = [];
  // The second look finds the one that was planned while the first one waited for the row before it.
  for (let look = 0; look < 2; look += 1) {
    const rows = await change.em.find(
      ScheduledMaintenance,
      { seriesId, status: ['scheduled', 'active'] },
      { orderBy: { id: 'asc' }, lockMode: LockMode.PESSIMISTIC_WRITE, refresh: true },
    );
    for (const row of rows) {
      row.recurrence = null;
      await change.em.flush();
      if (row.status !== 'scheduled') continue;
      await ask(change, row.id, 'cancel');
      cancelled.push(row.id);
    }
  }
  return cancelled;
}

async function cancelPlanned({ em, now, by }: Change, window: ScheduledMaintenance): Promise<void> {
  window.status = 'cancelled';
  window.announceAt = null;
  window.wish = null;
  note(window, [{ at: now().toISOString(), event: 'ended', text: `cancelled by ${by.name}` }], now());
  await em.flush();
  await planSuccessor(em, window, now());
  await tellOf(em, now, window, { event: 'window.cancelled', more: { by: by.name } });
}

/** Locks the window, changes it, and logs what has become different. */
async function edit(
  { em, now, by }: Change,
  id: number,
  request: WindowRequest,
  work: (window: ScheduledMaintenance) => Promise<void>,
): Promise<ScheduledMaintenance> {
  const window =
    (await lockWindow(em, id)) ?? (await new ScheduledMaintenanceRepository(em, now).get({ id }));
  assertPossible(window, request, now());
  const before = auditedWindow(window);
  await work(window);
  await logWindow(em, now, window, { before, after: auditedWindow(window) }, by);
  return window;
}

function endInThePast(until: Date): IntermissionError {
  const when = Number.isNaN(until.getTime()) ? 'is not a time' : `${until.toISOString()} is in the past`;
  return new IntermissionError('validation_failed', `The new end of the window ${when}.`, {
    hint: 'Give an end to come. To end the window now: intermission schedule complete.',
  });
}
