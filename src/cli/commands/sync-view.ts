import type { JsonValue } from '../../errors.ts';
import type { SyncedSite, SyncResult } from '../../services/site-sync/site-sync-service.ts';
import type { View } from '../command.ts';

/** The counts of several syncs together. A zone that several keys see counts once, by the first that changed something. */
export function countsOf(results: readonly SyncResult[]): Record<string, number> {
  const seen = results.flatMap(({ sites }) => sites);
  const actions = new Map<string, SyncedSite['action']>();
  for (const { domain, zoneId, action } of seen) {
    const site = `${domain} ${zoneId}`;
    if ((actions.get(site) ?? 'skipped') === 'skipped') actions.set(site, action);
  }
  const count = (action: SyncedSite['action']) =>
    [...actions.values()].filter((each) => each === action).length;
  return {
    discovered: new Set(seen.map(({ zoneId }) => zoneId)).size,
    created: count('created'),
    updated: count('updated'),
    skipped: count('skipped'),
    conflicts: count('conflict'),
    calls: results.reduce((total, { calls }) => total + calls, 0),
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
