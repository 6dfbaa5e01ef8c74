import type { JsonValue } from '../../errors.ts';
import type { SyncResult } from '../../services/site-sync/site-sync-service.ts';
import type { View } from '../command.ts';

/** The counts of several syncs, added up. */
export function countsOf(results: readonly SyncResult[]): Record<string, number> {
  const sum = (count: (result: SyncResult) => number) =>
    results.reduce((total, result) => total + count(result), 0);
  return {
    discovered: sum(({ discovered }) => discovered),
    created: sum(({ created }) => created),
    updated: sum(({ updated }) => updated),
    skipped: sum(({ skipped }) => skipped),
    conflicts: sum(({ conflicts }) => conflicts),
    calls: sum(({ calls }) => calls),
  };
}

/** `3 zones seen: 2 sites created, 1 unchanged.`; `summary` holds what {@link countsOf} counts. */
export function countsText(summary: Record<string, JsonValue>, { colors }: View): string {
  const of = (name: string) => Number(summary[name] ?? 0);
  const dryRun = summary['dryRun'] === true;
  const parts = [
    [of('created'), dryRun ? 'to be created' : 'created', colors.green],
    [of('updated'), dryRun ? 'to be updated' : 'updated', colors.cyan],
    [of('skipped'), 'unchanged', colors.dim],
    [of('conflicts'), 'in conflict', colors.yellow],
  ] as const;
  const shown = parts.filter(([count]) => count > 0);
  const text = shown.map(([count, what, style]) => style(`${count} ${what}`)).join(', ');
  const keys = of('keys') > 1 ? ` with ${of('keys')} keys` : '';
  const zones = `${of('discovered')} ${of('discovered') === 1 ? 'zone' : 'zones'} seen${keys}`;
  return `${zones}${text === '' ? '' : `, sites: ${text}`}.\n`;
}
