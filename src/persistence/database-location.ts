import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { IntermissionError } from '../errors.ts';

export type DatabaseKind = 'sqlite' | 'postgresql';

export type DatabaseLocation =
  | { kind: 'sqlite'; path: string; label: string }
  | { kind: 'postgresql'; url: string; label: string };

export const IN_MEMORY = ':memory:';

/**
 * Reads a database URL: `sqlite:/path`, `file:…`, a plain path or `:memory:` for SQLite,
 * `postgres://…` or `postgresql://…` for PostgreSQL. `label` is the location for people, without a password.
 *
 * @throws IntermissionError `validation_failed` for anything else; the URL is not repeated.
 */
export function parseDatabaseUrl(url: string): DatabaseLocation {
  if (/^postgres(ql)?:/i.test(url)) return postgresql(url);
  const path = sqlitePath(url);
  return { kind: 'sqlite', path, label: path };
}

function sqlitePath(url: string): string {
  if (/^file:\/\//i.test(url)) return fileURLToPath(new URL(url));
  const path = url.replace(/^(sqlite|file):(\/\/(?=\/))?/i, '');
  // One letter before a colon is a drive of Windows.
  if (path === '' || (/^[a-z][a-z0-9+.-]+:/i.test(path) && path !== IN_MEMORY)) {
    throw new IntermissionError('validation_failed', 'The database URL is of a kind that is not supported.', {
      hint: 'Use sqlite:/path/to/file.db or postgresql://user:password@host:5432/name.',
    });
  }
  return path === IN_MEMORY ? path : resolve(path);
}

function postgresql(url: string): DatabaseLocation {
  if (!URL.canParse(url)) {
    throw new IntermissionError('validation_failed', 'The database URL of PostgreSQL cannot be read.', {
      hint: 'Use postgresql://user:password@host:5432/name, with special characters percent-encoded.',
    });
  }
  const { username, host, pathname } = new URL(url);
  const user = username === '' ? '' : `${username}@`;
  return { kind: 'postgresql', url, label: `postgresql://${user}${host}${pathname}` };
}
