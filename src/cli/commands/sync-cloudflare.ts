import type { Intermission } from '../../intermission.ts';
import type { KeySync } from '../../services/site-sync/sync-keys.ts';
import type { SyncOptions, SyncProgress } from '../../services/sync-result.ts';
import { cliActor } from '../actor.ts';
import { type CommandContext, defineCommand } from '../command.ts';
import type { LiveRow } from '../live-row.ts';
import { flag, option } from '../parameters.ts';
import { withProgress } from '../progress.ts';
import { findingText, keyRow, type SyncRow, siteRow, syncTable } from '../sync-row.ts';
import { lookAtRules } from './sync-findings.ts';
import { countsOf, countsText } from './sync-view.ts';
import { syncWarnings } from './sync-warnings.ts';

export const command = defineCommand({
  options: {
    apiKey: option(
      '--api-key <name>',
      'Only the zones of this key; env means the token in CLOUDFLARE_API_TOKEN',
    ),
    forceUpdate: flag('--force-update', 'The same as --force'),
  },
  examples: [
    { command: 'sync_cloudflare', does: 'Add a site for each zone that is new, with all active keys' },
    { command: 'sync_cloudflare --dry-run', does: 'Only show what would be created and updated' },
    { command: 'sync_cloudflare --api-key acme --json', does: 'One key, for a script' },
  ],
  notes:
    'What Cloudflare owns (zone, account, status, plan, quota) is refreshed; with --force also where nothing has changed. What you have set (name, subdomains, maintenance URL, engine, open paths, bypass IPs) is never touched, and no site is removed. A site whose zone is gone is deactivated, once Cloudflare has answered that there is no such zone, and unless it is in maintenance. Without a stored key the token in CLOUDFLARE_API_TOKEN is used. Rules are read, and never repaired, in all zones if there are not more than 50; else in those with a site that is closed or has rules on record, and in new ones if these are not more than 50. What is not as it should be, and redirects of unknown origin, are listed. Exit status 3 when some keys or zones failed.',
  async run(context, { options: { apiKey, forceUpdate } }) {
    const { dryRun } = context.flags;
    const app = await context.openApp();
    const force = context.flags.force || forceUpdate;
    const outcomes = await syncAll(context, app, { apiKey, dryRun, force });
    const done = outcomes.flatMap(({ result }) => result ?? []);
    const findings = await lookAtRules(app, done, context.signal);
    const found = [...findings.rows.values()];
    return {
      summary: {
        keys: outcomes.length,
        failed: outcomes.length - done.length,
        ...countsOf(outcomes),
        drifted: found.filter(({ drift }) => drift.length > 0).length,
        doubtful: found.filter(({ doubtful }) => doubtful.length > 0).length,
        calls: await app.countCalls(),
        dryRun,
      },
      results: rowsOf(outcomes, findings.rows),
      warnings: [...(await syncWarnings(app, outcomes)), ...findings.warnings],
    };
  },
  render: ({ summary = {}, results = [] }, view) => {
    const found = results.filter(({ drift, doubtful }) => drift.length + doubtful.length > 0);
    return [
      syncTable(results, Number(summary['keys']), view),
      ...found.map((row) => findingText(row, view)),
      countsText(summary, view),
    ]
      .filter((part) => part !== '')
      .join('\n');
  },
});

function syncAll(
  context: CommandContext,
  app: Intermission,
  options: SyncOptions & { apiKey: string | undefined },
): Promise<KeySync[]> {
  const { signal } = context;
  return withProgress(context, READING, (show) =>
    app.syncZones({
      ...options,
      actor: cliActor(),
      signal,
      onProgress: (progress) => show(`${READING} ${progressText(progress)}`),
    }),
  );
}

const READING = 'Reading the zones at Cloudflare …';

function progressText({ seen, total }: SyncProgress): string {
  const count = (number: number) => number.toLocaleString('en');
  return total === undefined ? count(seen) : `${count(seen)} of ${count(total)}`;
}

/** Sites of which there is something to say. Where a key or a zone has failed, each key has a row too, without a site. */
function rowsOf(outcomes: readonly KeySync[], live: ReadonlyMap<string, LiveRow>): SyncRow[] {
  const hasFailed = outcomes.some(({ result }) => result === undefined || result.errors > 0);
  return eachFoundOnce(
    outcomes.flatMap(({ apiKey, result, error }) => {
      if (result === undefined) return [keyRow(apiKey, error)];
      const sites = result.sites
        .map((site) => siteRow(apiKey, site, live.get(site.domain)))
        .filter(({ action, drift, doubtful }) => action !== 'skipped' || drift.length + doubtful.length > 0);
      return hasFailed ? [keyRow(apiKey), ...sites] : sites;
    }),
  );
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
