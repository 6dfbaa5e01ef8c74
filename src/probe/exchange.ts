import { type IncomingHttpHeaders, type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';

/** An address that a name resolved to. */
export interface Address {
  address: string;
  family: number;
}

/** Where to connect to, whatever the URL says. */
export interface Connection {
  secure: boolean;
  port: number;
  /** The only addresses that are connected to. At least one. */
  addresses: readonly Address[];
}

export interface ExchangeRequest {
  /** Gives `Host`, the name that TLS asks for, path and query. */
  url: URL;
  connection: Connection;
  method?: string;
  headers?: Record<string, string>;
  body?: string;
  /** Limit of the whole exchange, milliseconds. */
  timeoutMs: number;
  /** Bytes of the body that are read; 0 closes the connection after the headers. */
  maxBytes: number;
  signal?: AbortSignal | undefined;
  /** Certificates to trust instead of the usual ones: for tests. */
  ca?: string | undefined;
}

export interface Exchange {
  status: number;
  headers: IncomingHttpHeaders;
  body: string;
  /** True when there was more than was read. */
  truncated: boolean;
}

/** Replies with long lists of cookies or policies are still replies. */
const MAX_HEADER_BYTES = 65_536;

/**
 * One request over one connection of its own: no redirect is followed, nothing is kept, no proxy of the environment is used.
 * Rejects with the error of Node, with code `ETIMEDOUT` when the time is up, or with the reason of `signal`.
 */
export function exchange(request: ExchangeRequest): Promise<Exchange> {
  const { timeoutMs, maxBytes, signal, body } = request;
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const outgoing = open(request);
    const end = (error: unknown) => {
      reject(error);
      outgoing.destroy();
    };
    const timer = setTimeout(() => end(timedOut(timeoutMs)), timeoutMs);
    const abort = () => end(signal?.reason);
    signal?.addEventListener('abort', abort, { once: true });
    outgoing.once('close', () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
    });
    outgoing.on('error', end);
    outgoing.once('response', (response) => {
      receive(response, maxBytes).then(resolve, end);
    });
    outgoing.end(body);
  });
}

/** Fails as {@link exchange} does when its time is up. */
export function timedOut(ms: number): Error {
  // What is left of a limit is a fraction of a millisecond short of it.
  const seconds = Number((ms / 1000).toPrecision(2));
  return Object.assign(new Error(`no answer within ${seconds} s`), { code: 'ETIMEDOUT' });
}

function open({ url, connection, method = 'GET', headers, ca }: ExchangeRequest) {
  const { secure, port, addresses } = connection;
  const name = url.hostname.replace(/^\[|\]$/g, '');
  const start = secure ? requestHttps : requestHttp;
  return start({
    agent: false,
    // A name that is looked up below, or the very address that is the only one allowed.
    host: isIP(name) === 0 ? name : (addresses[0]?.address ?? name),
    port,
    method,
    path: url.pathname + url.search,
    headers: { ...headers, host: url.host },
    lookup: pinnedTo(addresses),
    maxHeaderSize: MAX_HEADER_BYTES,
    ...(secure && { rejectUnauthorized: true, servername: isIP(name) === 0 ? name : '' }),
    ...(secure && ca !== undefined && { ca }),
  });
}

function pinnedTo(addresses: readonly Address[]): LookupFunction {
  return (_name, options, callback) => {
    const [first] = addresses;
    if (options.all === true) callback(null, [...addresses]);
    else callback(null, first?.address ?? '', first?.family);
  };
}

async function receive(response: IncomingMessage, maxBytes: number): Promise<Exchange> {
  const { statusCode: status = 0, headers } = response;
  const { text, truncated } = await read(response, maxBytes);
  return { status, headers, body: text, truncated };
}

async function read(
  response: IncomingMessage,
  maxBytes: number,
): Promise<{ text: string; truncated: boolean }> {
  const chunks: Buffer[] = [];
  let size = 0;
  if (maxBytes > 0) {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      size += chunk.length;
      if (size > maxBytes) break;
    }
  }
  response.destroy();
  const text = Buffer.concat(chunks).subarray(0, maxBytes).toString();
  return { text, truncated: size > maxBytes };
}
