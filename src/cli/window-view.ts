import { localText } from '../domain/wall-clock.ts';
import type { View } from './command.ts';
import { formatDuration } from './duration.ts';
import { fieldLines, wrappedFields } from './field-lines.ts';
import { type Colors, printable } from './io.ts';
import { isNarrow } from './status-text.ts';
import { type Column, type Field, table } from './table.ts';
import { formatRelative, formatTime } from './time.ts';
import type { FullWindowRow, WindowRow } from './window-row.ts';

const STATUS_COLORS: Record<string, 'green' | 'yellow' | 'red' | 'cyan' | 'dim'> = {
  scheduled: 'cyan',
  active: 'yellow',
  completed: 'green',
  cancelled: 'dim',
  failed: 'red',
};

/** Sites and entries that a text shows; `--json` has all. */
const MOST_SITES = 10;
const MOST_ENTRIES = 30;

/** `2026-12-01 02:00 Europe/Berlin`; UTC is told along where it is another clock. */
function zonedText(time: Date, timezone: string): string {
  const local = `${localText(time, timezone)} ${timezone}`;
  return timezone === 'UTC' ? local : `${local}, ${formatTime(time).slice(11, 16)} UTC`;
}

/** The same with how far away it is. */
export function zonedRelative(time: Date, timezone: string, { now }: Pick<View, 'now'>): string {
  return `${zonedText(time, timezone)} (${formatRelative(time, now)})`;
}

export function windowTable(rows: readonly WindowRow[], view: View): string {
  return table(columns(view), rows, view);
}

/** Everything about one window. */
export function windowText(row: FullWindowRow, view: View): string {
  const { colors } = view;
  const headline = `${colors.bold(`Window ${row.id}`)}: ${printable(row.title)}, ${statusText(row, colors)}\n`;
  return (
    headline + wrappedFields([...times(row, view), ...about(row), ...rules(row), ...happened(row)], view)
  );
}

/** `scheduled`, `active (overdue)`. */
function statusText({ status, overdue }: Pick<WindowRow, 'status' | 'overdue'>, colors: Colors): string {
  return statusColor(status, colors)(overdue ? `${status} (overdue)` : status);
}

function statusColor(status: string, colors: Colors): (text: string) => string {
  return colors[STATUS_COLORS[status] ?? 'dim'];
}

function columns(view: View): Column<WindowRow>[] {
  const { colors, now } = view;
  const wide: Column<WindowRow>[] = [
    { header: 'Lasts', value: (row) => formatDuration(row.durationSeconds) },
    { header: 'Priority', value: ({ priority }) => (priority === 'normal' ? '' : priority) },
    { header: 'Repeats', value: ({ recurrence }) => recurrence ?? '' },
  ];
  return [
    { header: 'ID', value: ({ id }) => String(id), align: 'right' },
    { header: 'Title', value: ({ title }) => title, shrink: true },
    {
      header: 'Status',
      value: ({ status, overdue }) => (overdue ? `${status} (overdue)` : status),
      style: (text, { status }) => statusColor(status, colors)(text),
    },
    { header: 'Start', value: ({ start, timezone }) => `${localText(start, timezone)} ${timezone}` },
    { header: '', value: ({ start }) => formatRelative(start, now), style: (text) => colors.dim(text) },
    ...(isNarrow(view.width) ? [] : wide),
    { header: 'Sites', value: ({ siteCount }) => String(siteCount), align: 'right' },
  ];
}

function times(row: FullWindowRow, view: View): Field[] {
  const { timezone } = row;
  const moment = (time: Date | null) => (time === null ? undefined : zonedRelative(time, timezone, view));
  return [
    ['Start', moment(row.start)],
    ['End', moment(row.end)],
    ['Lasts', formatDuration(row.durationSeconds)],
    ['Began', moment(row.actualStart)],
    ['Ended', moment(row.actualEnd)],
    ['Outcome', row.outcome, view.colors.red],
    ['Repeats', row.recurrence ?? undefined],
    ...fieldLines(
      'Then',
      row.nextOccurrences.map((time) => zonedText(time, timezone)),
    ),
  ];
}

function about(row: FullWindowRow): Field[] {
  const shown = row.sites.slice(0, MOST_SITES).join(', ');
  const more = row.siteCount > MOST_SITES ? ` and ${row.siteCount - MOST_SITES} more` : '';
  return [
    ['Sites', row.siteCount === 0 ? 'none' : `${shown}${more}`],
    ['Chosen', row.selection === null ? undefined : `${JSON.stringify(row.selection)}, anew when it starts`],
    ['About', row.description],
    ['Message', row.message],
    ['Priority', row.priority === 'normal' ? undefined : row.priority],
    ['Page', row.template],
    ['Planned by', row.createdBy],
  ];
}

function rules(row: FullWindowRow): Field[] {
  const { autoEnable, autoDisable, id, notifyBeforeSeconds } = row;
  return [
    ['Closing', autoEnable ? undefined : `by a person: intermission schedule run ${id}`],
    ['Reopening', autoDisable ? undefined : `by a person: intermission schedule complete ${id}`],
    [
      'Notice',
      notifyBeforeSeconds === 0
        ? 'none before the start'
        : `${formatDuration(notifyBeforeSeconds)} before the start`,
    ],
  ];
}

function happened({ executionLog, timezone }: FullWindowRow): Field[] {
  const shown = executionLog.slice(-MOST_ENTRIES);
  const hidden = executionLog.length - shown.length;
  const lines = shown.map(({ at, event, site, text, times: count }) => {
    const words = [event.replaceAll('_', ' '), ...(site === undefined ? [] : [site])].join(' ');
    const often = count === undefined ? '' : ` (${count} times)`;
    return `${localText(new Date(at), timezone)} ${words}${often}${text === undefined ? '' : `: ${text}`}`;
  });
  return fieldLines('Log', hidden > 0 ? [`… ${hidden} earlier entries with --json`, ...lines] : lines);
}
