import type { Failure } from './types.ts';

/** Codes of Node and OpenSSL that mean: a connection, but no TLS that a visitor would accept. */
const TLS_CODES = /^(ERR_TLS|ERR_SSL|EPROTO|CERT_|DEPTH_|SELF_SIGNED|UNABLE_TO)/;

/** Codes of the resolver that mean: there is no such name. Others are trouble of the resolver itself. */
const NO_SUCH_NAME = ['ENOTFOUND', 'ENODATA'];

const MAX_TEXT = 200;

/** What an error of a request means to a visitor. */
export function failureOf(error: unknown): Failure {
  const { code, syscall, text } = factsOf(error);
  if (syscall === 'getaddrinfo' || NO_SUCH_NAME.includes(code)) return dnsFailure(code, text);
  if (TLS_CODES.test(code)) return { kind: 'failure', cause: 'tls', final: true, text: `TLS: ${text}` };
  const cause = CAUSES[code] ?? 'connection';
  return { kind: 'failure', cause, final: false, text };
}

const CAUSES: Record<string, Failure['cause']> = {
  ECONNREFUSED: 'refused',
  ECONNRESET: 'closed',
  ETIMEDOUT: 'timeout',
};

function dnsFailure(code: string, text: string): Failure {
  const final = NO_SUCH_NAME.includes(code);
  return { kind: 'failure', cause: 'dns', final, text: final ? 'the name does not resolve' : `DNS: ${text}` };
}

/** Several addresses that all fail give one error that holds the others and says nothing itself. */
function factsOf(error: unknown): { code: string; syscall: string; text: string } {
  const first: unknown = error instanceof AggregateError ? (error.errors[0] ?? error) : error;
  const { code, syscall, message, reason } = Object(first) as Partial<Record<string, unknown>>;
  // OpenSSL puts files and lines of its own into the message.
  const text = String((typeof reason === 'string' ? reason : message) ?? first)
    .replaceAll(/\s+/g, ' ')
    .slice(0, MAX_TEXT);
  return { code: String(code ?? ''), syscall: String(syscall ?? ''), text };
}
