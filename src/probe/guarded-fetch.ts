import type { IncomingHttpHeaders } from 'node:http';
import { exchange } from './exchange.ts';
import { failureOf } from './failure.ts';
import { isPublicAddress } from './public-address.ts';
import { type Resolve, resolveName, resolveWithin } from './resolve.ts';

export interface GuardedRequest {
  method?: string;
  headers?: Record<string, string>;
  body?: string;
  /** Limit of the whole exchange, milliseconds. */
  timeoutMs?: number;
  /** Bytes of the reply that are read; 0 reads only status and headers. */
  maxBytes?: number;
  /** Also connect to private, loopback and link-local addresses. */
  allowPrivate?: boolean;
  /** False demands https, but for this machine itself. */
  allowHttp?: boolean;
  resolve?: Resolve;
  signal?: AbortSignal | undefined;
  /** Certificates to trust instead of the usual ones: for tests. */
  ca?: string | undefined;
}

export type GuardedReply =
  | { ok: true; status: number; headers: IncomingHttpHeaders; body: string; truncated: boolean }
  /** `refused`: nothing was sent, the address is not allowed. */
  | { ok: false; reason: 'refused' | 'no_answer'; message: string };

const TIMEOUT_MS = 10_000;
const MAX_BYTES = 65_536;

/**
 * One request to an address that a person configured: http or https only, no redirects, bounded in time and size.
 * The name is resolved once; if any of its addresses is not public nothing is sent, else only these are connected to.
 * Rejects only when `signal` aborts.
 */
export async function guardedFetch(address: string, request: GuardedRequest = {}): Promise<GuardedReply> {
  const url = URL.parse(address);
  const refusal = refuseUrl(url, request.allowHttp ?? true);
  if (url === null || refusal !== undefined) return refused(refusal ?? 'it is not a URL');
  const { timeoutMs = TIMEOUT_MS, signal, resolve = resolveName } = request;
  const started = performance.now();
  try {
    const addresses = await resolveWithin(resolve, url.hostname, { timeoutMs, signal });
    const forbidden = addresses.find((found) => !isPublicAddress(found.address));
    if (forbidden !== undefined && request.allowPrivate !== true) return refusedAddress(forbidden.address);
    const left = Math.max(1, timeoutMs - (performance.now() - started));
    return { ok: true, ...(await send(url, addresses, request, left)) };
  } catch (error) {
    signal?.throwIfAborted();
    return { ok: false, reason: 'no_answer', message: failureOf(error).text };
  }
}

async function send(
  url: URL,
  addresses: Parameters<typeof exchange>[0]['connection']['addresses'],
  { method = 'GET', headers, body, maxBytes = MAX_BYTES, signal, ca }: GuardedRequest,
  timeoutMs: number,
) {
  const secure = url.protocol === 'https:';
  const port = url.port === '' ? (secure ? 443 : 80) : Number(url.port);
  const reply = await exchange({
    url,
    connection: { secure, port, addresses },
    method,
    headers: { 'user-agent': 'Intermission/1', 'accept-encoding': 'identity', ...headers },
    ...(body !== undefined && { body }),
    timeoutMs,
    maxBytes,
    signal,
    ca,
  });
  return { status: reply.status, headers: reply.headers, body: reply.body, truncated: reply.truncated };
}

function refuseUrl(url: URL | null, allowHttp: boolean): string | undefined {
  if (url === null) return 'it is not a URL';
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return `${url.protocol} is not http or https`;
  if (url.username !== '' || url.password !== '') return 'it holds a user name or password';
  const here = /^(localhost|127(\.\d+){3}|\[::1\])$/.test(url.hostname);
  return url.protocol === 'http:' && !allowHttp && !here ? 'it is not https' : undefined;
}

function refusedAddress(address: string): GuardedReply {
  return refused(`${address} is not a public address, and INTERMISSION_ALLOW_PRIVATE_TARGETS is not set`);
}

function refused(message: string): GuardedReply {
  return { ok: false, reason: 'refused', message };
}
