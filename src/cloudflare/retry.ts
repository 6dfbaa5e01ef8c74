import { setTimeout as sleep } from 'node:timers/promises';
import pRetry from 'p-retry';
import { IntermissionError, isIntermissionError } from '../errors.ts';
import type { Clock, Wait } from './types.ts';

/** No single wait is longer, seconds. What Cloudflare wants beyond that is for the caller to decide. */
export const LONGEST_WAIT = 30;

export interface RetryOptions {
  /** Attempts after the first one. Default 3. */
  maxRetries?: number;
  /** Upper bound of the first wait, seconds; doubles with each retry up to 30. Default 1. */
  baseDelay?: number;
  signal?: AbortSignal | undefined;
  /** Which failures are worth another attempt. Default {@link isTransient}. */
  shouldRetry?: (error: Error) => boolean;
  clock?: Clock;
  /** From 0 up to 1, for jitter. */
  random?: () => number;
  wait?: Wait;
}

/**
 * Runs `operation` again while it fails for a passing reason: connection errors, 429 and 5xx of Cloudflare. Waits
 * with exponential back-off and full jitter, or as long as Cloudflare asked for if that is at most 30 s; when it
 * asked for more, the failure is final. The operation learns the number of its attempt, from 1.
 *
 * @throws what the last attempt threw, or `interrupted` once `signal` aborts.
 */
export async function retryOnFailure<T>(
  operation: (attempt: number) => Promise<T>,
  options: RetryOptions = {},
): Promise<T> {
  const { maxRetries = 3, signal, shouldRetry = isTransient } = options;
  if (signal?.aborted) throw interrupted(signal.reason);
  // The signal is not given to p-retry: it would throw away the result of an operation that ended just before.
  return await pRetry(operation, {
    retries: maxRetries,
    minTimeout: 0,
    shouldRetry: async ({ error, attemptNumber }) => {
      const delay = shouldRetry(error) ? delayAfter(attemptNumber, error, options) : undefined;
      if (delay === undefined) return false;
      try {
        signal?.throwIfAborted();
        await (options.wait ?? realWait)(delay, signal);
      } catch {
        throw interrupted(error);
      }
      return true;
    },
  });
}

/** Failures that may be gone a moment later: no connection, 429, 5xx. */
export function isTransient(error: Error): boolean {
  if (isIntermissionError(error))
    return error.code === 'api_unavailable' || error.code === 'api_rate_limited';
  return [error, error.cause].some(
    (item) => item instanceof Error && 'code' in item && NETWORK_CODES.test(String(item.code)),
  );
}

const NETWORK_CODES = /^(ECONN|ETIMEDOUT|EPIPE|ENETUNREACH|EHOSTUNREACH|EAI_AGAIN|ENOTFOUND|UND_ERR_)/;

/** Milliseconds to wait after attempt `number`; undefined when Cloudflare asks for more than the longest wait. */
function delayAfter(number: number, error: Error, options: RetryOptions): number | undefined {
  const { baseDelay = 1, random = Math.random, clock = { now: () => new Date() } } = options;
  const asked = isIntermissionError(error) ? error.details['retryAt'] : undefined;
  if (typeof asked === 'string') {
    const delay = Math.max(0, Date.parse(asked) - clock.now().getTime());
    return delay <= LONGEST_WAIT * 1000 ? delay : undefined;
  }
  return random() * Math.min(LONGEST_WAIT, baseDelay * 2 ** (number - 1)) * 1000;
}

/** The error of a call that was stopped by its signal; what an unfinished write left uncertain stays said. */
export function interrupted(cause: unknown): IntermissionError {
  if (isIntermissionError(cause)) {
    if (cause.code === 'interrupted') return cause;
    return new IntermissionError('interrupted', `Stopped after: ${cause.message}`, {
      details: cause.details,
      cause,
    });
  }
  return new IntermissionError('interrupted', 'Stopped before Cloudflare was asked.', { cause });
}

export async function realWait(ms: number, signal?: AbortSignal): Promise<void> {
  await sleep(ms, undefined, signal ? { signal } : {});
}
