import { defineCommand, type View } from '../command.ts';
import { selectedSites, siteSelectors } from '../site-selection.ts';
import { countClosed, isOverdue, type SiteStateRow, siteStates } from '../site-state.ts';
import { doubtsAbout, isNarrow, stateColor, stateWords } from '../status-text.ts';
import { type Column, table } from '../table.ts';
import { formatRelative } from '../time.ts';

export const command = defineCommand({
  options: siteSelectors,
  examples: [
    { command: 'maintenance list', does: 'Every site and its state' },
    { command: 'maintenance list --in-maintenance', does: 'What is closed now, for whom, and until when' },
    {
      command: 'maintenance list --search shop --json',
      does: 'For scripts: one element per site in results',
    },
  ],
  notes:
    'This is the intended state, from the database, with operations that have not ended (interrupted ones are settled by process_scheduled_maintenance) and rules of ours that Cloudflare refused to remove (repeat maintenance disable). Cloudflare is not asked.',
  async run(context, { options }) {
    const app = await context.openApp();
    const results = await siteStates(app, await (await selectedSites(app, options)).all());
    return { summary: { total: results.length, inMaintenance: countClosed(results) }, results };
  },
  render: ({ summary = {}, results = [] }, view) => {
    if (results.length === 0) return 'No site.\n';
    const count = `${summary['total']} ${results.length === 1 ? 'site' : 'sites'}, ${summary['inMaintenance']} in maintenance.`;
    return `${table(columns(view), results, view)}${view.colors.dim(count)}\n`;
  },
});

function columns({ now, colors, width }: View): Column<SiteStateRow>[] {
  const relative = (time: Date | null): string => (time === null ? '' : formatRelative(time, now));
  const all: Column<SiteStateRow>[] = [
    { header: 'Site', value: (row) => row.site, shrink: true },
    {
      header: 'State',
      value: (row) => [stateWords(row.maintenanceActive), ...doubtsAbout(row)].join(', '),
      style: (text, row) =>
        (doubtsAbout(row).length > 0 ? colors.red : stateColor(row.maintenanceActive, colors))(text),
    },
    {
      header: 'Ends',
      value: (row) =>
        isOverdue(row) ? 'overdue' : row.maintenanceActive ? relative(row.until) || 'open end' : '',
    },
    {
      header: 'Held by',
      value: ({ holds }) =>
        holds.map(({ name, actor }) => `${name}${actor === '' ? '' : ` (${actor})`}`).join(', '),
      shrink: true,
    },
    { header: 'Last closed', value: (row) => relative(row.lastMaintenanceAt) },
  ];
  return isNarrow(width) ? all.slice(0, -1) : all;
}
