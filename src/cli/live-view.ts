import type { SiteCondition } from '../domain/drift.ts';
import type { View } from './command.ts';
import { adviceFor, conditionWords, doubtfulText, driftText, driftWords } from './drift-text.ts';
import { fieldLines } from './field-lines.ts';
import { printable } from './io.ts';
import type { LiveRow } from './live-row.ts';
import { operationText, operationWords } from './status-text.ts';
import { type Column, type Field, table } from './table.ts';

/** What is intended, what Cloudflare has, and what to do where the two differ. */
export function liveFields(row: LiveRow, view: View): Field[] {
  const { colors } = view;
  return [
    ['Intended', conditionWords(row.intended)],
    ['Configured', configuredText(row), row.error === null && !row.differs ? colors.green : colors.red],
    ['Observed', observedText(row), row.observed === row.intended ? colors.green : colors.yellow],
    ...fieldLines(
      'Seen',
      row.hosts.filter((host) => host.counts && !host.asWanted).map(hostText),
      colors.red,
    ),
    ...fieldLines('Differs', row.drift.map(driftText), colors.red),
    ...fieldLines(
      'Operation',
      row.operations.map((operation) => operationText(operation, view)),
      colors.yellow,
    ),
    ...fieldLines('Not ours?', row.doubtful.map(doubtfulText), colors.yellow),
    ...fieldLines(
      'Zone',
      row.notes.map(({ message }) => message),
      colors.yellow,
    ),
    ...adviceFor(row),
  ];
}

/** One line per site, for many. */
export function liveTable(rows: readonly LiveRow[], view: View): string {
  return table(columns(view), rows, view);
}

/** `12 sites: 10 as intended, 1 differs, 1 could not be read.` */
export function liveCounts(rows: readonly LiveRow[], { colors }: View): string {
  const failed = rows.filter(({ error }) => error !== null).length;
  const differing = rows.filter(({ differs }) => differs).length;
  const parts = [
    [rows.length - failed - differing, 'as intended', colors.green],
    [differing, differing === 1 ? 'differs' : 'differ', colors.red],
    [failed, 'could not be read', colors.red],
  ] as const;
  const shown = parts.filter(([count]) => count > 0).map(([count, what, style]) => style(`${count} ${what}`));
  return `${rows.length} ${rows.length === 1 ? 'site' : 'sites'}: ${shown.join(', ')}.\n`;
}

/** True when a line or a block about the site tells more than that it is open, as it should be. */
export function isNoteworthy(row: LiveRow): boolean {
  return row.maintenanceActive || row.differs || row.error !== null || hasQuestions(row);
}

/** True when somebody has to do or to decide something. */
export function needsAttention(row: LiveRow): boolean {
  return row.differs || row.error !== null || hasQuestions(row);
}

function hasQuestions({ doubtful, unrestored, operations }: LiveRow): boolean {
  return doubtful.length + unrestored.length + operations.length > 0;
}

function configuredText(row: LiveRow): string {
  if (row.error !== null) return `unknown: ${row.error.message}`;
  if (row.configured === 'unknown') return 'unknown: a redirect that is not recorded here';
  if (row.operations.some(({ running }) => running))
    return `${conditionWords(row.configured)}, while an operation is running`;
  const isRight = row.configured === row.intended && row.drift.length === 0;
  return `${conditionWords(row.configured)}${isRight ? ', as intended' : ', not as intended'}`;
}

function observedText({ observed, intended, hosts }: LiveRow): string {
  if (hosts.length === 0) return 'not looked at';
  if (observed === intended) return `${conditionWords(observed)}, as intended`;
  return observed === 'unknown' ? 'unknown' : `${conditionWords(observed)}, not as intended`;
}

/** What to do about a wrong reply is said with the rules; what keeps a host from being seen has its own advice. */
function hostText({ message, hint, verdict }: LiveRow['hosts'][number]): string {
  const isReply = verdict === 'open' || verdict === 'closed';
  return hint === undefined || isReply ? message : `${message} ${hint}`;
}

function columns({ colors }: View): Column<LiveRow>[] {
  const style = (condition: SiteCondition, row: LiveRow) =>
    row.differs || row.error !== null
      ? colors.red
      : condition === 'maintenance'
        ? colors.yellow
        : colors.green;
  return [
    { header: 'Site', value: ({ site }) => site, shrink: true },
    { header: 'Intended', value: ({ intended }) => conditionWords(intended) },
    {
      header: 'Configured',
      value: ({ configured }) => conditionWords(configured),
      style: (text, row) => style(row.configured, row)(text),
    },
    {
      header: 'Observed',
      value: ({ observed, hosts }) => (hosts.length === 0 ? '' : conditionWords(observed)),
      style: (text, row) => style(row.observed, row)(text),
    },
    { header: 'Found', value: foundWords, shrink: true },
  ];
}

function foundWords(row: LiveRow): string {
  if (row.error !== null) return printable(row.error.message);
  return [
    ...row.drift.map(driftWords),
    ...row.operations.map(operationWords),
    ...(row.doubtful.length > 0 ? ['redirect of unknown origin'] : []),
    ...(row.unrestored.length > 0 ? ['rule not put back'] : []),
  ].join(', ');
}
