import type { FastifyInstance } from 'fastify';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { buildApp } from '../../src/server/build-app.ts';
import { ask } from '../support/ask-server.ts';
import { describeDatabases } from '../support/describe-databases.ts';
import { fc } from '../support/property.ts';
import { openWorkplace, type Workplace } from '../support/workplace.ts';

const A = 'site-1.example';
const B = 'site-2.example';

describeDatabases((_, databases) => {
  let place: Workplace;
  let server: FastifyInstance;
  const get = (url: string, headers: Record<string, string> = {}) => ask(server, { url, headers });
  const page = (site: string, headers: Record<string, string> = {}) =>
    get(`/maintenance?site=${site}`, headers);

  beforeEach(async () => {
    place = await openWorkplace(await databases.migratedUrl());
    server = buildApp({ served: place.app, now: () => place.clock.now() });
  });
  afterEach(async () => {
    await server.close();
    await place[Symbol.asyncDispose]();
  });

  test('a closed site is answered with 503, and with when to come again', async () => {
    const until = new Date(place.clock.now().getTime() + 1_800_000);
    await place.app.enableMaintenanceForDomain(A, 'Secret reason', { message: 'New database', until });
    const reply = await page(A);
    expect(reply.statusCode).toBe(503);
    expect(reply.headers).toMatchObject({
      'retry-after': '1800',
      'cache-control': 'no-store',
      'x-robots-tag': 'noindex',
      'content-type': 'text/html; charset=utf-8',
      'content-language': 'en',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'no-referrer',
      'content-security-policy': expect.stringMatching(
        /^default-src 'none'; style-src 'sha256-\S+'; script-src 'sha256-\S+'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'$/,
      ),
    });
    expect(reply.body).toContain('New database');
    expect(reply.body).not.toContain('Secret');
    place.clock.advance(600_000);
    expect((await page(A)).headers['retry-after']).toBe('1200');
    place.clock.advance(1_200_000);
    const late = await page(A);
    expect(late.headers['retry-after']).toBe('60');
    expect(late.body).toMatch(/<p class="overrun" data-part="overrun">It is taking longer/);
  });

  test('JSON and plain text are had by Accept, other languages by Accept-Language', async () => {
    await place.app.enableMaintenanceForDomain(A, 'Secret reason', { message: 'Neue Datenbank' });
    const json = await page(A, { accept: 'application/json' });
    expect(json.statusCode).toBe(503);
    expect(json.json()).toEqual({
      maintenance: true,
      site: A,
      message: 'Neue Datenbank',
      until: null,
      reopening: false,
      revision: expect.any(String),
    });
    const text = await page(A, { accept: 'text/plain', 'accept-language': 'de-AT, en;q=0.5' });
    expect(text.headers['content-type']).toBe('text/plain; charset=utf-8');
    expect(text.body).toContain('Wir sind gleich zurück');
    expect(text.body).toContain('Neue Datenbank');
    expect((await page(A, { 'accept-language': 'ja' })).body).toContain('<html lang="ja"');
  });

  test('the page follows what another process changes, within a second', async () => {
    await using other = await place.openAgain();
    expect((await page(A)).body).toContain('Nothing to wait for here');
    await other.enableMaintenanceForDomain(A, 'x', { message: 'First' });
    place.clock.advance(1_000);
    expect((await page(A)).body).toContain('First');
    await other.enableMaintenanceForDomain(A, 'x', { message: 'Second' });
    place.clock.advance(1_000);
    expect((await page(A)).body).toContain('Second');
    await other.disableMaintenanceForDomain(A);
    place.clock.advance(1_000);
    expect((await page(A)).body).toContain('Almost there');
    expect((await get(`/maintenance/status?site=${A}`)).json()).toMatchObject({
      maintenance: true,
      reopening: true,
    });
    place.clock.advance(90_000);
    expect((await page(A)).body).toContain('Nothing to wait for here');
    expect((await get(`/maintenance/status?site=${A}`)).json()).toEqual({ maintenance: false });
  });

  test('an open site, an unknown one, and whatever else is asked for get the same answer, byte for byte', async () => {
    await place.app.enableMaintenanceForDomain(A);
    const neutral = await get('/maintenance');
    expect(neutral.statusCode).toBe(503);
    expect(neutral.headers).toMatchObject({ 'retry-after': '60', 'x-robots-tag': 'noindex' });
    for (const site of hostile) {
      const reply = await page(site);
      expect([site, reply.statusCode, reply.body]).toEqual([site, 503, neutral.body]);
      expect(Object.keys(reply.headers).sort()).toEqual(Object.keys(neutral.headers).sort());
      expect((await get(`/maintenance/status?site=${site}`)).json()).toEqual({ maintenance: false });
    }
  });

  test('case and a trailing dot do not matter', async () => {
    await place.app.enableMaintenanceForDomain(A);
    expect((await page('SITE-1.Example.')).body).toBe((await page(A)).body);
  });

  test('HEAD is GET without the body, OPTIONS says what there is, other methods are refused', async () => {
    await place.app.enableMaintenanceForDomain(A);
    const url = `/maintenance?site=${A}`;
    const [head, full] = [await ask(server, { method: 'HEAD', url }), await page(A)];
    expect(head.statusCode).toBe(503);
    expect(head.body).toBe('');
    expect({ ...head.headers, date: 0 }).toEqual({ ...full.headers, date: 0 });
    const options = await ask(server, { method: 'OPTIONS', url });
    expect([options.statusCode, options.headers.allow]).toEqual([204, 'GET, HEAD, OPTIONS']);
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE'] as const) {
      const payload = { method, url, payload: '<x>', headers: { 'content-type': 'text/x-strange' } };
      const reply = await ask(server, payload);
      expect([reply.statusCode, reply.headers.allow, reply.body]).toEqual([405, 'GET, HEAD, OPTIONS', '']);
    }
  });

  test('a database that does not answer leaves the page as it was, and the server not ready', async () => {
    await place.app.enableMaintenanceForDomain(A, 'x', { message: 'Still here' });
    expect((await page(A)).body).toContain('Still here');
    expect((await get('/readyz')).json()).toEqual({ status: 'ready' });
    await place.app.close();
    place.clock.advance(5_000);
    expect((await page(A)).body).toContain('Still here');
    expect((await page(B)).statusCode).toBe(503);
    const ready = await get('/readyz');
    expect([ready.statusCode, ready.json()]).toEqual([503, { status: 'unavailable' }]);
    expect((await get('/healthz')).statusCode).toBe(200);
  });
});

