import type { KeyPlan } from '../../services/bulk-operations/types.ts';
import type { CommandContext, CommandResult, View } from '../command.ts';
import { formatDuration } from '../duration.ts';
import { nameLines, renderFailures } from '../failure-groups.ts';
import { fieldLines, wrappedFields } from '../field-lines.ts';
import { printable } from '../io.ts';
import { secondsText } from '../log-row.ts';
import type { OperationRow, SwitchAction } from '../operation-row.ts';
import { renderOperations } from '../operation-view.ts';
import type { Field } from '../table.ts';
import { formatTime } from '../time.ts';
import { isNotBegun, type ManyRow } from './many-row.ts';

type Result = CommandResult<ManyRow>;

/** Above a question, more sites than this are only counted. */
const NAMES_IN_QUESTION = 12;

/** What enabling or disabling did, or would do, to one site or to many. */
export function renderSwitched(result: CommandResult<OperationRow | ManyRow>, view: View): string {
  return isOfMany(result)
    ? renderMany(result, view)
    : renderOperations(result as CommandResult<OperationRow>, view);
}

function isOfMany(result: CommandResult<OperationRow | ManyRow>): result is Result {
  return result.summary?.['skipped'] !== undefined;
}

/** Failures are told by the frame, after it. */
function renderMany(result: Result, view: View): string {
  if (Number(result.summary?.['total']) === 0) return 'No site is chosen: nothing to do.\n';
  return result.summary?.['dryRun'] === true
    ? renderPlan(result, view, Number.POSITIVE_INFINITY)
    : renderOutcome(result, view);
}

/** Shows a plan above the question about it, on stderr like the question. */
export function notePlanned(result: Result, context: CommandContext): void {
  const { colors, io } = context;
  const view = { colors, width: io.stderr.columns, now: context.now() };
  const failures = (result.results ?? []).flatMap(({ site, error }) =>
    error === null ? [] : { site, error },
  );
  const warnings = (result.warnings ?? []).map(
    ({ message }) => `${colors.yellow('warning:')} ${printable(message)}\n`,
  );
  const parts = [renderPlan(result, view, NAMES_IN_QUESTION), ...warnings, renderFailures(failures, view)];
  context.note(`\n${parts.join('')}`.trimEnd());
}

const WORDS: Record<SwitchAction, { todo: string; done: string; already: string }> = {
  enable: { todo: 'to close', done: 'closed', already: 'closed already' },
  disable: { todo: 'to reopen', done: 'reopened', already: 'open already' },
};

function wordsOf({ results = [] }: Result) {
  return WORDS[results[0]?.action ?? 'enable'];
}

function renderPlan(result: Result, view: View, most: number): string {
  const { summary = {}, results = [] } = result;
  const { colors } = view;
  const of = (name: string) => Number(summary[name] ?? 0);
  const words = wordsOf(result);
  const kept = results.filter(isKept).length;
  const head = numbers(of('total'), [
    [of('planned') - kept, words.todo, colors.yellow],
    [kept, 'that others keep closed', colors.yellow],
    ...leftAsTheyAre(results, words.already, colors),
    [of('failed'), 'refused', colors.red],
  ]);
  const keys = summary['keys'] as unknown as PlannedKey[];
  const names = results.filter(({ outcome }) => outcome === 'planned').map(({ site }) => site);
  const takes = of('seconds') < 1 ? 'a second' : formatDuration(Math.ceil(of('seconds')));
  const fields: Field[] = [
    ...fieldLines('Sites', nameLines(names, { most, width: (view.width ?? 100) - 12 })),
    ['Requests', names.length === 0 ? undefined : `at least ${of('calls')}`],
    ['Takes', names.length === 0 ? undefined : `${takes} at least`],
    ...fieldLines('Pauses', keys.flatMap(pauseText), colors.yellow),
    ...(keys.length > 1 ? fieldLines('API keys', keys.map(keyText)) : []),
  ];
  const planned = colors.dim('(planned, nothing is changed yet)');
  return `${head} ${planned}\n${wrappedFields(fields, view)}`;
}

