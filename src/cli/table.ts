import { type Colors, printable } from './io.ts';
import { cutToWidth, displayWidth } from './text-width.ts';

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
  const last = columns.length - 1;
  const line = (texts: readonly string[], style: (text: string, index: number) => string) => {
    const padded = columns.map(({ align }, index) =>
      style(pad(texts[index] ?? '', widths[index] ?? 0, align ?? (index === last ? 'none' : 'left')), index),
    );
    return `${padded.join(GAP).trimEnd()}\n`;
  };
  const body = cells.map((texts, at) => {
    const row = rows[at] as Row;
    return line(texts, (text, index) =>
      text.trim() === '' ? text : (columns[index]?.style?.(text, row) ?? text),
    );
  });
  return line(headers, (text) => options.colors.bold(text)) + body.join('');
}

/** A named value, and how to colour it. */
export type Field = readonly [name: string, value: string | undefined, style?: (text: string) => string];

/** Aligned `name  value` lines for one object; those without a value are left out, control characters removed. */
export function fields(pairs: readonly Field[], colors: Colors): string {
  const shown = pairs.filter(([, value]) => value !== undefined && value !== '');
  const width = Math.max(0, ...shown.map(([name]) => displayWidth(name)));
  const lines = shown.map(([name, value = '', style = (text) => text]) => {
    return `${colors.dim(pad(name, width))}${GAP}${style(printable(value))}\n`;
  });
  return lines.join('');
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

function pad(text: string, width: number, align: 'left' | 'right' | 'none' = 'left'): string {
  const cut = cutToWidth(text, width);
  if (align === 'none') return cut;
  const space = ' '.repeat(Math.max(0, width - displayWidth(cut)));
  return align === 'right' ? space + cut : cut + space;
}
