import { request } from 'node:http';

interface Answer {
  /** As it came: `HTTP/1.1 302 Found`. */
  line: string;
  status: number;
  location: string | undefined;
}

/** Asks an emulated edge for a URL as a browser would after resolving its host to it. Follows no redirect. */
export function visit(edge: string, url: string): Promise<Answer> {
  const { host, pathname, search, protocol } = new URL(url);
  const headers = { host, 'x-forwarded-proto': protocol.slice(0, -1) };
  return new Promise((resolve, reject) => {
    const outgoing = request(new URL(pathname + search, edge), { agent: false, headers }, (response) => {
      response.resume();
      const { httpVersion, statusCode: status = 0, statusMessage = '', headers: received } = response;
      const line = `HTTP/${httpVersion} ${status} ${statusMessage}`;
      resolve({ line, status, location: received.location });
    });
    outgoing.once('error', reject).end();
  });
}
