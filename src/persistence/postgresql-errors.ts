import { isIntermissionError } from '../errors.ts';
import { alreadyExists, statementFailed, unavailable } from './database-errors.ts';

const UNIQUE_VIOLATION = '23505';

/** By SQLSTATE or, when nothing was reached, by the system's error code. */
const UNAVAILABLE: Record<string, [what: string, hint: string]> = {
  '28P01': ['refused the user name or password', 'Check the user and password in DATABASE_URL.'],
  '28000': ['refused the user', 'Check the user in DATABASE_URL and the rules of the server (pg_hba.conf).'],
  '3D000': ['does not exist', 'Create it (createdb), or check the name in DATABASE_URL.'],
  '42501': ['does not allow this user to do that', 'Grant the user rights to this database and its schema.'],
  '25006': ['is read-only', 'Connect to the primary server.'],
  '40001': ['is busy: the transaction collided with another', 'Try again.'],
  '40P01': ['is busy: the transaction collided with another', 'Try again.'],
  '55P03': ['is busy: a row stayed locked for too long', 'Try again when the other process is done.'],
  '53300': ['has no free connection', 'Raise max_connections of the server, or stop other clients.'],
};
const UNREACHABLE = [
  'cannot be reached',
  'Check that the server runs and that host and port are right.',
] as const;
const SYSTEM_CODES = /^(ECONN|ENOTFOUND|ETIMEDOUT|EAI_|EHOST|ENET|EPIPE|EACCES|ENOENT)/;
/** SQLSTATE classes: connection, resources, operator intervention (shutdown), system error. */
const SERVER_CLASSES = /^(08|53|57P|58)/;
/** What the pool and the client say without any code. */
const CONNECTION_TEXTS =
  /connection terminated|timeout exceeded when trying to connect|connection error|not queryable/i;

/**
 * Turns an error of `pg` into ours; anything else is returned as it is. `label` names the database in the
 * message; it holds no password, and neither do the errors of `pg`.
 */
export function convertPostgresqlError(error: unknown, label: string): unknown {
  if (isIntermissionError(error) || !(error instanceof Error)) return error;
  const { code = '', severity } = error as PostgresqlError;
  if (code === UNIQUE_VIOLATION) return uniqueViolation(error);
  const known = UNAVAILABLE[code] ?? (isUnreachable(error, code) ? UNREACHABLE : undefined);
  if (known !== undefined) {
    return unavailable(`The database ${label} ${known[0]}${reason(error)}.`, known[1], error);
  }
  return severity === undefined ? error : statementFailed(error);
}

interface PostgresqlError extends Error {
  code?: string;
  severity?: string;
  table?: string;
  detail?: string;
}

function isUnreachable(error: Error, code: string): boolean {
  return SYSTEM_CODES.test(code) || SERVER_CLASSES.test(code) || CONNECTION_TEXTS.test(error.message);
}

/** Several addresses of one host fail together as an AggregateError without a message. */
function reason(error: PostgresqlError): string {
  const text = error.message === '' ? (error.code ?? '') : error.message;
  return text === '' ? '' : ` (${text})`;
}

/** The detail reads "Key (column, column)=(…) already exists.", in the language of the server. */
function uniqueViolation(error: PostgresqlError): Error {
  const columns = /\(([^)]+)\)=\(/.exec(error.detail ?? '')?.[1] ?? '';
  return alreadyExists(error.table ?? '', columns.split(', '), new Error(error.message));
}
