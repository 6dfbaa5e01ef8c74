import { type ErrorCode, IntermissionError, isIntermissionError } from '../errors.ts';
import type { ErrorDocument, ErrorFacts } from './command.ts';
import { type Colors, printable } from './io.ts';

/** What the reader can do about an error that brings no hint of its own. */
const FALLBACK_HINTS: Partial<Record<ErrorCode, string>> = {
  usage: 'See intermission --help.',
};

/** An error as it appears in the JSON document; anything but an IntermissionError is `internal`. */
export function toErrorDocument(error: unknown): ErrorDocument {
  const { code, message, hint, details } = normalizeError(error);
  const facts = factsIn(details);
  const known = Object.keys(facts).length > 0;
  return { code, message, hint: hint ?? FALLBACK_HINTS[code] ?? null, ...(known && { details: facts }) };
}

function factsIn({ doubtful, pending }: IntermissionError['details']): ErrorFacts {
  return {
    ...(Array.isArray(doubtful) && { doubtful: doubtful as unknown as NonNullable<ErrorFacts['doubtful']> }),
    ...(pending === true && { pending }),
  };
}

/**
 * Turns whatever was thrown into one of our errors. The text of an unknown error may hold anything, so it is
 * shown only with `--verbose`.
 */
export function normalizeError(error: unknown): IntermissionError {
  if (isIntermissionError(error)) return error;
  if (isAbort(error))
    return new IntermissionError('interrupted', 'Interrupted by a signal.', { cause: error });
  const kind = error instanceof Error ? error.name : typeof error;
  return new IntermissionError('internal', `An unexpected error (${printable(kind)}) stopped the command.`, {
    hint: 'Run it again with --verbose for the details. If it happens again, please report it.',
    cause: error,
  });
}

/** Lines for stderr: what and why, then what to do; with `verbose` also facts and the stack. */
export function renderError(error: ErrorDocument, colors: Colors, subject?: string): string {
  // A message that begins with the site needs it only once.
  const isSaid = subject === undefined || error.message.startsWith(subject);
  const about = isSaid ? '' : `${printable(subject)}: `;
  const hint = error.hint === null ? '' : `  ${colors.dim(printable(error.hint))}\n`;
  return `${colors.red('error:')} ${about}${printable(error.message)} ${colors.dim(`(${error.code})`)}\n${hint}`;
}

/** Facts, causes and the stack of an error, for `--verbose`. */
export function renderDetails(error: unknown): string {
  const details = isIntermissionError(error) ? Object.entries(error.details) : [];
  const facts = details.map(([name, value]) => `  ${name}: ${printable(JSON.stringify(value))}\n`);
  return facts.join('') + stackOf(error);
}

function stackOf(error: unknown): string {
  const stack = error instanceof Error ? (error.stack ?? String(error)) : String(error);
  const lines = stack.split('\n').map((line) => `  ${printable(line)}\n`);
  const cause =
    error instanceof Error && error.cause !== undefined ? `  Caused by:\n${stackOf(error.cause)}` : '';
  return lines.join('') + cause;
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError';
}
