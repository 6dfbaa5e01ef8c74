import { describe, expect, test } from 'vitest';
import { type GuardedRequest, guardedFetch } from '../../src/probe/guarded-fetch.ts';
import { checkPage, warnOfPage } from '../../src/probe/maintenance-page.ts';
import { isPublicAddress } from '../../src/probe/public-address.ts';
import { fc } from '../support/property.ts';
import { selfSigned } from '../support/self-signed.ts';
import { subject } from './rig.ts';
import { closedPort, here, httpServer, nowhere, tcpServer, tlsServer } from './servers.ts';

const open: GuardedRequest = { allowPrivate: true, resolve: here };

describe('public addresses', () => {
  test.each([
    '127.0.0.1',
    '127.255.255.254',
    '10.0.0.1',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '169.254.169.254',
    '100.64.0.1',
    '0.0.0.0',
    '198.18.0.1',
    '192.0.2.1',
    '203.0.113.1',
    '224.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    'fe80::1',
    'fc00::1',
    'fd00:ec2::254',
    'ff02::1',
    '::ffff:127.0.0.1',
    '::ffff:a9fe:a9fe',
    '::127.0.0.1',
    '64:ff9b::7f00:1',
    '64:ff9b:1::1',
    '2002:7f00:1::',
    '2001:0:1::',
    '2001:db8::1',
    '3fff::1',
    '100::1',
    '5f00::1',
    'localhost',
    '',
    '1.2.3',
    '127.1',
  ])('%s is not one', (address) => {
    expect(isPublicAddress(address)).toBe(false);
  });

  test.each(['1.1.1.1', '104.16.132.229', '172.32.0.1', '100.128.0.1', '2606:4700::1111', '::ffff:1.1.1.1'])(
    '%s is one',
    (address) => {
      expect(isPublicAddress(address)).toBe(true);
    },
  );

  test('an IPv4 address is judged alike in its own form and mapped into IPv6', () => {
    fc.assert(
      fc.property(fc.ipV4(), (address) => {
        const hex = address.split('.').map((part) => Number(part).toString(16).padStart(2, '0'));
        const mapped = `::ffff:${hex.slice(0, 2).join('')}:${hex.slice(2).join('')}`;
        return (
          isPublicAddress(`::ffff:${address}`) === isPublicAddress(address) &&
          isPublicAddress(mapped) === isPublicAddress(address)
        );
      }),
      { examples: [['10.1.2.3'], ['127.0.0.1'], ['8.8.8.8']] },
    );
  });
});

