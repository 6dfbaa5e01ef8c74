import { request } from 'node:http';
import { isIP } from 'node:net';
import { readBody } from './connection.ts';
import { EmulatorError } from './state.ts';

export interface VisitInit {
  method?: string;
  headers?: Record<string, string>;
  /** The visitor's address, for `ip.src`; 127.0.0.1 without it. */
  from?: string;
}

export interface Visit {
  status: number;
  location: string | undefined;
  headers: Record<string, string | string[] | undefined>;
  body: string;
}

/**
 * Visits a URL through the edge over HTTP, as a browser would after resolving the name to it. Follows nothing.
 * Rejects with an `EmulatorError` when `from` is no IP address.
 */
export function visitThroughEdge(edgePort: number, url: string, init: VisitInit = {}): Promise<Visit> {
  const target = new URL(url);
  const { from } = init;
  if (from !== undefined && isIP(from) === 0) {
    return Promise.reject(new EmulatorError(`${from} is not an IP address`, 400));
  }
  return new Promise((resolve, reject) => {
    const outgoing = request({
      host: '127.0.0.1',
      port: edgePort,
      agent: false,
      method: init.method ?? 'GET',
      path: target.pathname + target.search,
      headers: {
        ...init.headers,
        host: target.host,
        'x-forwarded-proto': target.protocol.slice(0, -1),
        ...(from === undefined ? {} : { 'x-forwarded-for': from }),
      },
    });
    outgoing.once('error', reject);
    outgoing.once('response', (response) => {
      const { statusCode = 0, headers } = response;
      readBody(response)
        .then((body) => resolve({ status: statusCode, location: headers.location, headers, body }))
        .catch(reject);
    });
    outgoing.end();
  });
}