/** A hold of it is released, and it stays closed. */
function isKept({ action, planned }: ManyRow): boolean {
  return action === 'disable' && planned?.maintenanceActive === true;
}

type PlannedKey = Omit<KeyPlan, 'pausesUntil'> & { pausesUntil: string | null };

function pauseText({ apiKey, calls, room, pausesUntil }: PlannedKey): string[] {
  if (pausesUntil === null) return [];
  const left = room === null ? 'more than one window of the limit' : `${room} can be made now`;
  return [`until ${formatTime(new Date(pausesUntil))}: the key ${apiKey} needs ${calls} requests, ${left}`];
}

function keyText({ apiKey, sites, calls, seconds }: PlannedKey): string {
  return `${apiKey}: ${sites} ${sites === 1 ? 'site' : 'sites'}, ${calls} requests, ${secondsText(seconds)}`;
}

function renderOutcome(result: Result, view: View): string {
  const { summary = {}, results = [] } = result;
  const { colors } = view;
  const of = (name: string) => Number(summary[name] ?? 0);
  const words = wordsOf(result);
  const head = numbers(of('total'), [
    [of('successful'), words.done, colors.green],
    ...leftAsTheyAre(results, words.already, colors),
    [of('failed'), 'failed', colors.red],
    [of('notBegun'), 'not begun', colors.yellow],
  ]);
  const notBegun = results.filter(isNotBegun);
  const inactive = results.filter(({ skipped, error }) => skipped?.code === 'inactive' && error === null);
  const fields: Field[] = [
    ...listed(notBegun.length > 0 ? capital(words.done) : '', results.filter(isDone), view),
    ...listed('Not begun', notBegun, view),
    ...listed('Inactive', inactive, view),
    ['Proof', proofText(results.filter(isDone))],
    [
      'Took',
      `${secondsText(of('durationSeconds'))}, ${of('calls') === 1 ? '1 request' : `${of('calls')} requests`}`,
    ],
  ];
  return `${head}\n${wrappedFields(fields, view)}`;
}

function proofText(done: readonly ManyRow[]): string | undefined {
  if (done.length === 0) return undefined;
  if (done.every(({ proof }) => proof === 'proven')) return 'visitors were seen to get it';
  const nobodyLooked = done.every(({ proof }) => proof === 'skipped');
  return nobodyLooked ? 'none: nobody has looked at what visitors get' : undefined;
}

function isDone({ outcome, error }: ManyRow): boolean {
  return outcome === 'done' && error === null;
}

const MOST_LISTED = 20;

function listed(name: string, rows: readonly ManyRow[], view: View): Field[] {
  if (name === '' || rows.length === 0) return [];
  const names = rows.map(({ site }) => site);
  return fieldLines(name, nameLines(names, { most: MOST_LISTED, width: (view.width ?? 100) - 12 }));
}

type Count = readonly [count: number, what: string, style: (text: string) => string];

/** `200 sites: 188 closed, 12 failed` */
function numbers(total: number, counts: readonly Count[]): string {
  const shown = counts.filter(([count]) => count > 0);
  const parts = shown.map(([count, what, style]) => style(`${count} ${what}`));
  return `${total} ${total === 1 ? 'site' : 'sites'}: ${parts.join(', ')}`;
}

function leftAsTheyAre(rows: readonly ManyRow[], already: string, colors: View['colors']): Count[] {
  const skipped = rows.filter((row) => row.skipped !== null && row.error === null && !isNotBegun(row));
  const isAlready = ({ skipped: why }: ManyRow) =>
    why?.code === 'already_closed' || why?.code === 'already_open';
  const settled = skipped.filter(isAlready).length;
  return [
    [settled, already, colors.dim],
    [skipped.length - settled, 'left out', colors.yellow],
  ];
}

function capital(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}
