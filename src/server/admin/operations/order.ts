import type * as z from 'zod';
import type { Actor } from '../../../domain/maintenance-log.ts';
import { IntermissionError } from '../../../errors.ts';
import type { Intermission } from '../../../intermission.ts';
import type { DisableOptions, EnableOptions } from '../../../services/maintenance/request.ts';
import type { planRequest } from '../../contract/operations.ts';
import { selectSites } from '../select-sites.ts';

export type PlanInput = z.output<typeof planRequest>;

/** What somebody wants, with the sites that it is about now. */
export interface Order {
  input: PlanInput;
  sites: { id: number; domain: string }[];
  actor: Actor;
  now: Date;
}

/** Most sites of one operation; more are taken in parts, or on the command line. */
const MAX_SITES = 10_000;

/**
 * Resolves the selection: which sites these are is said here, never by the browser.
 *
 * @throws IntermissionError `validation_failed` for no site or too many; `not_found` for an unknown id or key
 */
export async function resolveOrder(
  app: Intermission,
  input: PlanInput,
  actor: Actor,
  now: Date,
): Promise<Order> {
  const { selection } = input;
  const query =
    'ids' in selection
      ? app.sites.query().filter({ id: { $in: selection.ids } })
      : await selectSites(app, selection.filter);
  const found = await query.limit(MAX_SITES + 1).all();
  const sites = found.map(({ id, domain }) => ({ id, domain }));
  if ('ids' in selection) assertAllThere(selection.ids, sites);
  if (sites.length > 0 && sites.length <= MAX_SITES) return { input, sites, actor, now };
  const message = sites.length === 0 ? 'No site is selected.' : `More than ${MAX_SITES} sites are selected.`;
  throw new IntermissionError('validation_failed', message, { hint: 'Select other sites.' });
}

export function enableOptionsOf({ input, actor, now }: Order): EnableOptions {
  const { message, url, engine, forMinutes, until } = input;
  const end = until ?? (forMinutes === undefined ? undefined : new Date(now.getTime() + forMinutes * 60_000));
  return {
    ...commonOf(input),
    actor,
    message,
    url,
    engine,
    until: end === undefined ? undefined : new Date(end),
  };
}

export function disableOptionsOf({ input, actor }: Order): DisableOptions {
  return { ...commonOf(input), actor, reason: input.reason };
}

export function reasonOf({ input }: Order): string {
  return input.reason.trim() || 'Maintenance via admin';
}

function commonOf({ hold, existing, force }: PlanInput) {
  return { hold, existing, force };
}

function assertAllThere(ids: readonly number[], sites: readonly { id: number }[]): void {
  const known = new Set(sites.map(({ id }) => id));
  const missing = ids.filter((id) => !known.has(id));
  if (missing.length === 0) return;
  throw new IntermissionError(
    'not_found',
    `${missing.length} of the selected sites are not there any more.`,
    {
      hint: 'Load the list again.',
    },
  );
}
