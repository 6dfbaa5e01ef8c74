import { extendError, IntermissionError, isIntermissionError, type JsonValue } from '../errors.ts';
import type { Envelope, Note } from './envelope.ts';
import { classify, type Refusal, type Verdict } from './error-catalogue.ts';
import type { Exchange, Reply } from './exchange.ts';
import { retryTime } from './rate-headers.ts';

/** What a request is for, as errors tell it. */
export interface Attempt {
  /** Fits into "Cloudflare refused to …": `create a page rule`. */
  doing: string;
  /** Reads leave nothing uncertain. */
  write: boolean;
  exchange: Exchange;
}

/**
 * The error of a reply that is not a success; `details` has status, codes, messages, method and path, and
 * `uncertain: true` when a write may have happened all the same.
 */
export function refusalError(
  attempt: Attempt,
  reply: Reply,
  envelope: Envelope | undefined,
  now: Date,
): IntermissionError {
  const refusal: Refusal = {
    status: reply.status,
    understood: envelope !== undefined,
    codes: codesOf(envelope?.errors ?? []),
    texts: textsOf([...(envelope?.messages ?? []), ...(envelope?.errors ?? [])]),
    path: attempt.exchange.path,
    retryAt: retryTime(reply, now)?.toISOString(),
  };
  const verdict = classify(refusal);
  const headline = verdict.headline ?? `Cloudflare refused to ${attempt.doing}`;
  const uncertain = mayHaveHappened(refusal, verdict);
  return new IntermissionError(verdict.code, `${headline}: ${reasonOf(refusal, reply)}.`, {
    hint: verdict.hint,
    details: {
      ...detailsOf(attempt, refusal, uncertain),
      ...(refusal.retryAt ? { retryAt: refusal.retryAt } : {}),
      ...verdict.facts,
    },
  });
}

/** Cloudflare's refusals are certain; failures in between, and refusals that say "200" without a known reason, are not. */
function mayHaveHappened({ status, understood }: Refusal, verdict: Verdict): boolean {
  if (status === 429) return false;
  return status >= 500 || !understood || (status < 300 && verdict.code === 'api_rejected');
}

/** A success whose content is not what the API promises. */
export function unexpectedResult(attempt: Attempt, reply: Reply, problem: string): IntermissionError {
  const message = `Cloudflare's answer to the request to ${attempt.doing} is not as expected: ${oneLine(problem)}.`;
  return new IntermissionError('api_rejected', message, {
    hint: 'Cloudflare may have changed its API: look for a newer version of Intermission.',
    details: detailsOf(attempt, { status: reply.status }, true),
  });
}

/** No reply: the connection failed, the time was up, or the caller gave up. */
export function noReplyError(attempt: Attempt, timeoutMs: number, aborted: boolean): IntermissionError {
  const { exchange } = attempt;
  const uncertain = exchange.sent && !wasNeverConnected(exchange.failure);
  const options = { details: detailsOf(attempt, {}, uncertain), cause: exchange.failure };
  if (aborted)
    return new IntermissionError(
      'interrupted',
      `Stopped before Cloudflare answered the request to ${attempt.doing}.`,
      options,
    );
  if (!exchange.sent) {
    return new IntermissionError('internal', `The request to ${attempt.doing} could not be built.`, options);
  }
  const timedOut = exchange.failure instanceof Error && exchange.failure.name === 'AbortError';
  const reason = timedOut ? `no reply within ${timeoutMs / 1000} s` : networkReason(exchange.failure);
  return new IntermissionError(
    'api_unavailable',
    `Cloudflare could not be reached to ${attempt.doing}: ${reason}.`,
    {
      ...options,
      hint: 'Check the network and CLOUDFLARE_BASE_URL, then try again.',
    },
  );
}

/** True for a write of which nobody knows whether it happened. */
export function isUncertain(error: unknown): boolean {
  return isIntermissionError(error) && error.details['uncertain'] === true;
}

/** The same error, marked: an earlier attempt may have done what this one failed to do. */
export function withUncertainty(error: unknown): unknown {
  if (!isIntermissionError(error) || isUncertain(error)) return error;
  return extendError(error, { details: { uncertain: true } });
}

function detailsOf(
  attempt: Attempt,
  refusal: Partial<Refusal>,
  uncertain: boolean,
): Record<string, JsonValue> {
  return {
    status: refusal.status ?? null,
    codes: refusal.codes ?? [],
    messages: refusal.texts ?? [],
    method: attempt.exchange.method,
    path: attempt.exchange.path,
    ...(attempt.write && uncertain ? { uncertain } : {}),
  };
}

const codesOf = (notes: Note[]) => notes.flatMap(({ code }) => (code === undefined ? [] : [code]));
const textsOf = (notes: Note[]) => [...new Set(notes.map(({ message }) => oneLine(message)).filter(Boolean))];

/** Cloudflare's words if it has any, else the beginning of what came instead. */
function reasonOf({ status, codes, texts, understood }: Refusal, reply: Reply): string {
  const where = codes.length === 0 ? `HTTP ${status}` : `HTTP ${status}, code ${codes.join(' and ')}`;
  if (texts.length > 0) return `${texts.map((text) => text.replace(/\.$/, '')).join('; ')} (${where})`;
  if (understood) return `it gave no reason (${where})`;
  if (reply.tooLarge) return `it is larger than 10 MB (${where})`;
  return reply.text === ''
    ? `it is empty (${where})`
    : `it begins ${JSON.stringify(oneLine(reply.text))} (${where})`;
}

/** One line of at most 200 characters. */
function oneLine(text: string): string {
  const line = text.slice(0, 2000).replace(/\s+/g, ' ').trim();
  return line.length <= 200 ? line : `${line.slice(0, 199)}…`;
}

/** Failures to connect, by their system or undici code: nothing of the request has left this machine. */
const NEVER_CONNECTED =
  /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EAI_FAIL|ENETUNREACH|EHOSTUNREACH|EADDRNOTAVAIL|UND_ERR_CONNECT_TIMEOUT|ERR_TLS_\w+|ERR_SSL_\w+|CERT_\w+|\w*_CERT\w*|UNABLE_TO_\w+)$/;

function wasNeverConnected(failure: unknown): boolean {
  return NEVER_CONNECTED.test(systemCode(failure) ?? '');
}

function networkReason(failure: unknown): string {
  const code = systemCode(failure);
  return code === undefined ? 'the connection was lost' : `the connection failed with ${code}`;
}

/** `fetch` throws a TypeError whose cause has the code. */
function systemCode(failure: unknown): string | undefined {
  const cause = failure instanceof Error ? failure.cause : undefined;
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  return typeof code === 'string' ? code : undefined;
}
