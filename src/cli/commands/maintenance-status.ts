import { IntermissionError } from '../../errors.ts';
import type { Intermission } from '../../intermission.ts';
import { type CommandContext, type CommandResult, defineCommand, type View } from '../command.ts';
import { fieldLines, wrappedFields } from '../field-lines.ts';
import { printable } from '../io.ts';
import { type LiveRow, liveRows } from '../live-row.ts';
import { isNoteworthy, liveCounts, liveFields, liveTable, needsAttention } from '../live-view.ts';
import { flag, negatableFlag } from '../parameters.ts';
import { type ChosenSites, choiceOf, chooseSites, domainsArgument, siteChoice } from '../site-selection.ts';
import { countClosed, isOverdue, type SiteStateRow, siteStates } from '../site-state.ts';
import {
  doubtsAbout,
  holdTexts,
  OVERDUE,
  operationText,
  operationWords,
  stateText,
  timeText,
  untilText,
} from '../status-text.ts';
import type { Field } from '../table.ts';
import { isKnown, type UnknownRow, unknownRow } from '../unknown-row.ts';

/** Of more sites, what visitors get is looked at only when it is asked for. */
const LOOK_AT_MOST = 20;

type KnownRow = SiteStateRow | LiveRow;
type Row = KnownRow | UnknownRow;

export const command = defineCommand({
  arguments: { domains: domainsArgument },
  options: {
    live: flag('--live', 'Read the rules at Cloudflare too, and name what is not as intended'),
    exitCode: flag('--exit-code', 'With --live: exit status 7 when something is not as intended'),
    verify: negatableFlag(
      '--verify',
      `With --live: look at what visitors get, too (the default for at most ${LOOK_AT_MOST} sites)`,
      'With --live: do not look at what visitors get',
    ),
    ...siteChoice,
  },
  examples: [
    {
      command: 'maintenance status example.com',
      does: 'Is it in maintenance, why, since when and until when?',
    },
    { command: 'maintenance status', does: 'Everything that is in maintenance now' },
    {
      command: 'maintenance status example.com --live',
      does: 'Are the rules at Cloudflare, and what visitors get, as they should be?',
    },
    {
      command: 'maintenance status --all --live --exit-code --json',
      does: 'For monitoring: exit status 7 when anything differs',
    },
  ],
  notes:
    'Without --live this is the intended state, from the database. With --live the rules of each zone are read once, and each host is visited once; nothing is repaired and nothing is changed. `maintenance enable` repairs, `maintenance disable` opens.',
  async run(context, { arguments: { domains }, options }): Promise<CommandResult<Row>> {
    const { live, exitCode, verify } = options;
    if (exitCode && !live) throw needsLive('--exit-code tells of differences, and only --live finds any.');
    if (verify === true && !live)
      throw needsLive('--verify looks at what visitors get, and only --live does so.');
    const app = await context.openApp();
    const chosen = await chooseSites(app, choiceOf(domains, options), context.io);
    const { sites, unknown } = chosen;
    const observe = verify ?? sites.length <= LOOK_AT_MOST;
    if (live) return lookAtCloudflare(app, chosen, { exitCode, observe }, context);
    const results = await siteStates(app, sites);
    return {
      summary: { total: results.length + unknown.length, inMaintenance: countClosed(results) },
      results: [...results, ...unknown.map(unknownRow)],
    };
  },
  render: ({ summary = {}, results = [] }, view) => {
    const rows = results.filter(isKnown<KnownRow>);
    const [only] = rows;
    if (results.length === 1 && only !== undefined) return siteText(only, view);
    const live = rows.filter((row) => 'configured' in row);
    if (live.length > 0) return manyLive(live, view);
    const shown = rows.filter(
      (row) => row.maintenanceActive || doubtsAbout(row).length > 0 || row.unrestored.length > 0,
    );
    const count = `${summary['inMaintenance']} of ${summary['total']} sites in maintenance.`;
    return [...shown.map((row) => siteText(row, view)), `${count}\n`].join('\n');
  },
});