/** As they stand in the address: encoded where a client would encode them. */
const hostile = [
  B,
  'unknown.example',
  '',
  'evil.example/..//',
  'https://evil.example/',
  '%3Cscript%3Ealert(1)%3C/script%3E',
  '%22%20onload=%22alert(1)',
  'site-1.example%0d%0aSet-Cookie:%20a=b',
  'site-1.example%00',
  `${A}&site=${A}`,
  `${A}&site=evil.example`,
  `${A}.evil.example`,
  'a'.repeat(10_240),
  '__proto__',
  'constructor',
  '%E0%A4%A',
];

describe('whatever is asked for', () => {
  test('nothing of it comes back, nobody is sent anywhere, and it costs no query', async () => {
    let asked = 0;
    const served = {
      publicStates: async () => [],
      publicStatesVersion: async () => {
        asked += 1;
        return 'same';
      },
      database: { ping: async () => undefined },
    };
    const clock = new Date('2026-06-01T12:00:00Z');
    await using server = buildApp({ served, now: () => clock });
    const neutral = (await ask(server, '/maintenance')).body;
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary', maxLength: 300 }), async (text) => {
        const site = encodeURIComponent(text.toWellFormed());
        const reply = await ask(server, `/maintenance?site=${site}`);
        expect(reply.statusCode).toBe(503);
        expect(reply.headers.location).toBeUndefined();
        expect(reply.body).toBe(neutral);
      }),
    );
    expect(asked).toBe(1);
  });

  test('nobody is told that a site is open before the database has been read', async () => {
    let isDown = true;
    const first = Promise.withResolvers<void>();
    const state = {
      domain: A,
      state: 'closed' as const,
      message: null,
      until: null,
      template: null,
      brand: {},
    };
    const served = {
      publicStates: async () => [state],
      publicStatesVersion: async () => {
        await first.promise;
        if (isDown) throw new Error('down');
        return '1';
      },
      database: { ping: async () => undefined },
    };
    let clock = new Date('2026-06-01T12:00:00Z');
    await using server = buildApp({ served, now: () => clock });
    const status = () => ask(server, `/maintenance/status?site=${A}`);
    const early = [status(), status()];
    first.resolve();
    for (const reply of await Promise.all([...early, status()])) expect(reply.statusCode).toBe(503);
    isDown = false;
    clock = new Date(clock.getTime() + 1_000);
    const replies = await Promise.all([status(), status(), ask(server, `/maintenance?site=${A}`)]);
    expect(replies.map(({ statusCode }) => statusCode)).toEqual([200, 200, 503]);
    for (const { body } of replies) expect(body).toContain(A);
  });

  test('only what is public is served', async () => {
    const served = {
      publicStates: async () => [],
      publicStatesVersion: async () => '',
      database: { ping: async () => undefined },
    };
    await using server = buildApp({ served, now: () => new Date() });
    const tree = server.printRoutes({ commonPrefix: false }).split('\n');
    // One line per path and method; what is below another path is indented.
    const routes = tree.map((line) => line.replace(/^[│├└─ ]+/, '').replace(/ \(.*/, ''));
    expect([...new Set(routes)].filter(Boolean).sort()).toEqual([
      '/healthz',
      '/maintenance',
      '/readyz',
      '/status',
    ]);
    const missing = await ask(server, '/admin');
    expect([missing.statusCode, missing.json()]).toEqual([404, { error: { code: 'not_found' } }]);
  });
});
