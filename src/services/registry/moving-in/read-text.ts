import { IntermissionError } from '../../../errors.ts';

/** Largest file that is read, in bytes. A dump of the old app with all its log rows may be large. */
export const MAX_FILE_BYTES = 64 * 1024 * 1024;

/**
 * The text of a file: UTF-8, with or without a byte order mark.
 *
 * @throws IntermissionError `validation_failed` for another encoding, for binary data, and for too much of it
 */
export function readText(bytes: Uint8Array): string {
  if (bytes.byteLength > MAX_FILE_BYTES)
    throw refuse(`is larger than ${MAX_FILE_BYTES / 1024 / 1024} MB`, 'Split it.');
  const [first, second] = bytes;
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)) throw encoding('UTF-16');
  const text = decode(bytes);
  if (text === undefined) throw encoding(`another encoding (line ${firstBadLine(bytes)})`);
  if (text.includes('\0')) throw refuse('is binary', 'Give the CSV or JSON file itself, not packed.');
  return text;
}

function decode(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** No byte of a character of UTF-8 is a line feed, so each line can be read by itself. */
function firstBadLine(bytes: Uint8Array): number {
  let line = 1;
  for (let start = 0; start < bytes.length; line += 1) {
    const end = bytes.indexOf(10, start);
    const stop = end === -1 ? bytes.length : end;
    if (decode(bytes.subarray(start, stop)) === undefined) return line;
    start = stop + 1;
  }
  return line;
}

function encoding(what: string): IntermissionError {
  return refuse(`is in ${what}, not in UTF-8`, 'Save it again as UTF-8; Excel calls it "CSV UTF-8".');
}

function refuse(problem: string, hint: string): IntermissionError {
  return new IntermissionError('validation_failed', `The file ${problem}.`, { hint });
}
