import { createSdk, type Sdk } from './sdk.ts';

/** Replies above this size are cut off. The largest real one (50 zones) is some 100 KB. */
const MAX_REPLY_BYTES = 10 * 1024 * 1024;

export interface ExchangeOptions {
  token: string;
  baseUrl: string;
  timeoutMs: number;
  signal?: AbortSignal | undefined;
  /** Called when the request is handed to the network. */
  onSend: () => void;
}

/** A request as the SDK builds it. */
export type SdkCall = (sdk: Sdk) => { asResponse(): Promise<Response> };

export interface Reply {
  status: number;
  headers: Headers;
  /** The body, the token blanked out wherever it occurs. */
  text: string;
  /** The body was larger than what is read. */
  tooLarge: boolean;
}

/** What became of one HTTP request: a reply, or the failure that kept it from coming. */
export interface Exchange {
  method: string;
  /** Below the base URL, without the query. */
  path: string;
  sent: boolean;
  reply?: Reply;
  failure?: unknown;
}

/** Sends one request and reads its whole reply within the time limit. Never throws: what went wrong is in the result. */
export async function exchange(call: SdkCall, options: ExchangeOptions): Promise<Exchange> {
  const record: Exchange = { method: '', path: '', sent: false };
  // One client per request, so that its fetch knows which request it is sending.
  const sdk = createSdk({
    baseUrl: options.baseUrl,
    timeoutMs: options.timeoutMs,
    fetch: async (url, init = {}) => {
      record.method = init.method ?? 'GET';
      record.path = pathBelow(String(url), options.baseUrl);
      try {
        record.reply = await send(String(url), init, options, record);
      } catch (error) {
        record.failure = error;
        throw error;
      }
      return new Response(null, { status: 200 });
    },
  });
  try {
    await call(sdk).asResponse();
  } catch (error) {
    record.failure ??= error;
  }
  return record;
}

async function send(
  url: string,
  init: RequestInit,
  options: ExchangeOptions,
  record: Exchange,
): Promise<Reply> {
  const limits = [init.signal, options.signal].filter((signal) => signal != null);
  const signal = AbortSignal.any(limits);
  signal.throwIfAborted();
  record.sent = true;
  options.onSend();
  const response = await fetch(url, {
    method: init.method ?? 'GET',
    headers: headersOf(options.token, init.body),
    body: init.body ?? null,
    // A redirect would carry a write to a place that nobody chose.
    redirect: 'manual',
    signal,
  });
  const { text, tooLarge } = await readBody(response);
  return {
    status: response.status,
    headers: response.headers,
    text: text.replaceAll(options.token, '[token]'),
    tooLarge,
  };
}

/** All headers that we send. What the SDK wants to add (platform, retry counts, custom ones) stays here. */
function headersOf(token: string, body: RequestInit['body']): Record<string, string> {
  return {
    accept: 'application/json',
    authorization: `Bearer ${token}`,
    'user-agent': 'intermission',
    ...(body == null ? {} : { 'content-type': 'application/json' }),
  };
}

async function readBody(response: Response): Promise<{ text: string; tooLarge: boolean }> {
  if (response.body === null) return { text: '', tooLarge: false };
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body) {
    size += chunk.byteLength;
    // Leaving the loop cancels the stream and closes the connection.
    if (size > MAX_REPLY_BYTES) return { text: '', tooLarge: true };
    chunks.push(chunk);
  }
  return { text: Buffer.concat(chunks).toString('utf8'), tooLarge: false };
}

function pathBelow(url: string, baseUrl: string): string {
  const { pathname } = new URL(url);
  const base = new URL(baseUrl).pathname.replace(/\/$/, '');
  return pathname.startsWith(base) ? pathname.slice(base.length) : pathname;
}
