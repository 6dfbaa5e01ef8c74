import type { JsonValue } from '../errors.ts';
import { describeChange, type OperationPlan } from '../services/maintenance/operation.ts';
import type { View } from './command.ts';
import { fieldLines, wrappedFields } from './field-lines.ts';
import { printable } from './io.ts';
import { type FullLogRow, secondsText, statusColor } from './log-row.ts';
import { stateWords, timeText } from './status-text.ts';
import type { Field } from './table.ts';

/** A log row with everything in it, for people. */
export function renderLog(row: FullLogRow, view: View): string {
  const { colors } = view;
  const status = statusColor(row.status, colors)(row.status);
  const subject = row.site === null ? '' : ` ${printable(row.site)}`;
  const headline = `${colors.bold(`Log ${row.id}`)}: ${row.action}${subject}, ${status}\n`;
  return (
    headline +
    wrappedFields(
      [
        ...basics(row, view),
        ...planFields(row),
        ...changeFields(row.changed),
        ...answerFields(row.cloudflareResponse),
        ...proofFields(row),
      ],
      view,
    )
  );
}

function basics(row: FullLogRow, view: View): Field[] {
  return [
    ['Begun', timeText(row.createdAt, view)],
    [
      'Took',
      row.status === 'pending' ? 'not finished: running, or interrupted' : secondsText(row.durationSeconds),
    ],
    ['By', `${row.actor} (${row.source})`],
    ['Reason', row.reason],
    [
      'Error',
      row.errorCode === null ? undefined : `${row.errorMessage ?? ''} (${row.errorCode})`,
      view.colors.red,
    ],
  ];
}

/** The plan in words: what was asked for, by which engine, each change, and what was undone. */
function planFields({ plan: stored, status }: FullLogRow): Field[] {
  const plan = (stored ?? {}) as unknown as Partial<OperationPlan>;
  const { intent, changes = [], undone, notes = [] } = plan;
  const refused = changes.flatMap(({ id, refused: why }: { id?: string; refused?: string }) =>
    why === undefined ? [] : [`rule ${id ?? ''}: ${why}`],
  );
  return [
    ['Asked for', intent === undefined ? undefined : intentText(intent)],
    ['Visitors to', plan.url ?? undefined],
    ['Engine', plan.engine === undefined ? undefined : `${plan.engine} (${plan.why})`],
    ...fieldLines(status === 'success' ? 'Changes' : 'Planned', changes.map(describeChange)),
    ...fieldLines('Undone', (undone ?? []).map(describeChange)),
    ...fieldLines('Not put back', refused),
    ...fieldLines(
      'Notes',
      notes.map(({ message }) => message),
    ),
    ['Requests', plan.calls === undefined || status === 'pending' ? undefined : String(plan.calls)],
  ];
}

function intentText(intent: OperationPlan['intent']): string {
  if (intent.kind === 'disable') {
    if (intent.release === null) return 'release every hold';
    return intent.release.length === 0
      ? 'release what has ended'
      : `release the hold ${intent.release.join(', ')}`;
  }
  const { name, expiresAt, message, url } = intent.hold;
  const parts = [
    `hold ${name}`,
    ...(expiresAt === undefined ? [] : [expiresAt === null ? 'no end' : `until ${expiresAt}`]),
    ...(url == null ? [] : [`visitors to ${url}`]),
    ...(message == null ? [] : [`message "${message}"`]),
  ];
  return parts.join(', ');
}

/** State and holds, or the fields of an edit, before and after. */
function changeFields(changed: JsonValue): Field[] {
  if (!isObject(changed)) return [];
  const { maintenanceActive, holds, before, after, ...rest } = changed;
  const state = Array.isArray(maintenanceActive)
    ? maintenanceActive.map((each) => stateWords(each === true))
    : [];
  return [
    ['State', stateChange(state)],
    ...fieldLines('Holds', Array.isArray(holds) ? holds.map(holdText) : []),
    ...fieldLines('Edited', editTexts(before ?? null, after ?? null)),
    ...fieldLines(
      'Details',
      Object.entries(rest).map(([name, value]) => `${name}: ${JSON.stringify(value)}`),
    ),
  ];
}

function stateChange([before, after]: string[]): string | undefined {
  return before === after ? after : `${before} → ${after}`;
}

function holdText(change: JsonValue): string {
  if (!isObject(change)) return JSON.stringify(change);
  const { hold, released, placed, until } = change;
  if (released !== undefined) return `${hold} released by ${released}`;
  return `${hold} ${placed === true ? 'placed' : 'updated'}, ${until == null ? 'no end' : `until ${until}`}`;
}

function editTexts(before: JsonValue, after: JsonValue): string[] {
  const [from, to] = [isObject(before) ? before : {}, isObject(after) ? after : {}];
  const names = [...new Set([...Object.keys(from), ...Object.keys(to)])];
  return names.map((name) => `${name}: ${valueText(from[name])} → ${valueText(to[name])}`);
}

function answerFields(answer: JsonValue): Field[] {
  if (!isObject(answer)) return [];
  const { status, codes, messages } = answer;
  const texts = [
    `HTTP ${status}`,
    ...listOf(messages).map((message, index) => `${listOf(codes)[index] ?? ''} ${message}`.trim()),
  ];
  return fieldLines('Cloudflare', texts);
}

/** What visitors got afterwards, host by host. */
function proofFields({ proof, evidence }: FullLogRow): Field[] {
  if (proof === 'skipped' || !isObject(evidence)) return [];
  const hosts = listOf(evidence['hosts']).flatMap((each) =>
    isObject(each) ? [`${each['host']} ${each['verdict']}`] : [],
  );
  const seen = evidence['interrupted'] === true ? 'interrupted' : hosts.join(', ');
  return [['Proof', `${proof}: ${seen}`]];
}

function valueText(value: JsonValue | undefined): string {
  return value === undefined || value === null ? 'nothing' : JSON.stringify(value);
}

function listOf(value: JsonValue | undefined): JsonValue[] {
  return Array.isArray(value) ? value : [];
}

function isObject(value: JsonValue | undefined): value is { [key: string]: JsonValue } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
