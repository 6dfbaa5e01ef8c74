import type { FieldChanges, SyncAction, SyncedSite } from '../services/sync-result.ts';
import type { ErrorDocument, View } from './command.ts';
import { doubtfulText, driftText } from './drift-text.ts';
import { toErrorDocument } from './errors.ts';
import { fieldLines, wrappedFields } from './field-lines.ts';
import type { LiveRow } from './live-row.ts';
import { type Column, type Field, table } from './table.ts';

/** What a sync made of a site, and what was seen of its rules. */
export interface SyncRow {
  site: string | null;
  action: SyncAction | 'synced' | 'failed';
  /** `env`: the token of the environment. */
  apiKey: string;
  zoneId: string | null;
  maintenanceActive: boolean | null;
  changes: FieldChanges;
  /** Why, in words. */
  reason: string | null;
  /** What the rules at Cloudflare make of the site; null where they were not looked at. */
  configured: LiveRow['configured'] | null;
  drift: LiveRow['drift'];
  doubtful: LiveRow['doubtful'];
  error: ErrorDocument | null;
}

const UNSEEN = { configured: null, drift: [], doubtful: [] };

/** Of more sites only those are listed that matter most. */
const MOST_LINES = 50;

/** @param live what was found of its rules; undefined where they were not looked at */
export function siteRow(apiKey: string, site: SyncedSite, live: LiveRow | undefined): SyncRow {
  const { domain, action, zoneId, maintenanceActive, changes, reason, error } = site;
  const { configured, drift, doubtful } = live ?? UNSEEN;
  return {
    site: domain,
    action,
    apiKey,
    zoneId,
    maintenanceActive,
    changes,
    reason,
    configured,
    drift,
    doubtful,
    // A site that cannot be reached is told in a warning: the sync itself has succeeded.
    error: action === 'error' ? toErrorDocument(error) : null,
  };
}

/** The row of a key as a whole. */
export function keyRow(apiKey: string, error?: unknown): SyncRow {
  const none = { site: null, zoneId: null, maintenanceActive: null, changes: {}, reason: null, ...UNSEEN };
  if (error === undefined) return { ...none, apiKey, action: 'synced', error: null };
  return { ...none, apiKey, action: 'failed', error: toErrorDocument(error) };
}

/** The sites of which there is something to say, one line each. */
export function syncTable(rows: readonly SyncRow[], keys: number, view: View): string {
  const said = rows.filter(({ site, action }) => site !== null && action !== 'skipped');
  const shown = said.length > MOST_LINES ? said.toSorted((a, b) => rank(a) - rank(b)) : said;
  const lines = table(columns(said, keys, view), shown.slice(0, MOST_LINES), view);
  const left = said.length - MOST_LINES;
  return left > 0 ? `${lines}… and ${left} more; --json lists all.\n` : lines;
}

/** A site whose rules are not as they should be. Nothing is repaired here. */
export function findingText({ site, drift, doubtful }: SyncRow, view: View): string {
  const { colors } = view;
  const next: Field[] = [['More', `intermission maintenance status ${site} --live`]];
  return `${colors.bold(site ?? '')}\n${wrappedFields(
    [
      ...fieldLines('Differs', drift.map(driftText), colors.red),
      ...fieldLines('Not ours?', doubtful.map(doubtfulText), colors.yellow),
      ...next,
    ],
    view,
  )}`;
}

export function changesText(changes: FieldChanges): string {
  const show = (value: unknown) => (value === null ? 'unknown' : String(value));
  return Object.entries(changes)
    .map(([field, { from, to }]) => `${field} ${show(from)} → ${show(to)}`)
    .join(', ');
}

function rank({ action, changes }: SyncRow): number {
  if (action === 'created') return 2;
  if (action === 'updated') return Object.keys(changes).length > 0 ? 1 : 3;
  return 0;
}

function columns(rows: readonly SyncRow[], keys: number, { colors }: View): Column<SyncRow>[] {
  const styles: Partial<Record<SyncRow['action'], (text: string) => string>> = {
    created: colors.green,
    updated: colors.cyan,
    deactivated: colors.yellow,
    conflict: colors.yellow,
    unreachable: colors.yellow,
    error: colors.red,
  };
  const all: (Column<SyncRow> | false)[] = [
    {
      header: 'Action',
      value: ({ action }) => action,
      style: (text, { action }) => styles[action]?.(text) ?? text,
    },
    { header: 'Site', value: ({ site }) => site ?? '' },
    keys > 1 && { header: 'API key', value: ({ apiKey }) => apiKey, shrink: true },
    rows.some(({ changes }) => Object.keys(changes).length > 0) && {
      header: 'Changes',
      value: ({ changes }) => changesText(changes),
      shrink: true,
    },
  ];
  return all.filter((column) => column !== false);
}
