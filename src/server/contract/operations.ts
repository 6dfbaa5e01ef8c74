import * as z from 'zod';
import { errorFact, note, time } from './common.ts';
import { engine, siteFilter } from './sites.ts';

/** Sites by id, or all that match a filter; the server says which these are. */
export const selection = z.union([
  z.object({ ids: z.array(z.number().int()).min(1).max(10_000) }),
  z.object({
    filter: siteFilter.extend({ maintenance: z.boolean().optional(), active: z.boolean().optional() }),
  }),
]);
export type Selection = z.input<typeof selection>;

const text = z.string().max(2_000);

/** `POST /plans` */
export const planRequest = z.object({
  action: z.enum(['enable', 'disable']),
  selection,
  /** For the log only; never public. */
  reason: text.default(''),
  /** What the public may read. */
  message: text.nullable().optional(),
  /** The end: so many minutes from now, or a time. */
  forMinutes: z.number().int().positive().max(527_040).optional(),
  until: time.optional(),
  /** Where visitors are sent, instead of the site's own page. */
  url: z.string().max(500).nullable().optional(),
  engine: engine.optional(),
  hold: z.string().max(100).optional(),
  /** Redirects that may be a forgotten closure: take them over, or leave them. */
  existing: z.enum(['ours', 'theirs']).optional(),
  /** Enabling: closes our own address as well. Disabling: releases every hold. */
  force: z.boolean().default(false),
  /** Looks at what visitors get afterwards. */
  verify: z.boolean().default(true),
});
export type PlanRequest = z.input<typeof planRequest>;

export const plannedSite = z.object({
  id: z.number().nullable(),
  domain: z.string(),
  /** What becomes of it: it is changed, left as it is, or cannot be changed. */
  outcome: z.enum(['change', 'skip', 'refuse']),
  /** One line per change at Cloudflare; empty where they are only known when it is its turn. */
  changes: z.array(z.string()),
  /** Why it is skipped. */
  skipped: note.nullable(),
  error: errorFact.nullable(),
  engine: z.string().nullable(),
  why: z.string().nullable(),
  url: z.string().nullable(),
  until: time.nullable(),
  calls: z.number(),
  notes: z.array(note),
});
export type PlannedSite = z.output<typeof plannedSite>;

export const planAnswer = z.object({
  action: z.enum(['enable', 'disable']),
  /** Names this plan: pass it on when confirming. */
  digest: z.string(),
  /** Sites that were selected. */
  total: z.number(),
  /** How many of them are changed. */
  changes: z.number(),
  /** The first 200: those with an error first, then those that change. */
  sites: z.array(plannedSite),
  /** Requests to Cloudflare, at least. */
  calls: z.number(),
  /** How long it takes, at least. */
  seconds: z.number(),
  warnings: z.array(note),
  /** The same on the command line; null where it cannot say the same. */
  command: z.string().nullable(),
  /** More than ten sites: ask for this number to be typed. */
  needsTyping: z.boolean(),
});
export type PlanAnswer = z.output<typeof planAnswer>;

/** `POST /operations`: the plan that was shown, confirmed */
export const operationRequest = z.object({ plan: planRequest, digest: z.string() });
export type OperationRequest = z.input<typeof operationRequest>;

export const operation = z.object({
  id: z.string(),
  action: z.enum(['enable', 'disable']),
  reason: z.string(),
  actor: z.string(),
  startedAt: time,
  finishedAt: time.nullable(),
  total: z.number(),
  finished: z.number(),
  succeeded: z.number(),
  failed: z.number(),
  skipped: z.number(),
});
export type Operation = z.output<typeof operation>;
export const operations = z.object({ data: z.array(operation) });

/**
 * `GET /operations/:id/events`: server-sent events. Each has an id, so that a browser that lost its connection goes on
 * where it was; the stream ends after `done`.
 */
export const operationEvent = z.discriminatedUnion('type', [
  z.object({ type: z.literal('started'), operation }),
  z.object({
    type: z.literal('site'),
    siteId: z.number().nullable(),
    domain: z.string(),
    outcome: z.enum(['done', 'failed', 'skipped']),
    message: z.string().nullable(),
    error: errorFact.nullable(),
    logId: z.number().nullable(),
    proof: z.enum(['proven', 'unproven', 'skipped']),
    finished: z.number(),
    total: z.number(),
  }),
  /** The call budget of a key is used up; it goes on by itself. */
  z.object({ type: z.literal('paused'), apiKey: z.string(), until: time }),
  z.object({ type: z.literal('done'), operation }),
]);
export type OperationEvent = z.output<typeof operationEvent>;
