import { defineEntity, p } from '@mikro-orm/core';
import type { JsonValue } from '../errors.ts';
import { TEMPLATES } from './brand.ts';
import { CloudflareSite } from './cloudflare-site.ts';
import type { ExecutionEntry } from './execution-log.ts';

export const WINDOW_STATUSES = ['scheduled', 'active', 'completed', 'cancelled', 'failed'] as const;
export type WindowStatus = (typeof WINDOW_STATUSES)[number];
export const PRIORITIES = ['low', 'normal', 'high', 'critical'] as const;
export type Priority = (typeof PRIORITIES)[number];
/** What a person has asked of a window, until it is done. */
const WISHES = ['run', 'complete', 'cancel'] as const;

/** A window: maintenance planned for a time, for one or many sites. */
const scheduledMaintenanceSchema = defineEntity({
  name: 'ScheduledMaintenance',
  tableName: 'scheduled_maintenance',
  // No occurrence of a series is made twice.
  uniques: [{ name: 'scheduled_maintenance_occurrence', properties: ['seriesId', 'occurrence'] }],
  indexes: [{ name: 'scheduled_maintenance_due', properties: ['status', 'scheduledStart'] }],
  properties: {
    id: p.integer().primary(),
    title: p.string().length(200),
    description: p.text().default(''),
    scheduledStart: p.datetime(3),
    /** Seconds. */
    estimatedDuration: p.integer(),
    /** Start plus duration. */
    scheduledEnd: p.datetime(3),
    /** IANA name. */
    timezone: p.string().length(64).default('UTC'),
    /** Cron expression; null for a single window. */
    recurrence: p.string().length(200).nullable(),
    seriesId: p.string().length(36).nullable(),
    /** The start that the series gives this window; `scheduledStart` may have been moved since. */
    occurrence: p.datetime(3).nullable(),
    sites: () => p.manyToMany(CloudflareSite).pivotEntity(() => WindowSite),
    selection: p.json<JsonValue>().nullable(),
    status: p.enum(WINDOW_STATUSES).default('scheduled'),
    wish: p.enum(WISHES).nullable(),
    /** Why it ended as it did, where that is not plain. */
    outcome: p.text().default(''),
    priority: p.enum(PRIORITIES).default('normal'),
    actualStart: p.datetime(3).nullable(),
    actualEnd: p.datetime(3).nullable(),
    maintenanceMessage: p.text().default(''),
    template: p.enum(TEMPLATES).default('modern'),
    autoEnable: p.boolean().default(true),
    autoDisable: p.boolean().default(true),
    /** Seconds before the start. */
    notifyBefore: p.integer().default(3600),
    /** When that notice is due; null once it is written, or when none is wanted. */
    announceAt: p.datetime(3).nullable().index(),
    notifyOnStart: p.boolean().default(true),
    notifyOnComplete: p.boolean().default(true),
    createdBy: p.string().length(200).default(''),
    /** Per site what happened and when. Can be large: only loaded when it is asked for. */
    executionLog: p.json<ExecutionEntry[]>().lazy(),
    /** Not looked at before: some of its sites failed a moment ago. */
    retryAt: p.datetime(3).nullable(),
    /** Who works on it, and since when by the clock of leases: spares others the double work, nothing else. */
    leaseToken: p.string().length(36).nullable(),
    leasedAt: p.double().$type<number>().nullable(),
    version: p.integer().version(),
    createdAt: p.datetime(3),
    updatedAt: p.datetime(3),
  },
});

export class ScheduledMaintenance extends scheduledMaintenanceSchema.class {
  /** Not begun although its start has come. */
  isDue(now: Date): boolean {
    return this.status === 'scheduled' && this.scheduledStart <= now;
  }

  /** Not ended although its end has come. */
  isOverdue(now: Date): boolean {
    return this.status === 'active' && this.scheduledEnd <= now;
  }

  /** Seconds; 0 when the start has come. */
  timeUntilStart(now: Date): number {
    return secondsUntil(this.scheduledStart, now);
  }

  /** Seconds; 0 when the end has come. */
  timeUntilEnd(now: Date): number {
    return secondsUntil(this.scheduledEnd, now);
  }

  /** Seconds from its real start to its real end, or to now while it is active; undefined before it has begun. */
  actualDuration(now: Date): number | undefined {
    if (this.actualStart == null) return undefined;
    return ((this.actualEnd ?? now).getTime() - this.actualStart.getTime()) / 1000;
  }

  /** How many sites it is about. Its sites have to be loaded. */
  affectedSitesCount(): number {
    return this.sites.count();
  }
}
scheduledMaintenanceSchema.setClass(ScheduledMaintenance);

/** Which sites a window is about. */
const windowSiteSchema = defineEntity({
  name: 'WindowSite',
  tableName: 'window_site',
  properties: {
    scheduledMaintenance: () => p.manyToOne(ScheduledMaintenance).primary().deleteRule('cascade'),
    cloudflareSite: () => p.manyToOne(CloudflareSite).primary().deleteRule('cascade').index(),
  },
});

export class WindowSite extends windowSiteSchema.class {}
windowSiteSchema.setClass(WindowSite);

function secondsUntil(time: Date, now: Date): number {
  return Math.max(0, time.getTime() - now.getTime()) / 1000;
}
