import { z } from 'zod';
import { IntermissionError } from '../errors.ts';
import { type Envelope, readEnvelope } from './envelope.ts';
import {
  type Attempt,
  isUncertain,
  noReplyError,
  refusalError,
  unexpectedResult,
  withUncertainty,
} from './errors.ts';
import { type Exchange, exchange, type Reply, type SdkCall } from './exchange.ts';
import { Pacer } from './pacer.ts';
import { isTransient, type RetryOptions, retryOnFailure } from './retry.ts';
import type { CallOptions, GatewayOptions } from './types.ts';

export interface ApiRequest<T> {
  /** Fits into "Cloudflare refused to …": `create a page rule`. */
  doing: string;
  write: boolean;
  send: SdkCall;
  /** What `result` of the reply must be. */
  result: z.ZodType<T>;
}

export interface Answer<T> {
  result: T;
  /** From `result_info`, where the reply has it. */
  totalPages: number | undefined;
  /** How many things there are on all pages. */
  totalCount: number | undefined;
}

/** Sends requests for one token: paced, fenced, with a time limit, checked, and repeated where that is safe. */
export class ApiCaller {
  readonly pacer: Pacer;
  readonly #options: GatewayOptions;
  #calls = 0;

  constructor(options: GatewayOptions) {
    // Anything else would make the header invalid, and the error about it would quote the token.
    if (!/^[\x21-\x7e]+$/.test(options.token)) {
      throw new IntermissionError(
        'api_token_invalid',
        'The API token is empty or has characters that no token has.',
        {
          hint: 'Copy the whole token, without spaces or line breaks.',
        },
      );
    }
    this.#options = options;
    const { clock, wait } = options;
    this.pacer = options.pacer ?? new Pacer({ clock, ...(wait ? { wait } : {}) });
  }

  /** HTTP requests handed to the network so far. */
  get calls(): number {
    return this.#calls;
  }

  /** Counts a request that is sent. */
  count(): void {
    this.#calls++;
    this.#options.onSend?.();
  }

  retryOptions(options: CallOptions): RetryOptions {
    const { maxRetries, retryBaseMs, clock, random, wait } = this.#options;
    return {
      maxRetries,
      baseDelay: retryBaseMs / 1000,
      clock,
      signal: options.signal,
      ...(random ? { random } : {}),
      ...(wait ? { wait } : {}),
    };
  }

  /** A request that may be repeated: a read, or a write that says how things shall be (PUT, DELETE). */
  async repeatable<T>(request: ApiRequest<T>, options: CallOptions): Promise<Answer<T>> {
    let uncertain = false;
    const operation = async () => {
      try {
        return await this.once(request, options);
      } catch (error) {
        uncertain ||= isUncertain(error);
        throw error;
      }
    };
    const shouldRetry = (error: Error) => isTransient(error) || isUncertain(error);
    try {
      return await retryOnFailure(operation, { ...this.retryOptions(options), shouldRetry });
    } catch (error) {
      throw uncertain ? withUncertainty(error) : error;
    }
  }

  /** One attempt. */
  async once<T>(request: ApiRequest<T>, options: CallOptions): Promise<Answer<T>> {
    const timeoutMs = options.timeoutMs ?? this.#options.timeoutMs;
    const task = async () => {
      if (request.write) await options.beforeWrite?.();
      const done = await exchange(request.send, {
        token: this.#options.token,
        baseUrl: this.#options.baseUrl,
        timeoutMs,
        signal: options.signal,
        onSend: () => {
          this.count();
        },
      });
      if (done.reply) this.pacer.observe(done.reply);
      return done;
    };
    const done = await this.pacer.run(task, options);
    return this.#answer(request, done, { timeoutMs, aborted: options.signal?.aborted === true });
  }

  #answer<T>(
    request: ApiRequest<T>,
    done: Exchange,
    circumstances: { timeoutMs: number; aborted: boolean },
  ): Answer<T> {
    const attempt: Attempt = { doing: request.doing, write: request.write, exchange: done };
    if (!done.reply) throw noReplyError(attempt, circumstances.timeoutMs, circumstances.aborted);
    const envelope = readEnvelope(done.reply);
    const ok = done.reply.status >= 200 && done.reply.status < 300;
    if (!ok || !envelope?.success)
      throw refusalError(attempt, done.reply, envelope, this.#options.clock.now());
    return resultOf(request, attempt, done.reply, envelope);
  }
}

function resultOf<T>(request: ApiRequest<T>, attempt: Attempt, reply: Reply, envelope: Envelope): Answer<T> {
  const parsed = request.result.safeParse(envelope.result);
  if (!parsed.success) throw unexpectedResult(attempt, reply, z.prettifyError(parsed.error));
  const { total_pages: pages, total_count: count } = envelope.result_info ?? {};
  return { result: parsed.data, totalPages: pages ?? undefined, totalCount: count ?? undefined };
}
