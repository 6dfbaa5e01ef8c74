import type { Intermission } from '../../intermission.ts';
import type { FieldChanges } from '../../services/site-sync/plan-zone.ts';
import type { SyncedSite, SyncResult } from '../../services/site-sync/site-sync-service.ts';
import type { KeySync } from '../../services/site-sync/sync-keys.ts';
import { cliActor } from '../actor.ts';
import { defineCommand, type ErrorDocument, type View, type Warning } from '../command.ts';
import { doubtfulText, driftText } from '../drift-text.ts';
import { toErrorDocument } from '../errors.ts';
import { fieldLines, wrappedFields } from '../field-lines.ts';
import type { LiveRow } from '../live-row.ts';
import { option } from '../parameters.ts';
import { type Column, type Field, table } from '../table.ts';
import { lookAtRules } from './sync-findings.ts';
import { countsOf, countsText } from './sync-view.ts';

/** A site that was created, updated, is in conflict, or whose rules are not as they should be. When a key has failed, each key has a row too, without a site. */
interface SyncRow {
  site: string | null;
  action: SyncedSite['action'] | 'synced' | 'failed';
  /** `env`: the token of the environment. */
  apiKey: string;
  zoneId: string | null;
  maintenanceActive: boolean | null;
  changes: FieldChanges;
  /** What the rules at Cloudflare make of the site; null where they were not looked at. */
  configured: LiveRow['configured'] | null;
  drift: LiveRow['drift'];
  doubtful: LiveRow['doubtful'];
  error: ErrorDocument | null;
}

export const command = defineCommand({
  options: {
    apiKey: option(
      '--api-key <name>',
      'Only the zones of this key; env means the token in CLOUDFLARE_API_TOKEN',
    ),
  },
  examples: [
    { command: 'sync_cloudflare', does: 'Add a site for each zone that is new, with all active keys' },
    { command: 'sync_cloudflare --dry-run', does: 'Only show what would be created and updated' },
    { command: 'sync_cloudflare --api-key acme --json', does: 'One key, for a script' },
  ],
  notes:
    'What Cloudflare owns (zone, account, status, plan, quota) is refreshed; with --force also where nothing has changed. What you have set (name, subdomains, maintenance URL, engine) is never touched. Without a stored key the token in CLOUDFLARE_API_TOKEN is used. Rules are read, and never repaired, in all zones if there are not more than 50; else in those with a site that is closed or has rules on record, and in new ones if these are not more than 50. What is not as it should be, and redirects of unknown origin, are listed.',
  async run(context, { options: { apiKey } }) {
    const { dryRun, force } = context.flags;
    const app = await context.openApp();
    context.note('Reading the zones at Cloudflare …');
    const outcomes = await app.syncZones({
      apiKey,
      dryRun,
      force,
      actor: cliActor(),
      signal: context.signal,
    });
    const done = outcomes.flatMap(({ result }) => result ?? []);
    const findings = await lookAtRules(app, done, context.signal);
    const found = [...findings.rows.values()];
    return {
      summary: {
        keys: outcomes.length,
        failed: outcomes.length - done.length,
        ...countsOf(done),
        drifted: found.filter(({ drift }) => drift.length > 0).length,
        doubtful: found.filter(({ doubtful }) => doubtful.length > 0).length,
        calls: await app.countCalls(),
        dryRun,
      },
      results: eachFoundOnce(
        outcomes.flatMap((outcome) => rowsOf(outcome, findings.rows, done.length < outcomes.length)),
      ),
      warnings: [...conflictWarnings(done), ...(await keylessWarnings(app, outcomes)), ...findings.warnings],
    };
  },
  render: ({ summary = {}, results = [] }, view) => {
    const sites = results.filter((row) => row.site !== null && row.action !== 'skipped');
    const shown = table(columns(sites, Number(summary['keys']), view), sites, view);
    const found = results.filter(({ drift, doubtful }) => drift.length + doubtful.length > 0);
    return [shown, ...found.map((row) => findingText(row, view)), countsText(summary, view)]
      .filter((part) => part !== '')
      .join('\n');
  },
});

function rowsOf(
  { apiKey, result, error }: KeySync,
  live: ReadonlyMap<string, LiveRow>,
  withKeys: boolean,
): SyncRow[] {
  const unseen = { configured: null, drift: [], doubtful: [] };
  const none = { site: null, zoneId: null, maintenanceActive: null, changes: {}, ...unseen };
  if (result === undefined) return [{ ...none, apiKey, action: 'failed', error: toErrorDocument(error) }];
  const sites = result.sites
    .map(({ domain, ...site }): SyncRow => {
      const { configured, drift, doubtful } = live.get(domain) ?? unseen;
      return { site: domain, apiKey, ...site, configured, drift, doubtful, error: null };
    })
    .filter(({ action, drift, doubtful }) => action !== 'skipped' || drift.length + doubtful.length > 0);
  return withKeys ? [{ ...none, apiKey, action: 'synced', error: null }, ...sites] : sites;
}

/** A site that several keys see tells what was found of its rules once. */
function eachFoundOnce(rows: readonly SyncRow[]): SyncRow[] {
  const told = new Set<string>();
  return rows.flatMap((row) => {
    if (row.site === null) return [row];
    const isTold = told.has(row.site);
    told.add(row.site);
    if (!isTold) return [row];
    return row.action === 'skipped' ? [] : [{ ...row, drift: [], doubtful: [] }];
  });
}

function conflictWarnings(results: readonly SyncResult[]): Warning[] {
  const sites = results.flatMap((result) => result.sites).filter(({ action }) => action === 'conflict');
  return sites.map(({ domain, zoneId }) => ({
    code: 'zone_conflict',
    message: `Cloudflare has another zone named ${domain} (${zoneId}); the site keeps the zone it has. To change that: intermission site edit ${domain} --zone-id ${zoneId}`,
  }));
}

/** Sites of the environment's token have no key of their own: once one is stored, that one is used for them. */
async function keylessWarnings(app: Intermission, outcomes: readonly KeySync[]): Promise<Warning[]> {
  const [only] = outcomes;
  if (only?.apiKey !== 'env' || (only.result?.created ?? 0) === 0) return [];
  const key = await app.apiKeys.query().findDefault();
  if (key === undefined) return [];
  const message = `The new sites use the default key "${key.name}", not the token of the environment, which is never stored.`;
  return [{ code: 'environment_key', message }];
}

/** A site whose rules are not as they should be. Nothing is repaired here. */
function findingText({ site, drift, doubtful }: SyncRow, view: View): string {
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

function columns(rows: readonly SyncRow[], keys: number, { colors }: View): Column<SyncRow>[] {
  const styles: Partial<Record<SyncRow['action'], (text: string) => string>> = {
    created: colors.green,
    updated: colors.cyan,
    conflict: colors.yellow,
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

function changesText(changes: FieldChanges): string {
  const show = (value: unknown) => (value === null ? 'unknown' : String(value));
  return Object.entries(changes)
    .map(([field, { from, to }]) => `${field} ${show(from)} → ${show(to)}`)
    .join(', ');
}
