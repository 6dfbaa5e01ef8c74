import type { CommandContext, CommandResult, ErrorDocument, View } from './command.ts';
import { fieldLines, wrappedFields } from './field-lines.ts';
import { printable } from './io.ts';
import { secondsText } from './log-row.ts';
import type { OperationRow } from './operation-row.ts';
import { holdTexts, OVERDUE, stateText, untilText } from './status-text.ts';
import type { Field } from './table.ts';

/** What enabling or disabling did, or would do, for people. */
export function renderOperations({ results = [] }: CommandResult<OperationRow>, view: View): string {
  return results.map((row) => renderOperation(row, view)).join('\n');
}

/** Shows a plan above the question about it, on stderr like the question. */
export function notePlan(shown: CommandResult<OperationRow>, context: CommandContext): void {
  const { colors, io } = context;
  const view = { colors, width: io.stderr.columns, now: context.now() };
  const warnings = (shown.warnings ?? []).map(
    ({ message }) => `${colors.yellow('warning:')} ${printable(message)}\n`,
  );
  context.note(`\n${renderOperations(shown, view)}${warnings.join('')}`.trimEnd());
}

function renderOperation(row: OperationRow, view: View): string {
  return `${headline(row, view)}\n${wrappedFields(row.planned === undefined ? outcome(row, view) : plan(row, view), view)}`;
}

function headline(row: OperationRow, { colors }: View): string {
  const now = stateText(row.maintenanceActive, colors);
  const site = colors.bold(printable(row.site));
  if (row.planned !== undefined) return `${site}: ${plannedText(row, row.planned.maintenanceActive, colors)}`;
  if (row.wasActive !== row.maintenanceActive) return `${site}: ${stateText(row.wasActive, colors)} → ${now}`;
  if (row.error !== null) return `${site}: ${afterFailure(row.error, now)}`;
  if (row.action === 'disable' && row.changes.length > 0 && !row.maintenanceActive)
    return `${site}: reopened; it was recorded as ${now} already`;
  return `${site}: ${now} already${row.changed ? ', updated' : ', nothing to change'}`;
}

/** The state that is recorded is not always what visitors get. */
function afterFailure({ details }: ErrorDocument, recorded: string): string {
  const [rule] = details?.doubtful ?? [];
  if (rule !== undefined)
    return `recorded as ${recorded}; Cloudflare redirects it to ${printable(rule.url ?? '')}`;
  return details?.pending === true
    ? `recorded as ${recorded}; what Cloudflare has is not known for sure`
    : `still ${recorded}`;
}

function plannedText(row: OperationRow, planned: boolean, colors: View['colors']): string {
  const now = stateText(row.maintenanceActive, colors);
  const becomes =
    planned === row.maintenanceActive ? `stays ${now}` : `${now} → ${stateText(planned, colors)}`;
  return `${becomes} ${colors.dim('(planned, nothing is changed yet)')}`;
}

function outcome(row: OperationRow, view: View): Field[] {
  const log = row.logId === null ? undefined : String(row.logId);
  return [
    ...closedFields(row, row.maintenanceActive, view),
    ['Engine', row.action === 'enable' && row.maintenanceActive ? engineText(row) : undefined],
    ...fieldLines(
      'Changes',
      row.changes.map(({ description }) => description),
    ),
    ['Proof', proofText(row), row.proof === 'proven' ? view.colors.green : view.colors.yellow],
    ['Log', log === undefined ? undefined : `${log} (${effort(row)})`],
  ];
}

/** What visitors got. Where the error tells it already, and where nothing was done, there is no need to. */
function proofText({ proof, proofMessage, error }: OperationRow): string | undefined {
  if (proof === 'proven') return proofMessage ?? undefined;
  if (proof === 'skipped') return error === null ? 'none: nobody has looked at what visitors get' : undefined;
  return error?.code === 'not_observed' || error?.code === 'interrupted'
    ? 'not yet: see the error'
    : `not yet: ${proofMessage}`;
}

function plan(row: OperationRow, view: View): Field[] {
  const changes = row.changes.map(({ description }) => description);
  return [
    ...closedFields(row, row.planned?.maintenanceActive ?? false, view),
    ['Engine', engineText(row)],
    ...fieldLines('Changes', changes.length > 0 ? changes : ['nothing at Cloudflare']),
    ['Requests', `at least ${row.calls}`],
  ];
}

function engineText({ engine, engineReason }: OperationRow): string | undefined {
  return engineReason === null ? (engine ?? undefined) : `${engine} (${engineReason})`;
}

/** Where visitors go, until when, and for whom: only while the site is closed. */
function closedFields(row: OperationRow, closed: boolean, view: View): Field[] {
  if (!closed) return [];
  const isOverdue = row.planned === undefined && row.holds.length === 0;
  return [
    ['Visitors to', row.url ?? undefined],
    ['Until', isOverdue ? OVERDUE : untilText(row.until, view)],
    ...fieldLines('Held by', holdTexts(row, view)),
  ];
}

function effort({ calls, durationSeconds }: OperationRow): string {
  const requests = calls === 1 ? '1 request' : `${calls} requests`;
  return durationSeconds === null ? requests : `${requests}, ${secondsText(durationSeconds)}`;
}
