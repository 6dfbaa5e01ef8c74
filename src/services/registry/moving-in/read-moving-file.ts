import { IntermissionError } from '../../../errors.ts';
import type { MovingFile } from './moving-file.ts';
import { readCsv } from './read-csv.ts';
import { readJson } from './read-json.ts';
import { readText } from './read-text.ts';

/** Most sites and windows of one file. */
const MAX_ENTRIES = 100_000;

/**
 * Pure: reads a file of sites, whatever its form: our export, CSV, or a dump of the Django app.
 *
 * @throws IntermissionError `validation_failed` for a file that cannot be read as a whole
 */
export function readMovingFile(bytes: Uint8Array): MovingFile {
  const text = readText(bytes);
  const file = /^\s*[[{]/.test(text) ? readJson(text) : readCsv(text);
  const count = file.sites.length + file.windows.length;
  if (count <= MAX_ENTRIES) return file;
  throw new IntermissionError(
    'validation_failed',
    `The file holds ${count} rows, more than ${MAX_ENTRIES}.`,
    {
      hint: 'Split it.',
    },
  );
}
