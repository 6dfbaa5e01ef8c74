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
import { choiceOf, chooseSites, domainsArgument, siteChoice } from '../site-selection.ts';
import { stateText } from '../status-text.ts';
import { isKnown, type UnknownRow, unknownRow } from '../unknown-row.ts';

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
  options: { timeout: proofOptions.timeout, ...siteChoice },
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
  async run(context, { arguments: { domains }, options }): Promise<CommandResult<Row | UnknownRow>> {
    const app = await context.openApp();
    const { sites, unknown } = await chooseSites(app, choiceOf(domains, options), context.io);
    const { timeoutMs } = provingOf({ verify: true, timeout: options.timeout });
    const rows = await whileWaiting(context, () =>
      eachOf(sites, AT_A_TIME, (site) => verify(app, site, timeoutMs, context)),
    );
    const proven = rows.filter(({ proof }) => proof === 'proven').length;
    const total = rows.length + unknown.length;
    return {
      summary: { total, proven, unproven: total - proven },
      results: [...rows, ...unknown.map(unknownRow)],
    };
  },
  render: ({ summary = {}, results = [] }, view) => {
    const rows = results.filter(isKnown<Row>);
    if (results.length === 1) return rows.map((row) => siteText(row, view)).join('');
    const shown = rows.filter(({ proof }) => proof === 'unproven').map((row) => siteText(row, view));
    return [...shown, `${summary['proven']} of ${summary['total']} sites proven.\n`].join('\n');
  },
});

/** Sites that are visited at the same time. */
const AT_A_TIME = 32;

/** Results in the order of `items`; so many are worked on at the same time. */
async function eachOf<T, R>(items: readonly T[], limit: number, work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  const queue = items.entries();
  const worker = async () => {
    for (const [index, item] of queue) results[index] = await work(item);
  };
  await Promise.all(Array.from({ length: limit }, worker));
  return results;
}

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
