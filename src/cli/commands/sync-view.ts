import type { JsonValue } from '../../errors.ts';
import { type KeySync, totalsOf } from '../../services/site-sync/sync-keys.ts';
import type { View } from '../command.ts';

/** The counts of several syncs together, for a summary. */
export function countsOf(outcomes: readonly KeySync[]): Record<string, number> {
  const { synced: _, errorDetails: _details, ...counts } = totalsOf(outcomes);
  const results = outcomes.flatMap(({ result }) => result ?? []);
  const failedSites = results.reduce((sum, { errors }) => sum + errors, 0);
  return {
    ...counts,
    // A key that failed is counted as one: `failed`.
    errors: failedSites,
    unchecked: results.reduce((sum, { unchecked }) => sum + unchecked, 0),
    calls: results.reduce((sum, { calls }) => sum + calls, 0),
  };
}

/** `3 zones seen: 2 sites created, 1 unchanged.`; `summary` holds what {@link countsOf} counts. */
export function countsText(summary: Record<string, JsonValue>, { colors }: View): string {
  const of = (name: string) => Number(summary[name] ?? 0);
  const done = (what: string) => (summary['dryRun'] === true ? `to be ${what}` : what);
  const parts = [
    [of('created'), done('created'), colors.green],
    [of('updated'), done('updated'), colors.cyan],
    [of('skipped'), 'unchanged', colors.dim],
    [of('deactivated'), done('deactivated'), colors.yellow],
    [of('conflicts'), 'in conflict', colors.yellow],
    [of('unreachable'), 'not reachable', colors.yellow],
    [of('errors'), 'failed', colors.red],
  ] as const;
  const shown = parts.filter(([count]) => count > 0);
  const text = shown.map(([count, what, style]) => style(`${count} ${what}`)).join(', ');
  const keys = of('keys') > 1 ? ` with ${of('keys')} keys` : '';
  const zones = `${of('discovered')} ${of('discovered') === 1 ? 'zone' : 'zones'} seen${keys}`;
  return `${zones}${text === '' ? '' : `, sites: ${text}`}.\n`;
}
