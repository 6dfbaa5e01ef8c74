import { randomUUID } from 'node:crypto';
import type { RequiredEntityData, SqlEntityManager } from '@mikro-orm/sql';
import type { CloudflareSite } from '../../domain/cloudflare-site.ts';
import type { Actor } from '../../domain/maintenance-log.ts';
import { ScheduledMaintenance } from '../../domain/scheduled-maintenance.ts';
import type { JsonValue } from '../../errors.ts';
import { WindowWorkRepository } from '../../persistence/repositories/window-work-repository.ts';
import { logEdit } from '../audit.ts';
import { addMembers, copiedFields, timesOf } from './series.ts';
import { parseWindow, type WindowInput } from './window-input.ts';

/** A window that shares sites and time with another. */
export interface Conflict {
  window: ScheduledMaintenance;
  /** Domains that both are about. */
  sites: string[];
}

/**
 * Writes a new window and its log row.
 *
 * @throws IntermissionError `validation_failed`
 */
export async function planWindow(
  em: SqlEntityManager,
  input: WindowInput,
  sites: readonly CloudflareSite[],
  { by, now }: { by: Actor; now: () => Date },
): Promise<ScheduledMaintenance> {
  const { start, ...fields } = parseWindow(input, now());
  const isSeries = fields.recurrence !== null;
  const window = em.create(ScheduledMaintenance, {
    ...fields,
    ...timesOf(start, fields.estimatedDuration, fields.notifyBefore),
    selection: (input.selection ?? null) as JsonValue,
    seriesId: isSeries ? randomUUID() : null,
    occurrence: isSeries ? start : null,
    createdBy: by.name,
    executionLog: [],
    createdAt: now(),
    updatedAt: now(),
  } as RequiredEntityData<ScheduledMaintenance>);
  await em.flush();
  await addMembers(
    em,
    window.id,
    sites.map(({ id }) => id),
  );
  await logWindow(em, now, window, { before: null, after: auditedWindow(window, sites) }, by);
  return window;
}

/** The input that plans a window like another. */
export function inputLike(window: ScheduledMaintenance): Omit<WindowInput, 'start' | 'sites'> {
  const { estimatedDuration, maintenanceMessage, selection, createdBy: _, ...fields } = copiedFields(window);
  return {
    ...fields,
    durationSeconds: estimatedDuration,
    message: maintenanceMessage,
    ...(selection != null && { selection: selection as NonNullable<WindowInput['selection']> }),
  };
}

/** The windows that have not ended and share a site and a time with a planned one, by start. */
export async function findConflicts(
  em: SqlEntityManager,
  plan: { siteIds: readonly number[]; start: Date; end: Date },
  except?: number,
): Promise<Conflict[]> {
  const found = await new WindowWorkRepository(em).overlapping(plan);
  const byWindow = Map.groupBy(found, ({ windowId }) => windowId);
  const ids = [...byWindow.keys()].filter((id) => id !== except);
  const windows = await em.find(
    ScheduledMaintenance,
    { id: ids },
    { orderBy: { scheduledStart: 'asc', id: 'asc' } },
  );
  return windows.map((window) => ({
    window,
    sites: (byWindow.get(window.id) ?? []).map(({ domain }) => domain),
  }));
}

export async function logWindow(
  em: SqlEntityManager,
  now: () => Date,
  window: ScheduledMaintenance,
  change: { before: Audited; after: Audited },
  by: Actor,
): Promise<void> {
  await logEdit(em, now, { what: 'window', name: `${window.id} (${window.title})`, ...change, by });
}

type Audited = { [field: string]: JsonValue } | null;

/** What the log keeps of a window. */
export function auditedWindow(
  window: ScheduledMaintenance,
  sites?: readonly Pick<CloudflareSite, 'domain'>[],
): { [field: string]: JsonValue } {
  const { selection, createdBy: _, ...fields } = copiedFields(window);
  const given = Object.entries(fields).map(([name, value]) => [name, (value ?? null) as JsonValue]);
  return {
    ...Object.fromEntries(given),
    status: window.status ?? 'scheduled',
    wish: window.wish ?? null,
    start: window.scheduledStart.toISOString(),
    end: window.scheduledEnd.toISOString(),
    recurrence: window.recurrence ?? null,
    selection: selection ?? null,
    ...(sites !== undefined && { sites: sites.map(({ domain }) => domain) }),
  };
}
