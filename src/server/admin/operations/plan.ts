import { createHash } from 'node:crypto';
import { isIntermissionError } from '../../../errors.ts';
import type { Intermission } from '../../../intermission.ts';
import type { BulkPlan, BulkSite } from '../../../services/bulk-operations/types.ts';
import { describeChange, type Preview } from '../../../services/maintenance/operation.ts';
import type { PlanAnswer, PlannedSite } from '../../contract/operations.ts';
import { toErrorFact } from '../rows/error-fact.ts';
import { commandFor } from './command.ts';
import { disableOptionsOf, enableOptionsOf, type Order, reasonOf } from './order.ts';

/** A plan as it is shown, and what the operation passes on to do exactly that. */
export interface Plan {
  answer: PlanAnswer;
  /** Digest of the changes of a single site. */
  expect: string | undefined;
}

const SITES_SHOWN = 200;
/** Above this, the number of sites is to be typed. */
const TYPING_ABOVE = 10;

/** What would be done now. Changes nothing; one site is read at Cloudflare, of many our database tells. */
export async function makePlan(app: Intermission, order: Order): Promise<Plan> {
  const [only] = order.sites;
  if (order.sites.length === 1 && only !== undefined) return planOne(app, order, only);
  const sites = app.bulk.sites(order.sites.map(({ id }) => id));
  const options = order.input.action === 'enable' ? enableOptionsOf(order) : disableOptionsOf(order);
  const plan = await sites.plan(order.input.action, { ...options, reason: reasonOf(order) });
  return { answer: answerOf(order, sitesOf(plan), plan), expect: undefined };
}

async function planOne(app: Intermission, order: Order, site: Order['sites'][number]): Promise<Plan> {
  const service = app.maintenance(site);
  try {
    const preview =
      order.input.action === 'enable'
        ? await service.previewEnable(reasonOf(order), enableOptionsOf(order))
        : await service.previewDisable(disableOptionsOf(order));
    const planned = { ...ofPreview(site, preview), notes: preview.notes };
    return {
      answer: answerOf(
        order,
        [planned],
        { calls: preview.calls, seconds: 0, warnings: preview.notes },
        preview.digest,
      ),
      expect: preview.digest,
    };
  } catch (error) {
    if (!isIntermissionError(error)) throw error;
    const refused = { ...BLANK, ...site, outcome: 'refuse' as const, error: toErrorFact(error) };
    const details =
      error.details['doubtful'] === undefined ? [] : [{ code: error.code, message: error.message }];
    return {
      answer: answerOf(order, [refused], { calls: 0, seconds: 0, warnings: details }),
      expect: undefined,
    };
  }
}

const BLANK = {
  changes: [],
  skipped: null,
  error: null,
  engine: null,
  why: null,
  url: null,
  until: null,
  calls: 0,
  notes: [],
};

function ofPreview(site: Order['sites'][number], preview: Preview): PlannedSite {
  const { engine, why, url, until, changes, notes, calls } = preview;
  return {
    ...BLANK,
    ...site,
    outcome: 'change',
    engine,
    why,
    url,
    until,
    calls,
    notes,
    changes: changes.map(describeChange),
  };
}

/** Those that cannot be changed first, then those that are, then those that stay as they are. */
function sitesOf({ sites, refused, skipped }: BulkPlan): PlannedSite[] {
  return [
    ...refused.map(
      (site): PlannedSite => ({ ...leftOf(site), outcome: 'refuse', error: toErrorFact(site.error) }),
    ),
    ...sites.map(
      ({ siteId, domain, calls }): PlannedSite => ({
        ...BLANK,
        id: siteId,
        domain,
        outcome: 'change',
        calls,
      }),
    ),
    ...skipped.map((site): PlannedSite => ({ ...leftOf(site), outcome: 'skip', skipped: site.skipped })),
  ];
}

function leftOf({ siteId: id, domain }: BulkSite) {
  return { ...BLANK, id, domain };
}

function answerOf(
  order: Order,
  sites: readonly PlannedSite[],
  { calls, seconds, warnings }: Pick<BulkPlan, 'calls' | 'seconds' | 'warnings'>,
  changes = '',
): PlanAnswer {
  return {
    action: order.input.action,
    digest: digestOf(order, sites, changes),
    total: order.sites.length,
    changes: sites.filter(({ outcome }) => outcome === 'change').length,
    sites: sites.slice(0, SITES_SHOWN),
    calls,
    seconds,
    warnings,
    command: commandFor(order),
    needsTyping: order.sites.length > TYPING_ABOVE,
  };
}

/**
 * Names what was shown: the same sites, each with the same prospect, on the same terms. What is typed while the plan is
 * looked at (reason and message) is not part of it.
 */
function digestOf({ input }: Order, sites: readonly PlannedSite[], changes: string): string {
  const { selection: _, reason: _reason, message: _message, ...terms } = input;
  const prospects = sites.map(({ id, domain, outcome, error, skipped }) =>
    [id, domain, outcome, error?.code, skipped?.code].join(' '),
  );
  const essence = JSON.stringify([terms, prospects.sort(), changes]);
  return createHash('sha256').update(essence).digest('hex').slice(0, 32);
}
