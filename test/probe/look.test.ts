import type { Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import { type Look, type LookOptions, lookOnce } from '../../src/probe/look.ts';
import { selfSigned } from '../support/self-signed.ts';
import { closedPort, here, httpServer, nowhere, tcpServer, tlsServer } from './servers.ts';

const HOST = 'shop.example.com';

const look = (changes: Partial<Look> = {}): Look => ({
  host: HOST,
  path: '/',
  word: 'abc123',
  wantsOwnAddress: () => false,
  ...changes,
});

const options = (changes: Partial<LookOptions> = {}): LookOptions => ({
  resolve: here,
  timeoutMs: 10_000,
  ...changes,
});

const edge = (port: number) => options({ edgeAddress: `http://127.0.0.1:${port}` });

describe('a look through an edge address', () => {
  test('asks for the host by name, past caches, as a visitor by https, and says who it is', async () => {
    const seen: unknown[] = [];
    const port = await httpServer(({ method, url, headers }, response) => {
      seen.push({ method, url, headers });
      response.end('hello');
    });
    await lookOnce(look({ path: '/a b/ü' }), edge(port));
    expect(seen).toEqual([
      {
        method: 'GET',
        url: '/a%20b/%C3%BC?intermission-probe=abc123',
        headers: expect.objectContaining({
          host: HOST,
          'x-forwarded-proto': 'https',
          'cache-control': 'no-cache',
          'user-agent': expect.stringContaining('Intermission'),
        }),
      },
    ]);
  });

  test('follows no redirect', async () => {
    let asked = 0;
    const port = await httpServer((_request, response) => {
      asked += 1;
      response.writeHead(302, { location: `http://127.0.0.1/elsewhere`, 'cf-ray': '8f-FRA' }).end();
    });
    expect(await lookOnce(look(), edge(port))).toEqual({
      kind: 'answer',
      scheme: 'https',
      status: 302,
      location: 'http://127.0.0.1/elsewhere',
      query: 'intermission-probe=abc123',
      cfRay: true,
      challenged: false,
    });
    expect(asked).toBe(1);
  });

  test.each([
    ['a body without end', (write: (text: string) => void) => write('x'.repeat(1000))],
    ['a huge body', (write: (text: string) => void) => write('x'.repeat(50_000_000))],
  ])('does not wait for %s', async (_name, send) => {
    const closed = Promise.withResolvers<void>();
    const port = await httpServer((_request, response) => {
      response.on('close', closed.resolve);
      response.writeHead(200);
      send((text) => response.write(text));
    });
    expect(await lookOnce(look(), edge(port))).toMatchObject({ kind: 'answer', status: 200 });
    await closed.promise;
  });

  test('takes a reply with very many headers for a reply', async () => {
    const port = await httpServer((_request, response) => {
      response.writeHead(200, { 'set-cookie': Array.from({ length: 40 }, () => 'x'.repeat(1000)) }).end();
    });
    expect(await lookOnce(look(), edge(port))).toMatchObject({ kind: 'answer', status: 200 });
  });

  test('takes a connection that is closed without a reply for a host that does not exist', async () => {
    const port = await tcpServer((socket) => socket.destroy());
    expect(await lookOnce(look(), edge(port))).toMatchObject({ cause: 'dns', final: true });
  });

  test('asks which address this machine is seen with, when that matters', async () => {
    const port = await httpServer(({ url }, response) => {
      response.end(url === '/cdn-cgi/trace' ? 'fl=1\nip=203.0.113.9\nts=1\n' : 'the site');
    });
    const asking = look({ wantsOwnAddress: () => true });
    expect(await lookOnce(asking, edge(port))).toMatchObject({ ownAddress: '203.0.113.9' });
  });

  test('takes no other address for it when it is not told', async () => {
    const port = await httpServer((_request, response) => response.end('the site'));
    const asking = look({ wantsOwnAddress: () => true });
    expect(await lookOnce(asking, edge(port))).not.toHaveProperty('ownAddress');
  });

  test('tells an edge address that does not resolve from a site that does not', async () => {
    const observation = await lookOnce(
      look(),
      options({ edgeAddress: 'http://edge.example.net', resolve: nowhere }),
    );
    expect(observation).toMatchObject({ cause: 'connection', text: 'the edge address does not resolve' });
  });
});

describe('a look at the real host', () => {
  test('comes by https and asks TLS for the name of the host', async () => {
    const { cert, key } = selfSigned(HOST);
    const names: unknown[] = [];
    const https = await tlsServer({ cert, key }, ({ socket, headers }, response) => {
      names.push((socket as { servername?: unknown }).servername, headers['x-forwarded-proto']);
      response.end();
    });
    const ports = { https, http: await closedPort() };
    expect(await lookOnce(look(), options({ ports, ca: cert }))).toMatchObject({
      kind: 'answer',
      scheme: 'https',
      status: 200,
      cfRay: false,
    });
    expect(names).toEqual([HOST, undefined]);
  });

  test('a host that serves http only is judged by http, and says why not by https', async () => {
    const http = await httpServer((_request, response) => response.writeHead(302, { location: '/x' }).end());
    for (const https of [await closedPort(), await tlsServer({}, () => {})]) {
      expect(await lookOnce(look(), options({ ports: { https, http } }))).toMatchObject({
        kind: 'answer',
        scheme: 'http',
        status: 302,
        httpsFailure: expect.stringMatching(/ECONNREFUSED|handshake/i),
      });
    }
  });

  test.each([
    ['nobody listens', 'refused', closedPort],
    ['no certificate fits', 'tls', () => tlsServer({}, () => {})],
    ['the certificate is nobody’s', 'tls', () => tlsServer(selfSigned(HOST), () => {})],
    ['it is not TLS', 'tls', () => httpServer(() => {})],
    ['the connection is dropped', 'closed', () => tcpServer((socket) => socket.destroy())],
  ])('cannot be had when %s', async (_name, cause, start) => {
    const ports = { https: await start(), http: await closedPort() };
    expect(await lookOnce(look(), options({ ports }))).toMatchObject({ kind: 'failure', cause });
  });

  test('a connection that breaks is no reason to ask by http', async () => {
    const http = await httpServer((_request, response) => response.end('over http'));
    for (const meet of [(socket: Socket) => socket.destroy(), () => {}]) {
      const ports = { https: await tcpServer(meet), http };
      const observation = await lookOnce(look(), options({ ports, timeoutMs: 200 }));
      expect(observation).toMatchObject({ kind: 'failure' });
    }
  });

  test('any address of the host will do', async () => {
    const http = await httpServer((_request, response) => response.end());
    const resolve = async () => [{ address: '::1', family: 6 }, ...(await here())];
    const ports = { https: await closedPort(), http };
    expect(await lookOnce(look(), options({ ports, resolve }))).toMatchObject({ status: 200 });
    const failure = await lookOnce(look(), options({ ports: { ...ports, http: ports.https }, resolve }));
    expect(failure).toMatchObject({ kind: 'failure', text: expect.stringContaining('ECONNREFUSED') });
  });

  test('the certificate of another host is no TLS for this one', async () => {
    const { cert, key } = selfSigned('other.example.com');
    const ports = { https: await tlsServer({ cert, key }, () => {}), http: await closedPort() };
    expect(await lookOnce(look(), options({ ports, ca: cert }))).toMatchObject({ cause: 'tls', final: true });
  });

  test('silence is a failure once the time is up, before or after a connection', async () => {
    const ports = { https: await tcpServer(() => {}), http: await closedPort() };
    const silent = await lookOnce(look(), options({ ports, timeoutMs: 50 }));
    expect(silent).toEqual({
      kind: 'failure',
      cause: 'timeout',
      final: false,
      text: 'no answer within 0.05 s',
    });
    const unresolved = await lookOnce(
      look(),
      options({ resolve: () => new Promise(() => {}), timeoutMs: 50 }),
    );
    expect(unresolved).toMatchObject({ cause: 'dns', final: false });
  });

  test('a name that does not exist is final, a resolver in trouble is not', async () => {
    expect(await lookOnce(look(), options({ resolve: nowhere }))).toMatchObject({
      cause: 'dns',
      final: true,
    });
    const trouble = Object.assign(new Error('getaddrinfo EAI_AGAIN'), {
      code: 'EAI_AGAIN',
      syscall: 'getaddrinfo',
    });
    const resolve = () => Promise.reject(trouble);
    expect(await lookOnce(look(), options({ resolve }))).toMatchObject({ cause: 'dns', final: false });
  });

  test('an abort ends it with its own reason, whatever it waits for', async () => {
    const reason = new Error('enough');
    const met = Promise.withResolvers<void>();
    const ports = { https: await tcpServer(() => met.resolve()), http: await closedPort() };
    const controller = new AbortController();
    const looking = lookOnce(look({ signal: controller.signal }), options({ ports }));
    await met.promise;
    controller.abort(reason);
    await expect(looking).rejects.toBe(reason);
    await expect(lookOnce(look({ signal: controller.signal }), options())).rejects.toBe(reason);
    const waiting = new AbortController();
    const resolving = lookOnce(
      look({ signal: waiting.signal }),
      options({ resolve: () => new Promise(() => {}) }),
    );
    waiting.abort(reason);
    await expect(resolving).rejects.toBe(reason);
  });
});
