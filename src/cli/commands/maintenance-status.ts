import { type CommandResult, defineCommand, type View } from '../command.ts';
import { fieldLines, wrappedFields } from '../field-lines.ts';
import { printable } from '../io.ts';
import { optionalDomainArgument } from '../site-selection.ts';
import { countClosed, isOverdue, type SiteStateRow, siteStates } from '../site-state.ts';
import { holdTexts, stateText, timeText, untilText } from '../status-text.ts';
import type { Field } from '../table.ts';

export const command = defineCommand({
  arguments: { domain: optionalDomainArgument },
  examples: [
    {
      command: 'maintenance status example.com',
      does: 'Is it in maintenance, why, since when and until when?',
    },
    { command: 'maintenance status', does: 'Everything that is in maintenance now' },
    { command: 'maintenance status example.com --json', does: 'For scripts: results[0].maintenanceActive' },
  ],
  notes: 'This is the intended state, from the database. Neither Cloudflare nor the site is asked.',
  async run(context, { arguments: { domain } }): Promise<CommandResult<SiteStateRow>> {
    const app = await context.openApp();
    const sites = domain === undefined ? await app.sites.all() : [await app.sites.get({ domain })];
    const results = await siteStates(app, sites);
    const inMaintenance = countClosed(results);
    return { summary: { total: results.length, inMaintenance }, results };
  },
  render: ({ summary = {}, results = [] }, view) => {
    const [only] = results;
    if (results.length === 1 && only !== undefined) return siteText(only, view);
    const shown = results.filter((row) => row.maintenanceActive || row.unrestored.length > 0);
    const count = `${summary['inMaintenance']} of ${summary['total']} sites in maintenance.`;
    return [...shown.map((row) => siteText(row, view)), `${count}\n`].join('\n');
  },
});

function siteText(row: SiteStateRow, view: View): string {
  const { colors } = view;
  const headline = `${colors.bold(printable(row.site))}: ${stateText(row.maintenanceActive, colors)}\n`;
  const unrestored = row.unrestored.map(({ id, reason }) => `rule ${id}: ${reason}`);
  const details: Field[] = [
    ...(row.maintenanceActive ? closedFields(row, view) : []),
    [
      'Last closed',
      row.maintenanceActive || row.lastMaintenanceAt === null
        ? undefined
        : timeText(row.lastMaintenanceAt, view),
    ],
    ...fieldLines('Not put back', unrestored, colors.red),
  ];
  return headline + wrappedFields(details, view);
}

function closedFields(row: SiteStateRow, view: View): Field[] {
  const until = isOverdue(row)
    ? 'its end has come; run intermission process_scheduled_maintenance'
    : untilText(row.until, view);
  return [
    ['Visitors to', row.url ?? undefined],
    ['Message', row.message ?? undefined],
    ['Since', row.since === null ? undefined : timeText(row.since, view)],
    ['Until', until],
    ...fieldLines('Held by', holdTexts(row, view)),
  ];
}
