import * as z from 'zod';

/*
 * What the admin and the server say to each other. Browser-safe: imports nothing but zod. The admin imports the types.
 * Times are ISO 8601 in UTC, durations seconds unless their name says otherwise.
 */

export const time = z.iso.datetime();
/** Anything that JSON can hold: plans, evidence, replies of Cloudflare. */
export const json = z.unknown();

/** The body of every answer that is not 2xx. */
export const errorAnswer = z.object({
  /** A code of docs/errors.md. */
  code: z.string(),
  /** What happened and why. */
  message: z.string(),
  /** What to do about it. */
  hint: z.string().nullable(),
  /** Problems of single fields of the request, by their path. */
  fields: z.record(z.string(), z.string()).optional(),
  /** Facts for programs: doubtful rules, holders. */
  details: z.record(z.string(), z.unknown()).optional(),
});
export type ErrorAnswer = z.output<typeof errorAnswer>;

/** An error as a part of an answer. */
export const errorFact = errorAnswer.pick({ code: true, message: true, hint: true });
export type ErrorFact = z.output<typeof errorFact>;

export const note = z.object({ code: z.string(), message: z.string() });

export const numericId = z.object({ id: z.coerce.number().int().positive() });
export const textId = z.object({ id: z.string().min(1).max(64) });

/** Query of every list. */
export const page = z.object({
  page: z.coerce.number().int().min(1).max(100_000).default(1),
  perPage: z.coerce.number().int().min(1).max(200).default(25),
  order: z.enum(['asc', 'desc']).default('asc'),
  /** Part of the text that is looked for. */
  q: z.string().trim().max(253).optional(),
});

/** One page. There is no total: counting costs more than the page. `count` addresses give it. */
export function pageOf<Row extends z.ZodType>(row: Row) {
  return z.object({
    data: z.array(row),
    pageInfo: z.object({ hasNextPage: z.boolean(), hasPreviousPage: z.boolean() }),
  });
}

export const count = z.object({ total: z.number() });

/** `true` and `false` in a query. */
export const flag = z.enum(['true', 'false']).transform((text) => text === 'true');

/** One value or several of the same name in a query. */
export function many<Item extends z.ZodType>(item: Item) {
  return z.union([item.transform((one) => [one]), z.array(item)]);
}
