import type { ScheduledMaintenance } from '../../../domain/scheduled-maintenance.ts';
import type { WindowDetail, WindowRow } from '../../contract/windows.ts';
import { iso } from './site-row.ts';

export function toWindowRow(window: ScheduledMaintenance): WindowRow {
  return {
    id: window.id,
    title: window.title,
    status: window.status ?? 'scheduled',
    priority: window.priority ?? 'normal',
    scheduledStart: window.scheduledStart.toISOString(),
    scheduledEnd: window.scheduledEnd.toISOString(),
    estimatedDuration: window.estimatedDuration,
    timezone: window.timezone ?? 'UTC',
    recurrence: window.recurrence ?? null,
    seriesId: window.seriesId ?? null,
    actualStart: iso(window.actualStart),
    actualEnd: iso(window.actualEnd),
    createdBy: window.createdBy ?? '',
  };
}

/** @param window with its sites loaded */
export function toWindowDetail(window: ScheduledMaintenance): WindowDetail {
  return {
    ...toWindowRow(window),
    description: window.description ?? '',
    maintenanceMessage: window.maintenanceMessage ?? '',
    template: window.template ?? 'modern',
    autoEnable: window.autoEnable ?? true,
    autoDisable: window.autoDisable ?? true,
    notifyBefore: window.notifyBefore ?? 0,
    notifyOnStart: window.notifyOnStart ?? true,
    notifyOnComplete: window.notifyOnComplete ?? true,
    selection: window.selection ?? null,
    sites: window.sites.getItems().map(({ id, domain }) => ({ id, domain })),
    executionLog: window.executionLog,
    createdAt: window.createdAt.toISOString(),
    updatedAt: window.updatedAt.toISOString(),
  };
}