describe('a guarded request', () => {
  test('brings status, headers and body, and follows no redirect', async () => {
    let asked = 0;
    const port = await httpServer((_request, response) => {
      asked += 1;
      response.writeHead(307, { location: '/again' }).end('moved');
    });
    expect(await guardedFetch(`http://page.example.net:${port}/a?b=c`, open)).toMatchObject({
      ok: true,
      status: 307,
      headers: { location: '/again' },
      body: 'moved',
      truncated: false,
    });
    expect(asked).toBe(1);
  });

  test('sends method, headers and body', async () => {
    const seen: unknown[] = [];
    const port = await httpServer(async (request, response) => {
      let body = '';
      for await (const chunk of request) body += chunk;
      seen.push(request.method, request.headers['x-signature'], request.headers.host, body);
      response.end('ok');
    });
    const request = { ...open, method: 'POST', headers: { 'x-signature': 'abc' }, body: '{"a":1}' };
    await guardedFetch(`http://hook.example.net:${port}/`, request);
    expect(seen).toEqual(['POST', 'abc', `hook.example.net:${port}`, '{"a":1}']);
  });

  test('speaks TLS for the name of the URL', async () => {
    const { cert, key } = selfSigned('hook.example.net');
    const port = await tlsServer({ cert, key }, (_request, response) => response.end('ok'));
    const url = `https://hook.example.net:${port}/`;
    expect(await guardedFetch(url, { ...open, ca: cert })).toMatchObject({ ok: true, body: 'ok' });
    expect(await guardedFetch(url, open)).toMatchObject({ ok: false, reason: 'no_answer' });
  });

  test('reads no more than it may of a body without end', async () => {
    const port = await httpServer((_request, response) => {
      const more = () => {
        while (!response.destroyed && response.write('x'.repeat(10_000)));
      };
      response.on('drain', more);
      more();
    });
    const reply = await guardedFetch(`http://page.example.net:${port}/`, open);
    expect(reply).toMatchObject({ ok: true, truncated: true, body: 'x'.repeat(65_536) });
  });

  test('ends when its time is up, also in the middle of a body', async () => {
    const port = await httpServer((_request, response) => response.writeHead(200).write('and then'));
    const silent = await tcpServer(() => {});
    for (const url of [`http://a.example.net:${port}/`, `http://a.example.net:${silent}/`]) {
      expect(await guardedFetch(url, { ...open, timeoutMs: 100 })).toMatchObject({
        ok: false,
        reason: 'no_answer',
        message: expect.stringContaining('no answer within'),
      });
    }
  });

  test.each([
    'http://127.0.0.1/',
    'http://127.1/',
    'http://0x7f000001/',
    'http://2130706433/',
    'http://[::1]/',
    'http://[::ffff:127.0.0.1]/',
    'http://169.254.169.254/latest/meta-data/',
    'https://10.0.0.7/',
  ])('%s is not asked', async (url) => {
    expect(await guardedFetch(url)).toMatchObject({ ok: false, reason: 'refused' });
  });

  test.each([
    'ftp://a.example.net/',
    'file:///etc/passwd',
    'https://user:pass@a.example.net/',
    'https://user@a.example.net/',
    'nonsense',
    '',
  ])('"%s" is not an address to ask, private ones allowed or not', async (url) => {
    expect(await guardedFetch(url, open)).toMatchObject({ ok: false, reason: 'refused' });
  });

  test('a name is not asked when any of its addresses is private', async () => {
    let asked = 0;
    const port = await httpServer((_request, response) => {
      asked += 1;
      response.end();
    });
    const resolve = async () => [
      { address: '1.1.1.1', family: 4 },
      { address: '127.0.0.1', family: 4 },
    ];
    const url = `http://rebind.example.net:${port}/`;
    expect(await guardedFetch(url, { resolve })).toMatchObject({
      ok: false,
      reason: 'refused',
      message: expect.stringContaining('127.0.0.1'),
    });
    expect(asked).toBe(0);
  });

  test('the name is resolved once: what was checked is what is connected to', async () => {
    let resolved = 0;
    const port = await httpServer((_request, response) => response.end());
    const resolve = async () => {
      resolved += 1;
      return resolved === 1 ? here() : nowhere('rebind.example.net');
    };
    const reply = await guardedFetch(`http://rebind.example.net:${port}/`, { ...open, resolve });
    expect([reply.ok, resolved]).toEqual([true, 1]);
  });

  test('https alone, but for this machine, when that is asked for', async () => {
    const port = await httpServer((_request, response) => response.end());
    const strict = { ...open, allowHttp: false };
    expect(await guardedFetch(`http://127.0.0.1:${port}/`, strict)).toMatchObject({ ok: true });
    expect(await guardedFetch(`http://hook.example.net:${port}/`, strict)).toMatchObject({
      reason: 'refused',
    });
  });

  test('an abort ends it with its own reason', async () => {
    const controller = new AbortController();
    const reason = new Error('enough');
    const port = await httpServer(() => controller.abort(reason));
    const asking = guardedFetch(`http://a.example.net:${port}/`, { ...open, signal: controller.signal });
    await expect(asking).rejects.toBe(reason);
  });
});

describe('the maintenance page', () => {
  const closing = [subject({ domain: 'shop.example', includeSubdomains: true })];
  const page = 'https://down.example.net/page?site=shop.example';

  test.each([
    [200, undefined, undefined],
    [503, undefined, undefined],
    [403, undefined, undefined],
    [302, 'https://elsewhere.example.net/', undefined],
    [302, '/other', undefined],
    [302, undefined, undefined],
    [404, undefined, 'page_missing'],
    [410, undefined, 'page_missing'],
    [500, undefined, 'page_failing'],
    [522, undefined, 'page_failing'],
    [302, 'https://shop.example/', 'page_loops'],
    [301, 'http://www.SHOP.example./x', 'page_loops'],
  ])('%s to %s: %s', (status, location, code) => {
    const headers = location === undefined ? {} : { location };
    const reply = { ok: true as const, status, headers, body: '', truncated: false };
    const warning = warnOfPage(page, reply, closing);
    expect(warning?.code).toBe(code);
    // The query may hold what is nobody's business.
    if (warning !== undefined) expect(warning.message).toContain('https://down.example.net/page ');
  });

  test('is asked for once, and its body is not waited for', async () => {
    const port = await httpServer((_request, response) => response.writeHead(503).write('back soon'));
    expect(await checkPage(`http://down.example.net:${port}/`, closing, open)).toBeUndefined();
  });

  test('warns when it does not answer, and when it may not be asked', async () => {
    const url = `http://down.example.net:${await closedPort()}/`;
    expect(await checkPage(url, closing, open)).toMatchObject({ code: 'page_unreachable' });
    expect(await checkPage(url, closing, { resolve: nowhere })).toMatchObject({
      code: 'page_unreachable',
      message: expect.stringContaining('the name does not resolve'),
    });
    expect(await checkPage(url, closing, { resolve: here })).toMatchObject({
      code: 'page_not_checked',
      hint: expect.stringContaining('INTERMISSION_ALLOW_PRIVATE_TARGETS'),
    });
  });
});
