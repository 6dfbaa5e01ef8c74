import { extendError } from '../../errors.ts';
import type { ImportedRow, ImportResult } from '../../services/registry/moving-in/move-in.ts';
import type { EntryChanges } from '../../services/registry/moving-in/plan-entry.ts';
import { cliActor } from '../actor.ts';
import {
  type CommandResult,
  defineCommand,
  type ErrorDocument,
  type View,
  type Warning,
} from '../command.ts';
import { toErrorDocument } from '../errors.ts';
import { argument, option } from '../parameters.ts';
import { readInput } from '../read-file.ts';
import { type Column, table } from '../table.ts';

/** A row of the file, and what became of it. */
interface ImportRow extends Omit<ImportedRow, 'error' | 'name'> {
  /** The domain; null for a key or a window. */
  site: string | null;
  /** Domain, name of the key, or title. */
  name: string;
  error: ErrorDocument | null;
}

export const command = defineCommand({
  arguments: {
    file: argument('file', 'CSV, `site export --json`, or dumpdata of the Django app; - for stdin'),
  },
  options: {
    apiKey: option(
      '--api-key <name>',
      'Key of all new sites, instead of the one in the file; an empty value means the default key',
    ),
  },
  examples: [
    { command: 'site import sites.csv --dry-run', does: 'Only show what would be done' },
    {
      command: 'site import dump.json --api-key main',
      does: 'Move in from the Django app, with a key of yours',
    },
    { command: 'site import - < sites.json', does: 'What `site export --json` has printed elsewhere' },
  ],
  notes:
    'Rows are independent: what is wrong with one is told, and the others are taken over; correct the file and import it again, what is there already stays as it is. Of a site that is known here the file changes what it states of name, subdomains, page, engine, open paths, bypass addresses and active; its key, its zone and whether it is closed stay. Nothing is changed at Cloudflare, and Cloudflare is not asked: zones are found by `intermission sync_cloudflare` or when a site is first closed. Tokens in the file are not read. See docs/migration.md.',
  async run(context, { arguments: { file }, options: { apiKey } }): Promise<CommandResult<ImportRow>> {
    const { dryRun } = context.flags;
    const { MAX_FILE_BYTES } = await import('../../services/registry/moving-in/read-text.ts');
    const bytes = await readInput(context.io, file, MAX_FILE_BYTES);
    const app = await context.openApp();
    const imported = await app.sites.importFrom(bytes, { actor: cliActor(), dryRun, apiKey });
    const results = imported.rows.map(rowOf);
    return { summary: { ...countsOf(results), dryRun }, results, warnings: warningsOf(imported, dryRun) };
  },
  render: ({ summary = {}, results = [] }, view) => {
    const shown = results.filter(({ action, note }) => action !== 'unchanged' || note !== null);
    const counts = countsText(summary, view);
    return shown.length === 0 ? counts : `${table(columns(shown, view), shown, view)}\n${counts}`;
  },
});

function rowOf({ error, name, kind, ...row }: ImportedRow): ImportRow {
  const where = `${row.row}${row.field === null ? '' : ` (${row.field})`}`;
  const site = kind === 'site' && name !== '' ? name : null;
  const about = site === null ? `Row ${where}` : `${site}, row ${where}`;
  const told = error && toErrorDocument(extendError(error, { message: `${about}: ${error.message}` }));
  return { ...row, kind, site, name, error: told };
}

const ACTIONS = ['created', 'updated', 'unchanged', 'skipped', 'failed'] as const;

function countsOf(rows: readonly ImportRow[]): Record<string, number> {
  const of = (action: string) => rows.filter((row) => row.action === action).length;
  return {
    total: rows.length,
    ...Object.fromEntries(ACTIONS.map((action) => [action, of(action)])),
    closedThere: rows.filter(({ closedThere }) => closedThere).length,
  };
}

function warningsOf(imported: ImportResult, dryRun: boolean): Warning[] {
  const { unknown, holdsTokens, changedWhileClosed, rows } = imported;
  const closed = rows.filter(({ closedThere }) => closedThere).map(({ name }) => name);
  const all: (Warning | false)[] = [
    unknown.length > 0 && {
      code: 'unknown_fields',
      message: `The file has fields that mean nothing here: ${unknown.join(', ')}.`,
    },
    holdsTokens && {
      code: 'tokens_in_file',
      message:
        'The file holds API tokens in plain text. They were not read: delete the file when it is no longer needed.',
    },
    closed.length > 0 && {
      code: 'closed_there',
      message: `Where the file comes from, ${listed(closed)} in maintenance. Here no site is closed by an import; if the rules are still at Cloudflare, take them over: intermission maintenance disable ${closed[0]} --existing ours`,
    },
    changedWhileClosed.length > 0 && {
      code: 'applies_with_enable',
      message: `${listed(changedWhileClosed)} in maintenance here: what ${dryRun ? 'would be' : 'was'} changed takes effect with: intermission maintenance enable ${changedWhileClosed[0]}`,
    },
  ];
  return all.filter((warning) => warning !== false);
}

function listed(domains: readonly string[]): string {
  const rest = domains.length - 3;
  const names = rest > 0 ? `${domains.slice(0, 3).join(', ')} and ${rest} more` : domains.join(', ');
  return `${names} ${domains.length === 1 ? 'is' : 'are'}`;
}

function columns(rows: readonly ImportRow[], { colors }: View): Column<ImportRow>[] {
  const styles: Record<ImportRow['action'], (text: string) => string> = {
    created: colors.green,
    updated: colors.cyan,
    unchanged: colors.dim,
    skipped: colors.yellow,
    failed: colors.red,
  };
  const all: (Column<ImportRow> | false)[] = [
    { header: 'Row', value: ({ row }) => String(row), align: 'right' },
    { header: 'Action', value: ({ action }) => action, style: (text, { action }) => styles[action](text) },
    rows.some(({ kind }) => kind !== 'site') && {
      header: 'What',
      value: ({ kind }) => kind.replace('_', ' '),
    },
    { header: 'Name', value: ({ name }) => name, shrink: true },
    { header: 'Details', value: detailsOf, shrink: true },
  ];
  return all.filter((column) => column !== false);
}

function detailsOf({ action, field, note, changes, closedThere }: ImportRow): string {
  if (action === 'failed') return field === null ? '' : `see ${field}`;
  const parts = [changesText(changes), note ?? '', closedThere ? 'closed there' : ''];
  return parts.filter((part) => part !== '').join('; ');
}

function changesText(changes: EntryChanges): string {
  const shown = (value: unknown) =>
    value === null || value === ''
      ? 'none'
      : typeof value === 'object'
        ? JSON.stringify(value)
        : String(value);
  return Object.entries(changes)
    .map(([field, { from, to }]) => `${field} ${shown(from)} → ${shown(to)}`)
    .join(', ');
}

function countsText(summary: Record<string, unknown>, { colors }: View): string {
  const parts = ACTIONS.filter((action) => Number(summary[action]) > 0);
  const text = parts.map((action) => `${String(summary[action])} ${action}`).join(', ');
  const total = Number(summary['total']);
  const tried = summary['dryRun'] === true ? ` ${colors.dim('Only tried: nothing was stored.')}` : '';
  return `${total} ${total === 1 ? 'row' : 'rows'}${text === '' ? '' : `: ${text}`}.${tried}\n`;
}
