import { accessSync, closeSync, constants, mkdirSync, openSync, readSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { IntermissionError } from '../errors.ts';
import { outdated, unavailable } from './database-errors.ts';

const MAGIC = 'SQLite format 3\0';
const HEADER_BYTES = 100;

/**
 * Makes sure that `path` can serve as a database: a missing file is created empty with mode 0600 (a missing
 * folder with 0700), an existing one is only looked at.
 *
 * @returns whether the file holds anything yet.
 * @throws IntermissionError `database_unavailable`: a folder, not readable or writable, not SQLite, truncated.
 *   `schema_outdated`: missing, and `mayCreate` is false.
 */
export function prepareSqliteFile(path: string, mayCreate: boolean): 'empty' | 'filled' {
  try {
    const stat = statSync(path, { throwIfNoEntry: false });
    if (stat === undefined) {
      createFile(path, mayCreate);
      return 'empty';
    }
    if (!stat.isFile()) throw notAFile(path);
    accessSync(path, constants.R_OK | constants.W_OK);
    accessSync(dirname(path), constants.W_OK | constants.X_OK);
    if (stat.size === 0) return 'empty';
    checkHeader(path, stat.size);
    return 'filled';
  } catch (error) {
    throw fileError(error, path);
  }
}

/**
 * A file that is deleted or moved away stays in use by those who have opened it: what they store then is lost.
 *
 * @returns a check, to be made before a transaction, that throws `database_unavailable` once `path` is no longer the
 *   file that it is now. It takes microseconds.
 */
export function watchSqliteFile(path: string): () => void {
  const identity = () => {
    const stat = statSync(path, { throwIfNoEntry: false, bigint: true });
    return stat === undefined ? undefined : `${stat.dev}:${stat.ino}`;
  };
  const opened = identity();
  return () => {
    if (identity() === opened) return;
    throw unavailable(
      `The database ${path} was removed or replaced while it was in use.`,
      'Put the file back if it was moved, or restore a backup; then start the command again.',
    );
  };
}

function createFile(path: string, mayCreate: boolean): void {
  if (!mayCreate) {
    throw outdated(`There is no database at ${path} yet.`, 'Run `intermission migrate` to create it.');
  }
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  // Another process may make it at the same moment: both then use the same empty file.
  closeSync(openSync(path, 'a', 0o600));
}

/** A file that lost its end still opens, and fails only when the lost pages are read: so compare sizes first. */
function checkHeader(path: string, size: number): void {
  const header = Buffer.alloc(HEADER_BYTES);
  const file = openSync(path, 'r');
  try {
    readSync(file, header, 0, HEADER_BYTES, 0);
  } finally {
    closeSync(file);
  }
  if (header.toString('latin1', 0, MAGIC.length) !== MAGIC) {
    throw unavailable(
      `The file ${path} is not a SQLite database.`,
      'Set DATABASE_URL to another file. Nothing in this one was changed.',
    );
  }
  const expected = expectedSize(header);
  // While a write-ahead log exists the newest pages are in there.
  if (size < expected && !hasContent(`${path}-wal`)) {
    throw unavailable(
      `The database ${path} is truncated: ${size} of ${expected} bytes are left.`,
      'Restore a backup of this file. Nothing in it was changed.',
    );
  }
}

/** https://www.sqlite.org/fileformat.html#the_database_header: page size at 16, size in pages at 28. */
function expectedSize(header: Buffer): number {
  const stored = header.readUInt16BE(16);
  const pageSize = stored === 1 ? 65_536 : stored;
  const sizeIsValid = header.readUInt32BE(24) === header.readUInt32BE(92);
  return Math.max(HEADER_BYTES, sizeIsValid ? pageSize * header.readUInt32BE(28) : 0);
}

function hasContent(path: string): boolean {
  return (statSync(path, { throwIfNoEntry: false })?.size ?? 0) > 0;
}

function notAFile(path: string): IntermissionError {
  return unavailable(
    `The database ${path} is not a file.`,
    'Set DATABASE_URL to a file, for example sqlite:/var/lib/intermission/intermission.db.',
  );
}

function fileError(error: unknown, path: string): unknown {
  if (error instanceof IntermissionError) return error;
  const { code, message } = error as NodeJS.ErrnoException;
  return unavailable(
    `The database ${path} cannot be used: ${EXPLANATIONS[code ?? ''] ?? message}.`,
    'Check that the file and its folder exist and are readable and writable for this user.',
    error,
  );
}

const EXPLANATIONS: Record<string, string> = {
  EACCES: 'this user may not read and write the file or its folder',
  EPERM: 'this user may not read and write the file or its folder',
  EROFS: 'the file system is read-only',
  ENOSPC: 'the disk is full',
  ENOTDIR: 'a part of the path is a file, not a folder',
};
