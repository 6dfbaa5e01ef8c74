import { type ErrorCode, IntermissionError } from '../errors.ts';

/** What both converters make of a violated unique constraint. Values are left out: they may be secret. */
export function alreadyExists(table: string, columns: string[], cause: unknown): IntermissionError {
  const what = columns.join(' and ');
  return new IntermissionError('already_exists', `Another row of ${table} has the same ${what}.`, {
    hint: 'Choose another value, or change the row that has it.',
    details: { constraint: `${table}(${columns.join(',')})`, table, columns },
    cause,
  });
}

/** A statement failed for a reason that nobody can do anything about from outside. */
export function statementFailed(error: Error): IntermissionError {
  const message = error.message.split('\n', 1)[0] ?? '';
  // The driver's own error may quote the row, hence only its message as the cause.
  return new IntermissionError('internal', `The database refused a statement: ${message}`, {
    hint: 'Nothing was stored. Please report this with the message above.',
    cause: new Error(message),
  });
}

export function unavailable(message: string, hint: string, cause?: unknown): IntermissionError {
  return withCause('database_unavailable', message, hint, cause);
}

export function outdated(message: string, hint: string): IntermissionError {
  return withCause('schema_outdated', message, hint);
}

function withCause(code: ErrorCode, message: string, hint: string, cause?: unknown): IntermissionError {
  return new IntermissionError(code, message, cause === undefined ? { hint } : { hint, cause });
}