async function lookAtCloudflare(
  app: Intermission,
  { sites, unknown }: ChosenSites,
  { exitCode, observe }: { exitCode: boolean; observe: boolean },
  context: CommandContext,
): Promise<CommandResult<LiveRow | UnknownRow>> {
  const { signal } = context;
  const look = async () => {
    const { liveRowsOfMany } = await import('../many-sites/live-rows.ts');
    return liveRowsOfMany(app, sites, { observe }, context);
  };
  const rows = sites.length > 1 ? await look() : await liveRows(app, sites, { signal, observe });
  const differing = rows.filter(({ differs }) => differs).length;
  const failed = rows.filter(({ error }) => error !== null).length + unknown.length;
  return {
    summary: { total: rows.length + unknown.length, inMaintenance: countClosed(rows), differing, failed },
    results: [...rows, ...unknown.map(unknownRow)],
    // What could not be read is an error, and says more than a difference elsewhere.
    ...(exitCode && differing > 0 && failed === 0 && { exit: 7 as const }),
  };
}

/** A table of what is closed or not as it should be, then everything about the latter. */
function manyLive(rows: readonly LiveRow[], view: View): string {
  const parts = [
    liveTable(rows.filter(isNoteworthy), view),
    ...rows.filter(needsAttention).map((row) => siteText(row, view, { briefly: true })),
    liveCounts(rows, view),
  ];
  return parts.filter((part) => part !== '').join('\n');
}

function siteText(row: KnownRow, view: View, { briefly = false } = {}): string {
  const { colors } = view;
  const headline = `${colors.bold(printable(row.site))}: ${stateOf(row, view)}\n`;
  const left = row.leftRules.map(
    ({ id, pattern, url }) =>
      `rule ${id}: ${pattern} → ${url}. Cloudflare refused to remove it. Repeat maintenance disable.`,
  );
  const unrestored = row.unrestored.map(
    ({ id, reason }) => `rule ${id}: ${reason.replace(/\.$/, '')}. See site show and site forget-unrestored.`,
  );
  const details: Field[] = [
    ...('configured' in row ? liveFields(row, view) : pendingFields(row, view)),
    ...(row.maintenanceActive && !briefly ? closedFields(row, view) : []),
    [
      'Last closed',
      briefly || row.maintenanceActive || row.lastMaintenanceAt === null
        ? undefined
        : timeText(row.lastMaintenanceAt, view),
    ],
    ...fieldLines('Still there', left, colors.red),
    ...fieldLines('Not put back', unrestored, colors.red),
  ];
  return headline + wrappedFields(details, view);
}

/** Operations that have not ended, as the database knows them. */
function pendingFields({ operations }: KnownRow, view: View): Field[] {
  const isInterrupted = operations.some(({ running }) => !running);
  return [
    ...fieldLines(
      'Operation',
      operations.map((operation) => operationText(operation, view)),
      view.colors.yellow,
    ),
    ['To settle', isInterrupted ? 'intermission process_scheduled_maintenance' : undefined],
  ];
}

function stateOf({ maintenanceActive, leftRules, operations }: KnownRow, { colors }: View): string {
  const state = stateText(maintenanceActive, colors);
  const interrupted = operations.find(({ running }) => !running);
  if (interrupted !== undefined) return `${state}, ${colors.red(`but ${operationWords(interrupted)}`)}`;
  return leftRules.length === 0
    ? state
    : `${state}, ${colors.red('but rules of ours are still at Cloudflare')}`;
}

function closedFields(row: KnownRow, view: View): Field[] {
  const until = isOverdue(row) ? OVERDUE : untilText(row.until, view);
  return [
    ['Visitors to', row.url ?? undefined],
    ['Message', row.message ?? undefined],
    ['Since', row.since === null ? undefined : timeText(row.since, view)],
    ['Until', until],
    ...fieldLines('Held by', holdTexts(row, view)),
  ];
}

function needsLive(why: string): IntermissionError {
  return new IntermissionError('usage', why, { hint: 'Add --live.' });
}
