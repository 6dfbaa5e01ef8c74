import { type Colors, printable } from './io.ts';
import { displayWidth } from './text-width.ts';

export interface Column<Row> {
  header: string;
  /** Text of a cell; control characters are removed. */
  value(row: Row): string;
  align?: 'left' | 'right';
  /** Colours the padded text. */
  style?(text: string, row: Row): string;
  /** May be cut with an ellipsis when the terminal is too narrow; give it to free text. */
  shrink?: true;
}

export interface TableOptions {
  colors: Colors;
  /** Columns of the terminal; undefined never cuts (a pipe or a file). */
  width: number | undefined;
}

const GAP = '  ';
const SMALLEST = 8;

/** Aligned rows under a header, each line ended by a newline; an empty text without rows. */
export function table<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  options: TableOptions,
): string {
  if (rows.length === 0) return '';
  const cells = rows.map((row) => columns.map((column) => printable(column.value(row))));
  const headers = columns.map(({ header }) => header);
  const widths = shrinkToFit(columns, naturalWidths([headers, ...cells]), options.width);
  const line = (texts: readonly string[], style: (text: string, index: number) => string) =>
    `${columns
      .map((column, index) => style(pad(texts[index] ?? '', widths[index] ?? 0, column.align), index))
      .join(GAP)
      .trimEnd()}\n`;
  const body = cells.map((texts, at) => {
    const row = rows[at] as Row;
    return line(texts, (text, index) => columns[index]?.style?.(text, row) ?? text);
  });
  return line(headers, (text) => options.colors.bold(text)) + body.join('');
}

/** Aligned `name  value` lines for one object; lines without a value are left out. */
export function fields(pairs: readonly (readonly [string, string | undefined])[], colors: Colors): string {
  const shown = pairs.filter(
    (pair): pair is readonly [string, string] => pair[1] !== undefined && pair[1] !== '',
  );
  const width = Math.max(0, ...shown.map(([name]) => displayWidth(name)));
  return shown.map(([name, value]) => `${colors.dim(pad(name, width))}${GAP}${value}\n`).join('');
}

function naturalWidths(lines: readonly (readonly string[])[]): number[] {
  const first = lines[0] ?? [];
  return first.map((_, index) =>
    lines.reduce((width, line) => Math.max(width, displayWidth(line[index] ?? '')), 0),
  );
}

/** Takes what is too much from the columns that may shrink, widest first. */
function shrinkToFit<Row>(
  columns: readonly Column<Row>[],
  natural: number[],
  available: number | undefined,
): number[] {
  const widths = [...natural];
  if (available === undefined) return widths;
  const total = () => widths.reduce((sum, width) => sum + width, GAP.length * (widths.length - 1));
  while (total() > available) {
    const candidates = widths.map((width, index) => (columns[index]?.shrink && width > SMALLEST ? width : 0));
    const widest = Math.max(...candidates);
    if (widest === 0) break;
    widths[candidates.indexOf(widest)] = Math.max(
      SMALLEST,
      Math.min(widest - 1, widest - (total() - available) / 2) | 0,
    );
  }
  return widths;
}

function pad(text: string, width: number, align: 'left' | 'right' = 'left'): string {
  const cut = displayWidth(text) > width ? shorten(text, width) : text;
  const space = ' '.repeat(Math.max(0, width - displayWidth(cut)));
  return align === 'right' ? space + cut : cut + space;
}

function shorten(text: string, width: number): string {
  let kept = '';
  for (const character of text) {
    if (displayWidth(kept + character) > width - 1) break;
    kept += character;
  }
  return `${kept.trimEnd()}…`;
}
