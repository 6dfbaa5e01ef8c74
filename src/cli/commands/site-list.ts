import { IntermissionError } from '../../errors.ts';
import type { Intermission } from '../../intermission.ts';
import { defineCommand, type View } from '../command.ts';
import { flag, option, type Values, wholeNumber } from '../parameters.ts';
import { siteSelectors } from '../site-selection.ts';
import { type Column, table } from '../table.ts';
import { formatRelative } from '../time.ts';
import { type SiteRow, siteRow } from './site-row.ts';

const { all: _, ...selectors } = siteSelectors;
const options = {
  ...selectors,
  active: flag('--active', 'Sites that may be closed'),
  inactive: flag('--inactive', 'Sites that are never closed'),
  limit: option('--limit <number>', 'At most so many', wholeNumber(1, 100_000)),
};

export const command = defineCommand({
  options,
  examples: [
    { command: 'site list', does: 'All sites, by domain' },
    {
      command: 'site list --search shop --limit 20',
      does: 'The first 20 whose domain or name contains "shop"',
    },
    { command: 'site list --in-maintenance --json', does: 'What is closed, for a script' },
  ],
  async run(context, { options: wanted }) {
    const app = await context.openApp();
    const query = await selected(app, wanted);
    const total = await query.count();
    const limited = wanted.limit === undefined ? query : query.limit(wanted.limit);
    const results = (await limited.withApiKey().all()).map(siteRow);
    return { summary: { total, shown: results.length }, results };
  },
  render: ({ summary = {}, results = [] }, view) => {
    const total = Number(summary['total']);
    if (results.length === 0) return 'No site. Add those of a key with: intermission sync_cloudflare\n';
    const cut =
      results.length < total ? `\n${view.colors.dim(`${results.length} of ${total} sites.`)}\n` : '';
    return table(columns(results, view), results, view) + cut;
  },
});

async function selected(app: Intermission, wanted: Values<typeof options>) {
  if (wanted.active && wanted.inactive) {
    throw new IntermissionError('usage', '--active and --inactive leave nothing to list.', {
      hint: 'Give one of them, or none for all sites.',
    });
  }
  let query: ReturnType<Intermission['sites']['active']> = app.sites.query();
  if (wanted.active) query = query.active();
  if (wanted.inactive) query = query.inactive();
  if (wanted.inMaintenance) query = query.inMaintenance();
  if (wanted.search !== undefined) query = query.search(wanted.search);
  if (wanted.apiKey !== undefined) query = query.byApiKey(await app.apiKeys.get({ name: wanted.apiKey }));
  return query;
}

function columns(rows: readonly SiteRow[], { colors, now }: View): Column<SiteRow>[] {
  const all: (Column<SiteRow> | false)[] = [
    { header: 'Site', value: ({ site }) => site, style: (text) => colors.bold(text) },
    { header: 'State', value: stateOf, style: (text, row) => colorOf(row, colors)(text) },
    rows.some(({ name, site }) => name !== site) && {
      header: 'Name',
      value: ({ name }) => name,
      shrink: true,
    },
    {
      header: 'Zone',
      value: ({ zonePaused, zoneStatus }) => (zonePaused === true ? 'paused' : (zoneStatus ?? 'unknown')),
    },
    { header: 'API key', value: ({ apiKey }) => apiKey ?? '(default)', shrink: true },
    {
      header: 'Last closed',
      value: ({ lastMaintenanceAt: last }) => (last === null ? 'never' : formatRelative(last, now)),
    },
  ];
  return all.filter((column) => column !== false);
}

function stateOf({ maintenanceActive, isActive }: SiteRow): string {
  if (maintenanceActive) return 'in maintenance';
  return isActive ? 'open' : 'inactive';
}

function colorOf({ maintenanceActive, isActive }: SiteRow, colors: View['colors']): (text: string) => string {
  if (maintenanceActive) return colors.yellow;
  return isActive ? colors.green : colors.dim;
}
