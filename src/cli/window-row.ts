import type { ExecutionEntry } from '../domain/execution-log.ts';
import type { ScheduledMaintenance } from '../domain/scheduled-maintenance.ts';
import type { JsonValue } from '../errors.ts';

/** One window, short. */
export interface WindowRow {
  id: number;
  title: string;
  status: string;
  /** Its start or its end has come, and nothing has acted on it. */
  overdue: boolean;
  priority: string;
  start: Date;
  end: Date;
  timezone: string;
  durationSeconds: number;
  siteCount: number;
  sites: string[];
  recurrence: string | null;
  actualStart: Date | null;
  actualEnd: Date | null;
  outcome: string;
}

/** A window with everything in it. */
export interface FullWindowRow extends WindowRow {
  description: string;
  message: string;
  template: string;
  autoEnable: boolean;
  autoDisable: boolean;
  notifyBeforeSeconds: number;
  notifyOnStart: boolean;
  notifyOnComplete: boolean;
  selection: JsonValue;
  seriesId: string | null;
  createdBy: string;
  createdAt: Date;
  /** The next times of the series, after this window. */
  nextOccurrences: Date[];
  executionLog: ExecutionEntry[];
}

/** @param window with its sites */
export function toWindowRow(window: ScheduledMaintenance, now: Date): WindowRow {
  const sites = window.sites.getItems().map(({ domain }) => domain);
  return {
    id: window.id,
    title: window.title,
    status: window.status ?? 'scheduled',
    overdue: window.isDue(now) || window.isOverdue(now),
    priority: window.priority ?? 'normal',
    start: window.scheduledStart,
    end: window.scheduledEnd,
    timezone: window.timezone ?? 'UTC',
    durationSeconds: window.estimatedDuration,
    siteCount: sites.length,
    sites: sites.sort(),
    recurrence: window.recurrence ?? null,
    actualStart: window.actualStart ?? null,
    actualEnd: window.actualEnd ?? null,
    outcome: window.outcome ?? '',
  };
}

/** @param window with its sites and its execution log */
export function toFullWindowRow(
  window: ScheduledMaintenance,
  now: Date,
  nextOccurrences: Date[],
): FullWindowRow {
  return {
    ...toWindowRow(window, now),
    description: window.description ?? '',
    message: window.maintenanceMessage ?? '',
    template: window.template ?? 'modern',
    autoEnable: window.autoEnable ?? true,
    autoDisable: window.autoDisable ?? true,
    notifyBeforeSeconds: window.notifyBefore ?? 0,
    notifyOnStart: window.notifyOnStart ?? true,
    notifyOnComplete: window.notifyOnComplete ?? true,
    selection: window.selection ?? null,
    seriesId: window.seriesId ?? null,
    createdBy: window.createdBy ?? '',
    createdAt: window.createdAt,
    nextOccurrences,
    executionLog: window.executionLog,
  };
}
