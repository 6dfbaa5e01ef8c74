import { connect } from 'node:net';

export interface Load {
  port: number;
  /** Paths that are asked for in turn. */
  paths: readonly string[];
  status: number;
  milliseconds: number;
}

const CONNECTIONS = 32;
/** As a browser sends them. */
const HEADERS = [
  'host: 127.0.0.1',
  'accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8',
  'accept-encoding: gzip, deflate, br, zstd',
  'accept-language: en-GB,en;q=0.9,de;q=0.8',
].join('\r\n');
const HEAD_END = Buffer.from('\r\n\r\n');

/**
 * Asks over kept connections, one request at a time on each, and returns how many were answered per second. Plain
 * sockets: a client that does more would be what is measured.
 *
 * @throws Error for a reply with another status
 */
export async function requestsPerSecond(load: Load): Promise<number> {
  const startedAt = performance.now();
  const counts = await Promise.all(Array.from({ length: CONNECTIONS }, (_, index) => ask(load, index)));
  const seconds = (performance.now() - startedAt) / 1000;
  return counts.reduce((sum, count) => sum + count, 0) / seconds;
}

function ask({ port, paths, status, milliseconds }: Load, first: number): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const end = performance.now() + milliseconds;
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  let count = 0;
  let missing = 0;
  const next = () => {
    if (performance.now() >= end) {
      socket.destroy();
      return resolve(count);
    }
    const path = paths[(first + count * CONNECTIONS) % paths.length];
    socket.write(`GET ${path} HTTP/1.1\r\n${HEADERS}\r\n\r\n`);
    return undefined;
  };
  socket.once('connect', next).once('error', reject);
  socket.on('data', (chunk) => {
    if (missing === 0) {
      const head = chunk.toString('latin1', 0, chunk.indexOf(HEAD_END) + HEAD_END.length);
      if (!head.startsWith(`HTTP/1.1 ${status} `)) return reject(new Error(`Not ${status}: ${head}`));
      missing = head.length + Number(/content-length: (\d+)/i.exec(head)?.[1]);
    }
    missing -= chunk.length;
    if (missing > 0) return undefined;
    count += 1;
    return next();
  });
  return promise;
}
