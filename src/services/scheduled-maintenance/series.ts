import type { RequiredEntityData, SqlEntityManager } from '@mikro-orm/sql';
import { ScheduledMaintenance, WindowSite } from '../../domain/scheduled-maintenance.ts';

/** What a window takes over from the one that it is made after. */
export function copiedFields(window: ScheduledMaintenance) {
  const { title, description, estimatedDuration, timezone, selection, priority } = window;
  const { maintenanceMessage, template, autoEnable, autoDisable } = window;
  const { notifyBefore, notifyOnStart, notifyOnComplete, createdBy } = window;
  return {
    title,
    description,
    estimatedDuration,
    timezone,
    selection,
    priority,
    maintenanceMessage,
    template,
    autoEnable,
    autoDisable,
    notifyBefore,
    notifyOnStart,
    notifyOnComplete,
    createdBy,
  };
}

/**
 * Plans the next window of a series, in the transaction in which this one leaves `scheduled`: the first one after now,
 * since nobody needs those that were missed meanwhile. There is one at most, whoever else does the same.
 */
export async function planSuccessor(
  em: SqlEntityManager,
  window: ScheduledMaintenance,
  now: Date,
): Promise<void> {
  const { recurrence, seriesId, timezone = 'UTC' } = window;
  if (recurrence == null || seriesId == null) return;
  const { nextOccurrences } = await import('../../domain/recurrence.ts');
  const latest = Math.max(now.getTime(), (window.occurrence ?? window.scheduledStart).getTime());
  const [start] = nextOccurrences({ expression: recurrence, timezone }, new Date(latest), 1);
  if (start === undefined) return;
  if ((await em.count(ScheduledMaintenance, { seriesId, occurrence: { $gte: start } })) > 0) return;
  const next = em.create(ScheduledMaintenance, {
    ...copiedFields(window),
    ...timesOf(start, window.estimatedDuration, window.notifyBefore ?? 0),
    recurrence,
    seriesId,
    occurrence: start,
    executionLog: [],
    createdAt: now,
    updatedAt: now,
  } as RequiredEntityData<ScheduledMaintenance>);
  await em.flush();
  const members = await em.find(WindowSite, { scheduledMaintenance: window.id });
  await addMembers(
    em,
    next.id,
    members.map(({ cloudflareSite }) => cloudflareSite.id),
  );
}

/** Start, end, and when the notice before the start is due. */
export function timesOf(start: Date, durationSeconds: number, notifyBefore: number) {
  return {
    scheduledStart: start,
    scheduledEnd: new Date(start.getTime() + durationSeconds * 1000),
    announceAt: notifyBefore > 0 ? new Date(start.getTime() - notifyBefore * 1000) : null,
  };
}

export async function addMembers(
  em: SqlEntityManager,
  windowId: number,
  siteIds: readonly number[],
): Promise<void> {
  await em.insertMany(
    WindowSite,
    siteIds.map((siteId) => ({ scheduledMaintenance: windowId, cloudflareSite: siteId })),
  );
}
