import { IntermissionError } from '../../errors.ts';
import type { Intermission } from '../../intermission.ts';
import { cliActor } from '../actor.ts';
import { type CommandContext, type CommandResult, defineCommand, type Warning } from '../command.ts';
import { argument, option } from '../parameters.ts';
import { siteSelectors } from '../site-selection.ts';
import { forOption, sitesOption, startOption, timezoneOption, windowOptions } from '../window-options.ts';
import { type FullWindowRow, toFullWindowRow } from '../window-row.ts';
import { type MeantTime, parseMeantTime } from '../window-time.ts';
import { windowText } from '../window-view.ts';
import { conflictWarnings, schedulerWarnings } from '../window-warnings.ts';

const { inMaintenance: _, ...selectors } = siteSelectors;

type WindowInput = Parameters<Intermission['schedule']['createScheduledMaintenance']>[0];

export const command = defineCommand({
  arguments: { title: argument('title', 'What it is, for people') },
  options: {
    sites: sitesOption,
    ...selectors,
    start: startOption,
    tz: timezoneOption,
    for: forOption,
    until: option('--until <time>', 'Its end, instead of how long; written like --start'),
    cron: option('--cron <expression>', 'Again and again: "0 2 * * 0" is every Sunday at 02:00 of the zone'),
    ...windowOptions,
  },
  examples: [
    {
      command: 'schedule create "DB" --sites a.com,b.com --start "2026-12-01 02:00" --tz UTC --for 2h',
      does: 'Two sites, one night',
    },
    {
      command: 'schedule create "Backup" --sites a.com --cron "0 2 * * 0" --tz Asia/Tokyo --for 30m',
      does: 'Every Sunday at 02:00; the next five times are shown',
    },
    {
      command: 'schedule create "Move" --search shop --start "tomorrow 22:00" --tz UTC --for 1h -n',
      does: 'See which window would be planned; its sites are looked for anew when it starts',
    },
  ],
  notes:
    'Windows act only while process_scheduled_maintenance runs. A local time that clocks going forward skip is moved on by what they skip, one that clocks going back repeat is the first of the two. docs/scheduling.md has all rules.',
  async run(context, { arguments: { title }, options }): Promise<CommandResult<FullWindowRow>> {
    const { sites, all, search, apiKey, start, tz, for: seconds, until, cron, ...given } = options;
    const now = context.now();
    const from = start === undefined ? undefined : await parseMeantTime(start, tz, now);
    const end = until === undefined ? undefined : await parseMeantTime(until, tz, now);
    const input: WindowInput = {
      ...given,
      title,
      timezone: tz,
      recurrence: cron,
      start: from?.time,
      durationSeconds: durationOf(seconds, from, end),
      ...whichSites(sites, { all: all || undefined, search, apiKey }),
    };
    return create(context, input, [...(from?.warnings ?? []), ...(end?.warnings ?? [])]);
  },
  render: ({ summary = {}, results = [] }, view) =>
    results
      .map((row) => {
        const did =
          summary['dryRun'] === true
            ? 'This window would be planned. Nothing was stored.\n\n'
            : `${view.colors.green('✓')} Planned.\n\n`;
        return did + windowText(row, view);
      })
      .join(''),
});

async function create(
  context: CommandContext,
  input: WindowInput,
  warnings: Warning[],
): Promise<CommandResult<FullWindowRow>> {
  const { flags, prompts } = context;
  const app = await context.openApp();
  const options = { actor: cliActor() };
  const planned = await app.schedule.createScheduledMaintenance(input, { ...options, dryRun: true });
  const sites = planned.sites.getItems();
  const conflicts = await app.schedule.findConflicts({
    sites,
    start: planned.scheduledStart,
    end: planned.scheduledEnd,
  });
  const told = [...warnings, ...conflictWarnings(conflicts), ...(await schedulerWarnings(app))];
  if (!flags.dryRun && (conflicts.length > 0 || input.selection !== undefined)) {
    if (prompts.interactive) for (const { message } of told) context.note(message);
    const message = `Plan it for ${sites.length} ${sites.length === 1 ? 'site' : 'sites'}?`;
    await prompts.confirm({ message, needsYes: input.selection !== undefined });
  }
  const window = flags.dryRun ? planned : await app.schedule.createScheduledMaintenance(input, options);
  const row = toFullWindowRow(window, context.now(), await app.schedule.nextOccurrences(window));
  return {
    summary: { total: 1, conflicts: conflicts.length, dryRun: flags.dryRun },
    results: [row],
    warnings: told,
  };
}

function durationOf(
  seconds: number | undefined,
  from: MeantTime | undefined,
  end: MeantTime | undefined,
): number {
  if (seconds !== undefined && end === undefined) return seconds;
  if (seconds === undefined && end !== undefined && from !== undefined) {
    return (end.time.getTime() - from.time.getTime()) / 1000;
  }
  const [message, hint] =
    seconds !== undefined
      ? ['--for and --until both say when the window ends.', 'Give one of them.']
      : ['The window has no end.', 'Say how long it takes with --for, or give --start and --until.'];
  throw new IntermissionError('usage', message, { hint });
}

function whichSites(
  sites: string[] | undefined,
  selection: NonNullable<WindowInput['selection']>,
): Pick<WindowInput, 'sites' | 'selection'> {
  const selects = Object.values(selection).some((value) => value !== undefined);
  return { ...(sites !== undefined && { sites }), ...(selects && { selection }) };
}
