import { parseDomain } from '../domain/domain-name.ts';
import { IntermissionError, isIntermissionError } from '../errors.ts';
import type { Io } from './io.ts';
import { readInput } from './read-file.ts';

/** Far more than a list of domains takes. */
const MAX_BYTES = 10_000_000;

/**
 * The domains that a file lists, one a line, each once. Empty lines are skipped, and what follows a `#`.
 *
 * @throws IntermissionError `usage` when it cannot be read, `validation_failed` for a line that is no domain, and for an
 *   empty list
 */
export async function readDomainList(io: Io, path: string): Promise<string[]> {
  const bytes = await readInput(io, path, MAX_BYTES);
  if (bytes.length > MAX_BYTES) throw invalid(path, `is larger than ${MAX_BYTES / 1_000_000} MB`);
  const lines = Buffer.from(bytes)
    .toString('utf8')
    .replace(/^\uFEFF/, '')
    .split(/\r\n|\r|\n/);
  const domains = lines.flatMap((line, index) => {
    const text = line.replace(/#.*/, '').trim();
    return text === '' ? [] : [parseLine(text, `${nameOf(path)}, line ${index + 1}`)];
  });
  if (domains.length === 0) throw invalid(path, 'names no site');
  return [...new Set(domains)];
}

function parseLine(text: string, where: string): string {
  try {
    return parseDomain(text);
  } catch (error) {
    if (!isIntermissionError(error)) throw error;
    throw new IntermissionError(error.code, `${where}: ${error.message}`, {
      hint: 'Write one domain a line. Nothing was changed.',
      cause: error,
    });
  }
}

function invalid(path: string, problem: string): IntermissionError {
  return new IntermissionError('validation_failed', `${nameOf(path)} ${problem}.`, {
    hint: 'Write one domain a line.',
  });
}

function nameOf(path: string): string {
  return path === '-' ? 'Standard input' : path;
}
