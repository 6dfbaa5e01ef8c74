import { IntermissionError } from '../../../errors.ts';

/** One record of a CSV file. The header is row 1, as spreadsheets count, also where a cell has several lines. */
export interface CsvRecord {
  row: number;
  cells: string[];
}

/** A cell, in quotes or without, and what ends it. */
const CELL = /(?:"([^"]*(?:""[^"]*)*)"|([^",\r\n]*))(,|\r\n|\n|$)/y;

/**
 * Reads CSV as RFC 4180 describes it, and line ends without carriage return as well. Lines without anything on them
 * are left out, but counted.
 *
 * @throws IntermissionError `validation_failed` for a quote in the middle of a cell, or one that is never closed:
 *   from there on nobody knows where a cell ends
 */
export function parseCsv(text: string): CsvRecord[] {
  const records: CsvRecord[] = [];
  let cells: string[] = [];
  let row = 1;
  CELL.lastIndex = 0;
  while (CELL.lastIndex < text.length || cells.length > 0) {
    const start = CELL.lastIndex;
    const [whole, quoted, plain = '', end] = CELL.exec(text) ?? [];
    if (whole === undefined) throw malformed(row);
    cells.push(quoted?.replaceAll('""', '"') ?? plain);
    if (end === ',') continue;
    const isBlank = CELL.lastIndex - start === (end?.length ?? 0) && cells.length === 1;
    if (!isBlank) records.push({ row, cells });
    cells = [];
    row += 1;
  }
  return records;
}

/** Writes CSV that {@link parseCsv} reads back exactly: CRLF after each record, quotes where they are needed. */
export function formatCsv(records: readonly (readonly string[])[]): string {
  return records.map((cells) => `${cells.map((cell) => quote(cell, cells.length)).join(',')}\r\n`).join('');
}

/** What a spreadsheet would take for the beginning of a formula, behind any number of apostrophes. */
const FORMULA = /^'*[=+\-@＝＋－＠\t\r]/;

/** A text that no spreadsheet runs as a formula: an apostrophe goes before one that looks like it. */
export function withoutFormula(text: string): string {
  return FORMULA.test(text) ? `'${text}` : text;
}

/** The text that {@link withoutFormula} was given. */
export function withFormula(text: string): string {
  return text.startsWith("'") && FORMULA.test(text) ? text.slice(1) : text;
}

function quote(cell: string, columns: number): string {
  const isNeeded = /[",\r\n]/.test(cell) || (cell === '' && columns === 1);
  return isNeeded ? `"${cell.replaceAll('"', '""')}"` : cell;
}

function malformed(row: number): IntermissionError {
  return new IntermissionError(
    'validation_failed',
    `Row ${row} is no CSV: a quote is not closed, or stands beside other text of its cell.`,
    { hint: 'A cell with quotes, commas or line ends is put into quotes, and quotes within it are doubled.' },
  );
}
