import type { MaintenanceLog } from '../../../domain/maintenance-log.ts';
import { isIntermissionError } from '../../../errors.ts';
import type { Intermission } from '../../../intermission.ts';
import type { BulkEvent, BulkSite } from '../../../services/bulk-operations/types.ts';
import type { OperationEvent } from '../../contract/operations.ts';
import { toErrorFact } from '../rows/error-fact.ts';
import { disableOptionsOf, enableOptionsOf, type Order, reasonOf } from './order.ts';
import type { Plan } from './plan.ts';

/** What became of one site, or that the run waits. */
export type Progress =
  | Omit<Extract<OperationEvent, { type: 'site' }>, 'finished' | 'total'>
  | Extract<OperationEvent, { type: 'paused' }>;

/** Does what was planned, and tells of each site as it is done. Ends after the sites in hand when `signal` says so. */
export async function* carryOut(
  app: Intermission,
  order: Order,
  plan: Plan,
  signal: AbortSignal,
): AsyncGenerator<Progress, void, undefined> {
  const [only] = order.sites;
  if (order.sites.length === 1 && only !== undefined) {
    yield await switchOne(app, order, { site: only, expect: plan.expect, signal });
    return;
  }
  const sites = app.bulk.sites(order.sites.map(({ id }) => id));
  const { verify } = order.input;
  const run =
    order.input.action === 'enable'
      ? sites.enableMaintenance({ ...enableOptionsOf(order), reason: reasonOf(order), verify, signal })
      : sites.disableMaintenance({ ...disableOptionsOf(order), verify, signal });
  for await (const event of run) {
    const progress = progressOf(event);
    if (progress !== undefined) yield progress;
  }
}

async function switchOne(
  app: Intermission,
  order: Order,
  { site, ...how }: { site: Order['sites'][number]; expect: string | undefined; signal: AbortSignal },
): Promise<Progress> {
  const service = app.maintenance(site);
  const { verify } = order.input;
  const about = { type: 'site', siteId: site.id, domain: site.domain } as const;
  try {
    const log =
      order.input.action === 'enable'
        ? await service.enableMaintenance(reasonOf(order), { ...enableOptionsOf(order), verify, ...how })
        : await service.disableMaintenance({ ...disableOptionsOf(order), verify, ...how });
    return { ...about, outcome: 'done', message: null, error: null, ...factsOf(log) };
  } catch (error) {
    const log = isIntermissionError(error) ? (error.log as MaintenanceLog | undefined) : undefined;
    return { ...about, outcome: 'failed', message: null, error: toErrorFact(error), ...factsOf(log ?? null) };
  }
}

function progressOf(event: BulkEvent): Progress | undefined {
  if (event.type === 'paused') return { ...event, until: event.until.toISOString() };
  if (event.type !== 'finished') return undefined;
  const { site } = event;
  return {
    type: 'site',
    siteId: site.siteId,
    domain: site.domain,
    outcome: outcomeOf(site),
    message: site.skipped?.message ?? null,
    error: toErrorFact(site.error),
    logId: site.logId,
    proof: site.proof?.state ?? 'skipped',
  };
}

function outcomeOf({ outcome }: BulkSite): 'done' | 'failed' | 'skipped' {
  return outcome === 'planned' ? 'skipped' : outcome;
}

function factsOf(log: MaintenanceLog | null) {
  return { logId: log?.id ?? null, proof: log?.proof ?? ('skipped' as const) };
}
