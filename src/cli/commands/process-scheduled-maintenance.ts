import type { Intermission } from '../../intermission.ts';
import {
  type CommandContext,
  type CommandResult,
  defineCommand,
  type View,
  type Warning,
} from '../command.ts';
import { normalizeError, renderError, toErrorDocument } from '../errors.ts';
import { printable } from '../io.ts';
import { proofOptions } from '../maintenance-options.ts';
import { flag, option, wholeNumber } from '../parameters.ts';
import { type Proving, provingOf } from '../proving.ts';
import { type TickRow, toDueRows, toProofRows, toTickRows } from '../tick-rows.ts';
import { formatTime } from '../time.ts';
import { zonedRelative } from '../window-view.ts';

export const command = defineCommand({
  options: {
    watch: flag('--watch', 'Stay, and do what is due when it is due, until Ctrl-C or SIGTERM'),
    upcoming: option(
      '--upcoming <hours>',
      'Also show the windows that start within so many hours',
      wholeNumber(1, 8_760),
    ),
    ...proofOptions,
  },
  examples: [
    {
      command: 'process_scheduled_maintenance --watch',
      does: 'As a service: windows begin and end within a second',
    },
    {
      command: 'process_scheduled_maintenance',
      does: 'Once: begin and end windows, reopen what has ended, repair what was interrupted',
    },
    {
      command: 'process_scheduled_maintenance --dry-run --upcoming 24',
      does: 'See what is due, and do nothing',
    },
    {
      command: 'process_scheduled_maintenance --json',
      does: 'The line for cron, every minute; stdout is one document',
    },
  ],
  notes:
    'Windows, and sites that were closed with --for or --until, begin and end only when this runs: let it run with --watch, or cron every minute. Any number of machines may run it on one database. What it has closed or reopened is then proven, all sites at the same time; exit status 5 when visitors were not seen to get it. With --watch and --json it prints one line of JSON for each thing that it does. A signal lets it finish the sites in hand.',
  async run(context, { options }): Promise<CommandResult<TickRow> | undefined> {
    const app = await context.openApp();
    const { dryRun } = context.flags;
    if (options.watch && !dryRun) return watch(app, provingOf(options), context);
    const upcoming = () => upcomingRows(app, options.upcoming);
    if (dryRun) {
      const results = toDueRows(await app.schedule.findDue(), context.now());
      return { summary: { ...summaryOf(results), dryRun, ...(await upcoming()) }, results };
    }
    const { results, notices } = await tick(app, provingOf(options), context);
    const summary = { ...summaryOf(results), notices: notices.delivered, ...(await upcoming()) };
    return { summary, results, warnings: warningsOf(notices) };
  },
  render: ({ summary = {}, results = [] }, view) => {
    const told = Number(summary['notices'] ?? 0);
    const notices = told === 0 ? '' : `${told} ${told === 1 ? 'notice' : 'notices'} delivered.\n`;
    const done = results.filter(({ error }) => error === null).map((row) => line(row, view));
    const text = results.length === 0 && told === 0 ? 'Nothing is due.\n' : done.join('');
    return text + notices + upcomingText(summary['upcoming'] as Upcoming[] | undefined, view);
  },
});

type Upcoming = { id: number; title: string; start: string; timezone: string };

async function tick(app: Intermission, proving: Proving, { signal }: CommandContext) {
  const result = await app.schedule.processScheduledMaintenances({ ...proving, signal });
  return { results: await toTickRows(app, result, signal), notices: result.notices };
}

function warningsOf({ failed }: TickReport['notices']): Warning[] {
  if (failed === 0) return [];
  const many = `${failed} ${failed === 1 ? 'notice' : 'notices'}`;
  const message = `${many} could not be delivered and will be tried again; see intermission notice list.`;
  return [{ code: 'not_delivered', message }];
}

/** Prints each thing as it happens: lines of JSON, or text. */
async function watch(app: Intermission, proving: Proving, context: CommandContext): Promise<undefined> {
  const { signal, note } = context;
  note('Watching. Ctrl-C ends it.');
  let printed = Promise.resolve();
  const onError = (error: unknown): undefined => printFailure(context, error);
  const print = async (report: TickReport): Promise<void> => {
    // What was done is reported at once, and what visitors get when that is known.
    const rows = [...(await toTickRows(app, report, signal)), ...toProofRows(report, signal)];
    for (const row of rows) printRow(context, row);
  };
  await app.schedule.watch({
    ...proving,
    signal,
    onError,
    report: (report) => {
      printed = printed.then(() => print(report)).catch(onError);
    },
  });
  await printed;
  return undefined;
}

type TickReport = Awaited<ReturnType<Intermission['schedule']['processScheduledMaintenances']>>;

function printRow({ io, flags, colors, now }: CommandContext, row: TickRow): void {
  if (flags.json) {
    io.stdout.write(`${JSON.stringify({ at: now(), ...row })}\n`);
    return;
  }
  const text = line(row, { colors });
  io.stdout.write(`${colors.dim(formatTime(now()))} ${text}`);
  if (row.error !== null) io.stderr.write(renderError(row.error, colors, row.site ?? undefined));
}

function printFailure({ io, flags, colors, now }: CommandContext, thrown: unknown): undefined {
  const error = toErrorDocument(normalizeError(thrown));
  if (flags.json) io.stdout.write(`${JSON.stringify({ at: now(), action: null, error })}\n`);
  else io.stderr.write(renderError(error, colors));
}

function summaryOf(rows: readonly TickRow[]) {
  const count = (action: TickRow['action']) =>
    rows.filter((row) => row.action === action && row.error === null).length;
  return {
    total: rows.length,
    recovered: count('recover'),
    ended: count('end'),
    windows: count('window'),
    closed: count('close'),
    reopened: count('reopen'),
    failed: rows.filter(({ error }) => error !== null).length,
  };
}

async function upcomingRows(
  app: Intermission,
  hours: number | undefined,
): Promise<{ upcoming?: Upcoming[] }> {
  if (hours === undefined) return {};
  const windows = await app.schedule.getUpcomingMaintenances(hours);
  const upcoming = windows.map(({ id, title, scheduledStart, timezone = 'UTC' }) => ({
    id,
    title,
    start: scheduledStart.toISOString(),
    timezone,
  }));
  return { upcoming };
}

function upcomingText(upcoming: Upcoming[] | undefined, view: View): string {
  if (upcoming === undefined) return '';
  if (upcoming.length === 0) return 'No window starts in that time.\n';
  const lines = upcoming.map(
    ({ id, title, start, timezone }) =>
      `  ${zonedRelative(new Date(start), timezone, view)}  ${printable(title)} (window ${id})\n`,
  );
  return `Upcoming:\n${lines.join('')}`;
}

function line({ site, outcome, logId }: TickRow, { colors }: Pick<View, 'colors'>): string {
  const log = logId === null ? '' : colors.dim(` (log ${logId})`);
  const about = site === null ? '' : `${colors.bold(printable(site))}: `;
  return `${about}${printable(outcome)}${log}\n`;
}
