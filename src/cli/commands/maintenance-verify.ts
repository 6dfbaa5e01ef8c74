import type { CloudflareSite } from '../../domain/cloudflare-site.ts';
import type { Intermission } from '../../intermission.ts';
import type { HostReport, SiteProof } from '../../services/maintenance/prove.ts';
import {
  type CommandContext,
  type CommandResult,
  defineCommand,
  type ErrorDocument,
  type View,
} from '../command.ts';
import { toErrorDocument } from '../errors.ts';
import { fieldLines, wrappedFields } from '../field-lines.ts';
import { printable } from '../io.ts';
import { proofOptions } from '../maintenance-options.ts';
import { explainProof, provingOf, whileWaiting } from '../proving.ts';
import { domainsArgument, selectNamedSites, siteSelectors } from '../site-selection.ts';
import { stateText } from '../status-text.ts';

interface Row {
  site: string;
  maintenanceActive: boolean;
  intended: 'open' | 'maintenance';
  observed: SiteProof['observed'];
  proof: 'proven' | 'unproven';
  proofMessage: string;
  hosts: HostReport[];
  error: ErrorDocument | null;
}

export const command = defineCommand({
  arguments: { domains: domainsArgument },
  options: { timeout: proofOptions.timeout, ...siteSelectors },
  examples: [
    { command: 'maintenance verify example.com', does: 'Do visitors get what is intended?' },
    {
      command: 'maintenance verify --in-maintenance --timeout 10s',
      does: 'Everything that is closed, with little patience',
    },
    {
      command: 'maintenance verify --all --json',
      does: 'For monitoring: exit status 5 when nothing is proven',
    },
  ],
  notes:
    'Asks every host of a site as a visitor would, until each shows twice in a row what is intended: the redirect of a closed site, the site itself of an open one. Nothing is changed and no log row is written; Cloudflare’s API is asked only where visitors get the wrong thing, once, to name the cause. Exit status 5 when it is not proven, 3 when that is so for some of several sites.',
  async run(context, { arguments: { domains }, options }): Promise<CommandResult<Row>> {
    const { timeout, ...selectors } = options;
    const app = await context.openApp();
    const sites = await selectNamedSites(app, domains, selectors);
    const { timeoutMs } = provingOf({ verify: true, timeout });
    const results = await whileWaiting(context, () =>
      Promise.all(sites.map((site) => verify(app, site, timeoutMs, context))),
    );
    const proven = results.filter(({ proof }) => proof === 'proven').length;
    return { summary: { total: results.length, proven, unproven: results.length - proven }, results };
  },
  render: ({ summary = {}, results = [] }, view) => {
    if (results.length === 1) return results.map((row) => siteText(row, view)).join('');
    const shown = results.filter(({ proof }) => proof === 'unproven').map((row) => siteText(row, view));
    return [...shown, `${summary['proven']} of ${summary['total']} sites proven.\n`].join('\n');
  },
});

async function verify(
  app: Intermission,
  site: CloudflareSite,
  timeoutMs: number | undefined,
  { signal }: CommandContext,
): Promise<Row> {
  const proof = await app.maintenance(site).verify({ timeoutMs, signal });
  const error = await explainProof({ app, site }, proof, signal);
  const maintenanceActive = proof.wanted === 'closed';
  return {
    site: site.domain,
    maintenanceActive,
    intended: maintenanceActive ? 'maintenance' : 'open',
    observed: proof.observed,
    proof: proof.state,
    proofMessage: proof.message,
    hosts: proof.hosts,
    error: error === undefined ? null : toErrorDocument(error),
  };
}

function siteText(row: Row, view: View): string {
  const { colors } = view;
  const proof = row.proof === 'proven' ? colors.green('proven') : colors.red('not proven');
  const lines = row.hosts.flatMap((host) => [host, ...host.openPaths]).map(({ message }) => message);
  const headline = `${colors.bold(printable(row.site))}: ${stateText(row.maintenanceActive, colors)}, ${proof}\n`;
  return headline + wrappedFields(fieldLines('Visitors', lines), view);
}
