import * as z from 'zod';
import { json, page, time } from './common.ts';

const action = z.enum(['enable', 'disable', 'sync', 'error', 'configure']);
const status = z.enum(['pending', 'success', 'failed']);

export const logFilter = z.object({
  q: z.string().trim().max(253).optional(),
  action: action.optional(),
  status: status.optional(),
  siteId: z.coerce.number().int().optional(),
  domain: z.string().max(253).optional(),
  actor: z.string().max(200).optional(),
  source: z.enum(['cli', 'admin', 'schedule', 'library']).optional(),
  /** Begun at this time or later, and before that one. */
  since: time.optional(),
  until: time.optional(),
});
/** `GET /logs`, the newest first unless `order=asc` */
export const logList = page
  .extend(logFilter.shape)
  .extend({ order: z.enum(['asc', 'desc']).default('desc') });

export const logRow = z.object({
  id: z.number(),
  siteId: z.number().nullable(),
  domain: z.string().nullable(),
  action,
  status,
  reason: z.string(),
  actor: z.string(),
  source: z.string(),
  errorCode: z.string().nullable(),
  errorMessage: z.string().nullable(),
  proof: z.enum(['proven', 'unproven', 'skipped']),
  durationSeconds: z.number().nullable(),
  createdAt: time,
  finishedAt: time.nullable(),
});
export type LogRow = z.output<typeof logRow>;

/** `GET /logs/:id` */
export const logDetail = logRow.extend({
  plan: json,
  cloudflareResponse: json,
  changed: json,
  evidence: json,
});
export type LogDetail = z.output<typeof logDetail>;

/** `GET /logs/stats?days=30` */
export const statsQuery = z.object({ days: z.coerce.number().int().min(1).max(366).default(30) });
export const dayStats = z.object({
  /** `2026-01-31`, UTC */
  day: z.string(),
  successful: z.number(),
  failed: z.number(),
  avgDuration: z.number(),
});
export const logStats = z.object({
  total: z.number(),
  successful: z.number(),
  failed: z.number(),
  pending: z.number(),
  /** Percent. */
  successRate: z.number(),
  avgDuration: z.number(),
  /** Every day of the period, the oldest first. */
  days: z.array(dayStats),
});
export type LogStatsAnswer = z.output<typeof logStats>;

/** `GET /logs/export?format=csv`: all rows that match, as a download */
export const exportQuery = logFilter.extend({ format: z.enum(['csv', 'json']).default('csv') });
