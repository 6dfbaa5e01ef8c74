import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type Answer, answer } from './api.ts';
import type { ApiRequest } from './call.ts';
import { Connection, readBody, wait } from './connection.ts';
import { codeOf, type Reply, withNullErrors } from './envelope.ts';
import { type Faults, faultReply, isPerformed } from './faults.ts';
import type { ArmedHold, Holds } from './holds.ts';
import type { RateLimiter } from './rate-limit.ts';
import type { RequestLog, RequestLogEntry } from './request-log.ts';
import type { FaultSeed } from './schemas.ts';
import type { CloudflareState } from './state.ts';

export interface ApiParts {
  state: CloudflareState;
  limiter: RateLimiter;
  log: RequestLog;
  faults: Faults;
  holds: Holds;
}

export const basePath = '/client/v4';

/** Cloudflare's API: reads a request, runs it past holds and faults, answers it and writes it down. */
export function createApiServer(parts: ApiParts): Server {
  return createServer((request, response) => {
    serve(parts, request, response).catch(() => response.destroy());
  });
}

interface Exchange {
  request: ApiRequest;
  entry: RequestLogEntry;
  connection: Connection;
  faults: readonly FaultSeed[];
}

async function serve(parts: ApiParts, incoming: IncomingMessage, response: ServerResponse): Promise<void> {
  const connection = new Connection(incoming, response);
  const request = parseRequest(incoming, await readBody(incoming));
  const entry = parts.log.add(logEntry(request, parts.state.now()));
  if (parts.state.latencyMs > 0) await wait(parts.state.latencyMs);
  const hold = parts.holds.take(entry);
  const exchange: Exchange = { request, entry, connection, faults: parts.faults.take(entry) };
  try {
    await carryOut(parts, exchange, hold);
  } finally {
    hold?.finish();
  }
}

async function carryOut(parts: ApiParts, exchange: Exchange, hold: ArmedHold | undefined): Promise<void> {
  const { entry, connection } = exchange;
  if (hold?.when === 'before' && !(await hold.wait(entry, connection))) {
    connection.drop();
    return;
  }
  await delay(exchange, 'before');
  const result = perform(parts, exchange);
  await delay(exchange, 'after');
  const goesOn = hold?.when !== 'after' || (await hold.wait(entry, connection));
  if (goesOn) finish(parts, exchange, result);
  else connection.drop();
}

/** A slow request is performed late, and a slow reply comes late, whether or not the client is still there. */
async function delay({ faults }: Exchange, when: 'before' | 'after'): Promise<void> {
  for (const fault of faults) {
    if (fault.kind === 'slow' && (fault.when ?? 'after') === when) await wait(fault.ms);
  }
}

/** Does what the request asks for, unless a fault prevents it. Nothing here waits, so a write is atomic. */
function perform({ state, limiter }: ApiParts, { request, entry, faults }: Exchange): Answer | undefined {
  const fault = mainFault(faults);
  const shown = fault ?? faults[0];
  if (shown !== undefined) entry.fault = shown.kind;
  if (fault !== undefined && !isPerformed(fault)) return undefined;
  const before = state.revision;
  const result = answer(state, limiter, request, { stale: fault?.kind === 'staleRead' });
  entry.changed = state.revision !== before;
  entry.unknown = result.unknown;
  note(entry, result.reply.status, codeOf(result.reply));
  return result;
}

function finish(parts: ApiParts, { entry, connection, faults }: Exchange, result: Answer | undefined): void {
  const fault = mainFault(faults);
  const reply = shownReply(fault, result?.reply, parts.state.switches.retryAfterHeader);
  if (fault?.kind === 'reset') connection.reset();
  else if (reply === undefined) connection.drop();
  else {
    note(entry, reply.status, codeOf(reply));
    entry.answered = connection.send(reply, commonHeaders(parts, entry));
  }
}

function shownReply(fault: FaultSeed | undefined, own: Reply | undefined, retryAfterHeader: boolean) {
  if (fault === undefined) return own;
  if (fault.kind === 'dropReply') return undefined;
  if (fault.kind === 'nullErrors' && own !== undefined) return withNullErrors(own);
  return faultReply(fault, retryAfterHeader) ?? own;
}

function mainFault(faults: readonly FaultSeed[]): FaultSeed | undefined {
  return faults.find(({ kind }) => kind !== 'slow');
}

function note(entry: RequestLogEntry, status: number, code: number | undefined): void {
  entry.status = status;
  if (code === undefined) delete entry.code;
  else entry.code = code;
}

/** What every reply carries (7.1, 10). */
function commonHeaders({ state, limiter }: ApiParts, entry: RequestLogEntry) {
  const token = state.tokens.get(entry.headers.authorization?.replace(/^Bearer /i, '') ?? '');
  return {
    date: new Date(state.now()).toUTCString(),
    server: 'cloudflare',
    'cf-ray': rayId(entry.n),
    ...limiter.headers(token?.owner),
  };
}

/** 16 hexadecimal digits and a data centre. */
export function rayId(n: number): string {
  return `${n.toString(16).padStart(16, '9e0f1d2c3b4a5968')}-EMU`;
}

function parseRequest(incoming: IncomingMessage, text: string): ApiRequest {
  const url = incoming.url ?? '/';
  const end = url.indexOf('?');
  const fullPath = end === -1 ? url : url.slice(0, end);
  return {
    method: incoming.method ?? 'GET',
    path: fullPath.startsWith(`${basePath}/`) ? fullPath.slice(basePath.length) : fullPath,
    query: new URLSearchParams(end === -1 ? '' : url.slice(end)),
    headers: incoming.headers,
    ip: incoming.socket.remoteAddress ?? '',
    ...parseBody(text),
  };
}

function parseBody(text: string): Pick<ApiRequest, 'body' | 'malformedBody'> {
  if (text === '') return { body: undefined, malformedBody: false };
  try {
    return { body: JSON.parse(text), malformedBody: false };
  } catch {
    return { body: text, malformedBody: true };
  }
}

function logEntry(request: ApiRequest, now: number): Omit<RequestLogEntry, 'n'> {
  const zoneId = /^\/zones\/([0-9a-f]{32})(?=\/|$)/i.exec(request.path)?.[1]?.toLowerCase();
  return {
    at: new Date(now).toISOString(),
    method: request.method,
    path: request.path,
    query: Object.fromEntries(request.query),
    ...(zoneId === undefined ? {} : { zoneId }),
    write: request.method !== 'GET' && request.method !== 'HEAD',
    changed: false,
    answered: false,
    headers: request.headers,
    ...(request.body === undefined ? {} : { body: request.body }),
    unknown: false,
  };
}
