import { MANUAL_HOLD } from '../../domain/maintenance-hold.ts';
import type { JsonValue } from '../../errors.ts';
import { doneSite } from '../../services/bulk-operations/rows.ts';
import type { BulkPlan } from '../../services/bulk-operations/types.ts';
import { type ManyRow, manyRow, type RowContext } from './many-row.ts';

/** What would become of each site. */
export function plannedRows(
  { sites, skipped, refused }: BulkPlan,
  context: RowContext & { hold: string | undefined; force: boolean },
): ManyRow[] {
  const { action, before, hold = MANUAL_HOLD, force } = context;
  const planned = sites.map(({ domain, siteId, calls }): ManyRow => {
    const row = manyRow(doneSite({ id: siteId, domain }, { outcome: 'planned' }), context);
    const left = before.get(domain)?.holds.filter(({ name }) => !force && name !== hold) ?? [];
    return { ...row, calls, planned: { maintenanceActive: action === 'enable' || left.length > 0 } };
  });
  return [...planned, ...[...skipped, ...refused].map((site) => manyRow(site, context))];
}

/** The numbers of a plan. */
export function planSummary(plan: BulkPlan, rows: readonly ManyRow[]): Record<string, JsonValue> {
  const failed = rows.filter(({ error }) => error !== null).length;
  return {
    total: plan.total,
    planned: plan.sites.length,
    failed,
    skipped: plan.total - plan.sites.length - failed,
    calls: plan.calls,
    seconds: plan.seconds,
    keys: plan.keys.map(({ pausesUntil, ...key }) => ({
      ...key,
      pausesUntil: pausesUntil?.toISOString() ?? null,
    })),
    dryRun: true,
  };
}
