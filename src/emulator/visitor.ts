import { request } from 'node:http';
import { readBody } from './connection.ts';

export interface VisitInit {
  method?: string;
  headers?: Record<string, string>;
}

export interface Visit {
  status: number;
  location: string | undefined;
  headers: Record<string, string | string[] | undefined>;
  body: string;
}

/** Visits a URL through the edge over HTTP, as a browser would after resolving the name to it. Follows nothing. */
export function visitThroughEdge(edgePort: number, url: string, init: VisitInit = {}): Promise<Visit> {
  const target = new URL(url);
  return new Promise((resolve, reject) => {
    const outgoing = request({
      host: '127.0.0.1',
      port: edgePort,
      agent: false,
      method: init.method ?? 'GET',
      path: target.pathname + target.search,
      headers: { ...init.headers, host: target.host, 'x-forwarded-proto': target.protocol.slice(0, -1) },
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
