import { isIntermissionError } from '../errors.ts';
import { alreadyExists, statementFailed, unavailable } from './database-errors.ts';

const CONSTRAINT_PRIMARY_KEY = 1555;
const CONSTRAINT_UNIQUE = 2067;

/** What each primary result code means for the person at the keyboard. https://www.sqlite.org/rescode.html */
const UNAVAILABLE: Record<number, [what: string, hint: string]> = {
  5: [
    'is busy: another process has kept it locked for too long',
    'Try again when the other process is done.',
  ],
  6: ['is busy: a table of it is locked', 'Try again when the other command is done.'],
  8: ['cannot be written to', 'Make the file and its folder writable for this user.'],
  10: ['cannot be read or written: the disk reported an error', 'Check the disk, then restore a backup.'],
  11: ['is damaged', 'Restore a backup of this file. Nothing in it was changed.'],
  13: ['cannot grow: the disk is full', 'Free some space and try again.'],
  14: ['cannot be opened', 'Check that the file and its folder are readable and writable for this user.'],
  26: ['is not a SQLite database', 'Set DATABASE_URL to another file, or restore a backup of this one.'],
};

/**
 * Turns an error of `node:sqlite` into ours; anything else is returned as it is.
 * `label` names the database in the message.
 */
export function convertSqliteError(error: unknown, label: string): unknown {
  if (isIntermissionError(error) || !isSqliteError(error)) return error;
  if (error.errcode === CONSTRAINT_UNIQUE || error.errcode === CONSTRAINT_PRIMARY_KEY) {
    return uniqueViolation(error);
  }
  const known = UNAVAILABLE[error.errcode & 0xff];
  if (known === undefined) return statementFailed(error);
  return unavailable(`The database ${label} ${known[0]} (${error.message}).`, known[1], error);
}

interface SqliteError extends Error {
  errcode: number;
}

function isSqliteError(error: unknown): error is SqliteError {
  return error instanceof Error && (error as { code?: unknown }).code === 'ERR_SQLITE_ERROR';
}

/** The message reads "UNIQUE constraint failed: table.column, table.column". */
function uniqueViolation(error: Error): Error {
  const names = error.message.slice(error.message.indexOf(':') + 1).split(',');
  const pairs = names.map((name) => name.trim().split('.'));
  return alreadyExists(
    pairs[0]?.[0] ?? '',
    pairs.map(([, column]) => column ?? ''),
    error,
  );
}
