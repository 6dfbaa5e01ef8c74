import * as z from 'zod';
import { errorFact, json, page, time } from './common.ts';

const status = z.enum(['scheduled', 'active', 'completed', 'cancelled', 'failed']);
const priority = z.enum(['low', 'normal', 'high', 'critical']);

/** `GET /windows` */
export const windowList = page.extend({
  status: status.optional(),
  siteId: z.coerce.number().int().optional(),
  /** For the calendar: those that touch this span. */
  from: time.optional(),
  to: time.optional(),
  sort: z.enum(['scheduledStart', 'title', 'createdAt']).default('scheduledStart'),
});

export const windowRow = z.object({
  id: z.number(),
  title: z.string(),
  status,
  priority,
  scheduledStart: time,
  scheduledEnd: time,
  /** Seconds. */
  estimatedDuration: z.number(),
  /** IANA name. */
  timezone: z.string(),
  recurrence: z.string().nullable(),
  seriesId: z.string().nullable(),
  actualStart: time.nullable(),
  actualEnd: time.nullable(),
  createdBy: z.string(),
});
export type WindowRow = z.output<typeof windowRow>;

/** `GET /windows/:id` */
export const windowDetail = windowRow.extend({
  description: z.string(),
  maintenanceMessage: z.string(),
  template: z.string(),
  autoEnable: z.boolean(),
  autoDisable: z.boolean(),
  notifyBefore: z.number(),
  notifyOnStart: z.boolean(),
  notifyOnComplete: z.boolean(),
  selection: json,
  sites: z.array(z.object({ id: z.number(), domain: z.string() })),
  executionLog: z.array(json),
  createdAt: time,
  updatedAt: time,
});
export type WindowDetail = z.output<typeof windowDetail>;

/** Which sites: by id, or chosen anew when the window begins. */
const windowSites = {
  siteIds: z.array(z.number().int()).max(10_000).optional(),
  selection: z
    .object({
      all: z.boolean().optional(),
      search: z.string().max(253).optional(),
      apiKey: z.string().max(100).optional(),
    })
    .optional(),
};

/** `POST /windows/preview` and `POST /windows`. Times are moments; the recurrence is read on the clock of the zone. */
export const newWindow = z.object({
  ...windowSites,
  title: z.string().min(1).max(200),
  description: z.string().max(10_000).optional(),
  /** Left out with a recurrence: the first time that it comes. */
  start: time.optional(),
  durationSeconds: z.number().int().positive(),
  timezone: z.string().max(64).optional(),
  /** Five fields of cron. */
  recurrence: z.string().max(200).optional(),
  priority: priority.optional(),
  /** What visitors may read. */
  message: z.string().max(2_000).optional(),
  template: z.enum(['modern', 'simple', 'premium', 'minimal']).optional(),
  autoEnable: z.boolean().optional(),
  autoDisable: z.boolean().optional(),
  notifyBefore: z.number().int().min(0).optional(),
  notifyOnStart: z.boolean().optional(),
  notifyOnComplete: z.boolean().optional(),
});
export type NewWindow = z.input<typeof newWindow>;

export const windowPreview = z.object({
  start: time,
  end: time,
  /** The next five that a series brings after that. */
  occurrences: z.array(time),
  sites: z.array(z.object({ id: z.number(), domain: z.string() })),
  /** Windows that share a site and a time with it. */
  conflicts: z.array(z.object({ window: windowRow, sites: z.array(z.string()) })),
});
export type WindowPreview = z.output<typeof windowPreview>;

/** `POST /windows/:id/start`, `/complete` and `/cancel` */
export const windowRun = z.object({
  id: z.number(),
  status,
  /** What was done, in words. */
  outcome: z.string(),
  closed: z.array(z.string()),
  reopened: z.array(z.string()),
  stillHeld: z.array(z.string()),
  failed: z.array(z.object({ domain: z.string(), error: errorFact })),
});
export type WindowRunAnswer = z.output<typeof windowRun>;

/** Body of `cancel`: with `series`, none comes after it. */
export const cancelRequest = z.object({ series: z.boolean().default(false) });
/** `POST /windows/:id/extend`: the new end, or by how much. */
export const extendRequest = z.union([z.object({ until: time }), z.object({ bySeconds: z.number().int() })]);
/** `POST /windows/:id/reschedule` */
export const rescheduleRequest = z.object({
  start: time,
  durationSeconds: z.number().int().positive().optional(),
});
/** `POST /windows/:id/clone` */
export const cloneRequest = z.object({ start: time, title: z.string().min(1).max(200).optional() });
