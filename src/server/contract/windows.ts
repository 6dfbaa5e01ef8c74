import * as z from 'zod';
import { json, page, time } from './common.ts';

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
