import { IntermissionError } from '../../../errors.ts';
import { isUnknownField, type MovingFile, siteValuesOf } from './moving-file.ts';
import { isDump, readDump } from './read-dump.ts';

/**
 * Sites as `site export --json` prints them, or what `dumpdata` of the Django app has written.
 *
 * @throws IntermissionError `validation_failed` for anything else
 */
export function readJson(text: string): MovingFile {
  const document = parse(text);
  if (isDump(document)) return readDump(document);
  const rows = rowsOf(document);
  if (rows === undefined || !rows.every(isObject)) throw otherFile();
  return {
    form: 'export',
    sites: rows.map((row, index) => ({ row: index + 1, values: siteValuesOf(row) })),
    keys: [],
    windows: [],
    unknown: [...new Set(rows.flatMap((row) => Object.keys(row)))].filter(isUnknownField),
    holdsTokens: false,
  };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The rows of the document that the command line prints, or a list of such rows alone. */
function rowsOf(document: unknown): unknown[] | undefined {
  if (Array.isArray(document)) return document;
  if (!isObject(document) || document['version'] !== 1) return undefined;
  const { command, results } = document;
  const isSites = typeof command === 'string' && command.startsWith('site ');
  return isSites && Array.isArray(results) ? results : undefined;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    // The text of the error may quote the file, and the file may hold tokens.
    const at = /position (\d+)/.exec(String(error))?.[1];
    const line = at === undefined ? '' : ` (line ${text.slice(0, Number(at)).split('\n').length})`;
    throw refuse(`The file is no valid JSON${line}.`, 'Export it again; it may be cut off.');
  }
}

function otherFile(): IntermissionError {
  return refuse(
    'The file is JSON, but neither an export of Intermission nor a dump of the Django app.',
    'Make one with `intermission site export --json` or `python manage.py dumpdata maintenance`.',
  );
}

function refuse(message: string, hint: string): IntermissionError {
  return new IntermissionError('validation_failed', message, { hint });
}
