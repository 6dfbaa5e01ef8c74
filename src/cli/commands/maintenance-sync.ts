import { cliActor } from '../actor.ts';
import { type CommandResult, defineCommand, type View } from '../command.ts';
import { toErrorDocument } from '../errors.ts';
import { printable } from '../io.ts';
import { renderSyncMany, syncMany } from '../many-sites/sync-many.ts';
import { choiceOf, domainsArgument, onlyDomain, siteChoice } from '../site-selection.ts';
import { changesText, findingText, type SyncRow, siteRow } from '../sync-row.ts';
import { lookAtRules } from './sync-findings.ts';
import { siteWarnings } from './sync-warnings.ts';

export const command = defineCommand({
  arguments: { domains: domainsArgument },
  options: siteChoice,
  examples: [
    { command: 'maintenance sync example.com', does: 'Read its zone again, and look at its rules' },
    { command: 'maintenance sync example.com --dry-run', does: 'Only show what would be updated' },
    { command: 'maintenance sync --in-maintenance --json', does: 'Everything that is closed' },
  ],
  notes:
    'The same as sync_cloudflare, for the sites that you choose, each with its own key: what Cloudflare owns is refreshed, what you have set is never touched. Its rules are compared with what is intended, and never repaired.',
  async run(context, { arguments: { domains }, options }): Promise<CommandResult<SyncRow>> {
    const choice = choiceOf(domains, options);
    const domain = onlyDomain(choice);
    if (domain === undefined) return syncMany(choice, context);
    const { signal, flags } = context;
    const { dryRun, force } = flags;
    const app = await context.openApp();
    const site = await app.sites.get({ domain });
    const key = site.apiKey ?? (await app.apiKeys.query().findDefault());
    const synced = await app.sites.syncSiteFromCloudflare(site, { dryRun, force, actor: cliActor(), signal });
    const isKnown = synced.error === null;
    const findings = await lookAtRules(app, [{ sites: [synced] }], signal);
    const row = siteRow(key?.name ?? 'env', synced, findings.rows.get(synced.domain));
    return {
      summary: {
        total: 1,
        updated: Number(synced.action === 'updated'),
        calls: await app.countCalls(),
        dryRun,
      },
      results: [{ ...row, error: isKnown ? null : toErrorDocument(synced.error) }],
      warnings: [...(isKnown ? siteWarnings([synced]) : []), ...findings.warnings],
    };
  },
  render: (result, view) => {
    const { summary = {}, results = [] } = result;
    if (summary['keys'] !== undefined) return renderSyncMany(result, view);
    return results.map((row) => siteText(row, summary['dryRun'] === true, view)).join('');
  },
});

function siteText(row: SyncRow, dryRun: boolean, view: View): string {
  if (row.error !== null) return '';
  const found = row.drift.length + row.doubtful.length > 0 ? `\n${findingText(row, view)}` : '';
  return `${headline(row, dryRun, view)}\n${found}`;
}

function headline({ site, action, changes }: SyncRow, dryRun: boolean, { colors }: View): string {
  const name = colors.bold(printable(site ?? ''));
  const differs = Object.keys(changes).length > 0;
  if (!differs)
    return `${name}: as Cloudflare says${action === 'updated' && !dryRun ? ', written anew' : ''}.`;
  const done = action === 'deactivated' ? 'deactivated, its zone is gone from Cloudflare' : 'updated';
  return `${name}: ${dryRun ? 'to be ' : ''}${done}. ${changesText(changes)}`;
}
