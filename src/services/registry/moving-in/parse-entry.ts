import { parseDomain, shorten } from '../../../domain/domain-name.ts';
import { IntermissionError, isIntermissionError } from '../../../errors.ts';
import { parseSiteInput, type SiteInput } from '../site-input.ts';
import type { SiteEntry, SiteField } from './moving-file.ts';

/** A site of the file in the form in which it is stored, as far as the file says something. */
export interface ParsedEntry {
  row: number;
  domain: string;
  fields: ReturnType<typeof parseSiteInput>;
  /** Name of a key; undefined: the file names none. */
  apiKey: string | undefined;
  /** True: the other installation has left it closed. */
  closedThere: boolean;
}

/** What is wrong with one row of the file, and with which field of it. */
export interface EntryProblem {
  row: number;
  /** As far as it could be read. */
  domain: string | null;
  field: SiteField | null;
  error: IntermissionError;
}

/** Pure. */
export function parseEntry(entry: SiteEntry): ParsedEntry | EntryProblem {
  const { row, values, problem } = entry;
  let field: SiteField | null = 'domain';
  let domain: string | null = null;
  try {
    domain = parseDomain(text(values.domain ?? ''));
    field = null;
    if (problem !== undefined) throw refuse(`It ${problem}`, 'Look for a comma outside of quotes.');
    const fields: ParsedEntry['fields'] = {};
    for (const [name, read] of READERS) {
      field = name;
      if (values[name] === undefined) continue;
      Object.assign(fields, parseSiteInput({ [name]: read(values[name]) } as SiteInput, domain));
    }
    field = 'apiKey';
    const apiKey = values.apiKey === undefined ? undefined : text(values.apiKey).trim() || undefined;
    field = 'maintenanceActive';
    return { row, domain, fields, apiKey, closedThere: boolean(values.maintenanceActive ?? false) };
  } catch (error) {
    if (!isIntermissionError(error)) throw error;
    return { row, domain, field, error };
  }
}

/** The fields that parseSiteInput takes, and how their values are read. */
const READERS: readonly (readonly [SiteField, (value: unknown) => unknown])[] = [
  ['name', text],
  ['includeSubdomains', boolean],
  ['subdomainList', text],
  ['maintenanceUrl', text],
  ['engine', text],
  ['openPaths', list],
  ['bypassIps', list],
  ['brand', texts],
  ['isActive', boolean],
];

/** JSON says that there is nothing by null, Django by an empty text. */
function text(value: unknown): string {
  if (value === null) return '';
  if (typeof value === 'string') return value;
  throw refuse(`${shown(value)} is not a text`, 'Put it into quotes.');
}

const TRUE = ['true', 't', 'yes', '1'];
const FALSE = ['false', 'f', 'no', '0'];

function boolean(value: unknown): boolean {
  const word = String(value).toLowerCase();
  if (TRUE.includes(word)) return true;
  if (FALSE.includes(word)) return false;
  throw refuse(`${shown(value)} is neither true nor false`, 'Write true or false.');
}

/** A list, or a text whose parts are separated by spaces: no path and no address has one. */
function list(value: unknown): string[] {
  if (value === null) return [];
  if (typeof value === 'string') return value.split(/\s+/).filter((part) => part !== '');
  if (Array.isArray(value)) return value.map(text);
  throw refuse(`${shown(value)} is not a list`, 'Separate its parts by spaces.');
}

/** An object of texts; null is an empty one. */
function texts(value: unknown): Record<string, string> {
  if (value === null) return {};
  if (typeof value === 'object' && !Array.isArray(value))
    return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, text(each)]));
  throw refuse(`${shown(value)} is not an object`, 'Leave it out, or write it as `site export --json` does.');
}

function shown(value: unknown): string {
  return typeof value === 'object' ? 'The value' : `"${shorten(String(value), 40)}"`;
}

function refuse(problem: string, hint: string): IntermissionError {
  return new IntermissionError('validation_failed', `${problem}.`, { hint });
}
