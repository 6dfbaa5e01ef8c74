import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { VisitedUrl } from './page-rules/pattern.ts';

/** A visitor's request as the edge takes it. */
export interface EdgeRequest {
  readonly method: string;
  readonly url: VisitedUrl;
  /** As the visitor wrote it, without a port and a trailing dot. */
  readonly sentHost: string;
  readonly headers: IncomingHttpHeaders;
  /** The visitor's address. */
  readonly from: string;
}

const usualPorts = { http: 80, https: 443 } as const;

/**
 * Reads what a proxy in front of the edge would say: the scheme from `x-forwarded-proto` (http without it), the
 * visitor's address from `x-forwarded-for` (that of the connection without it). Undefined without a usable `Host`.
 */
export function readEdgeRequest(request: IncomingMessage): EdgeRequest | undefined {
  const [, host, port] = /^([^:]+?)\.?(?::(\d+))?$/.exec(request.headers.host ?? '') ?? [];
  if (host === undefined) return undefined;
  const scheme = first(request.headers['x-forwarded-proto'])?.toLowerCase() === 'https' ? 'https' : 'http';
  const ownPort = port === undefined || Number(port) === request.socket.localPort;
  const target = request.url ?? '/';
  const end = target.indexOf('?');
  const url: VisitedUrl = {
    scheme,
    host: host.toLowerCase(),
    port: ownPort ? usualPorts[scheme] : Number(port),
    path: end === -1 ? target : target.slice(0, end),
    query: end === -1 ? '' : target.slice(end),
  };
  const from = first(request.headers['x-forwarded-for']) ?? request.socket.remoteAddress ?? '';
  return { method: request.method ?? 'GET', url, sentHost: host, headers: request.headers, from };
}

/** Of several values, which proxies put in a row, the one of the first. */
function first(header: string | string[] | undefined): string | undefined {
  return header === undefined ? undefined : String(header).split(',')[0]?.trim();
}
