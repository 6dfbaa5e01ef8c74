import { shorten } from '../../../domain/domain-name.ts';
import { IntermissionError } from '../../../errors.ts';
import { type CsvRecord, parseCsv, withFormula } from './csv.ts';
import {
  isUnknownField,
  type MovingFile,
  type SiteEntry,
  type SiteField,
  siteFieldOf,
} from './moving-file.ts';

/**
 * Sites in a CSV file with a header row. An empty cell says nothing, so that a new site has the default there and
 * an existing one keeps what it has.
 *
 * @throws IntermissionError `validation_failed` without a header that names the column of domains
 */
export function readCsv(text: string): MovingFile {
  const [header, ...records] = parseCsv(text);
  const names = (header?.cells ?? []).map((name) => name.trim());
  const columns = columnsOf(names);
  return {
    form: 'csv',
    sites: records.map((record) => entryOf(record, columns)),
    keys: [],
    windows: [],
    unknown: names.filter((name) => name !== '' && isUnknownField(name)),
    holdsTokens: false,
  };
}

function columnsOf(names: readonly string[]): (SiteField | undefined)[] {
  const columns = names.map(siteFieldOf);
  const twice = columns.find((field, index) => field !== undefined && columns.indexOf(field) !== index);
  if (twice !== undefined) throw refuse(`The header has two columns for ${twice}.`, 'Leave one of them out.');
  if (columns.includes('domain')) return columns;
  const found = names.join(', ');
  throw refuse(
    `The first row names no column "domain": ${found === '' ? 'it is empty' : `"${shorten(found)}"`}.`,
    found.includes(';')
      ? 'Save the file with commas between its cells, not semicolons.'
      : 'Begin with a header such as: domain,name,maintenance_url. See docs/migration.md.',
  );
}

function entryOf({ row, cells }: CsvRecord, columns: readonly (SiteField | undefined)[]): SiteEntry {
  const values: SiteEntry['values'] = {};
  for (const [index, field] of columns.entries()) {
    const cell = withFormula((cells[index] ?? '').trim());
    if (field !== undefined && cell !== '') values[field] = cell;
  }
  if (cells.length === columns.length) return { row, values };
  return { row, values, problem: `has ${cells.length} cells, the header ${columns.length}` };
}

function refuse(message: string, hint: string): IntermissionError {
  return new IntermissionError('validation_failed', message, { hint });
}
