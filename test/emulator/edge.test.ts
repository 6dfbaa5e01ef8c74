import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Emulator, startEmulator } from '../../src/emulator/index.ts';
import { createClock, forwarding, rulesPath, send } from './client.ts';

const clock = createClock();
let emulator: Emulator;

beforeAll(async () => {
  emulator = await startEmulator({ zones: 2, plan: 'pro', now: clock.now, rateLimit: false });
});
beforeEach(() => emulator.reset());
afterAll(() => emulator.close());

const zone = 'site-1.example';
const closed = { pattern: '*site-1.example/*', forwardTo: 'https://status.example.net/' };

describe('the origin', () => {
  test('answers when nothing else does, through Cloudflare', async () => {
    const visit = await emulator.visit('https://www.site-1.example/a');
    expect(visit).toMatchObject({ status: 200, body: 'origin of www.site-1.example', location: undefined });
    expect(visit.headers['cf-ray']).toMatch(/^[0-9a-f]{16}-[A-Z]{3}$/);
  });

  test('can be set', async () => {
    emulator.setZone(zone, { origin: { status: 502, body: 'broken' } });
    expect(await emulator.visit('https://site-1.example/')).toMatchObject({ status: 502, body: 'broken' });
  });

  test('answers HEAD without a body', async () => {
    const visit = await emulator.visit('https://site-1.example/', { method: 'HEAD' });
    expect([visit.status, visit.body]).toEqual([200, '']);
  });

  test.each([
    ['an unproxied host', { dns: [{ name: '@', proxied: false }] }],
    ['a paused zone', { paused: true }],
    ['a zone that is not active', { status: 'moved' as const }],
  ])('answers past all rules and without cf-ray for %s', async (_name, edit) => {
    emulator.addRule(zone, closed);
    emulator.setZone(zone, edit);
    const visit = await emulator.visit('https://site-1.example/');
    expect(visit.status).toBe(200);
    expect(visit.headers['cf-ray']).toBeUndefined();
  });

  test('a host without a record does not answer, a host of no zone is refused', async () => {
    emulator.setZone(zone, { dns: [{ name: 'www', proxied: true }] });
    await expect(emulator.visit('https://site-1.example/')).rejects.toThrow();
    expect((await emulator.visit('https://nobody.test/')).status).toBe(403);
  });

  test('the nearest record counts', async () => {
    const dns = [
      { name: '*', proxied: true },
      { name: 'mail.site-1.example', proxied: false },
      { name: '*.dev', proxied: false },
    ];
    emulator.setZone(zone, { dns });
    const proxied = async (host: string) =>
      (await emulator.visit(`https://${host}/`)).headers['cf-ray'] !== undefined;
    expect(await proxied('a.b.site-1.example')).toBe(true);
    expect(await proxied('mail.site-1.example')).toBe(false);
    expect(await proxied('x.dev.site-1.example')).toBe(false);
  });

  test('the longest zone name is the one that counts', async () => {
    emulator.addZone({ name: 'sub.site-1.example' });
    emulator.addRule(zone, closed);
    expect((await emulator.visit('https://www.sub.site-1.example/')).status).toBe(200);
    expect((await emulator.visit('https://www.site-1.example/')).status).toBe(302);
  });
});

describe('page rules', () => {
  test('an active rule forwards, with cf-ray', async () => {
    emulator.addRule(zone, closed);
    const visit = await emulator.visit('https://site-1.example/shop?x=1');
    expect(visit).toMatchObject({ status: 302, location: 'https://status.example.net/' });
    expect(visit.headers['cf-ray']).toBeDefined();
  });

  test('who the visitor is is answered in front of all rules, where the request goes through Cloudflare', async () => {
    emulator.addRule(zone, closed);
    const ask = () => emulator.visit('https://site-1.example/cdn-cgi/trace', { from: '203.0.113.9' });
    expect(await ask()).toMatchObject({ status: 200, body: expect.stringContaining('\nip=203.0.113.9\n') });
    emulator.setZone(zone, { paused: true });
    expect(await ask()).toMatchObject({ body: 'origin of site-1.example' });
  });

  test('a disabled rule does nothing', async () => {
    emulator.addRule(zone, { ...closed, status: 'disabled' });
    expect((await emulator.visit('https://site-1.example/')).status).toBe(200);
  });

  test('only the highest rule that matches takes effect, even if it does not forward', async () => {
    emulator.addRule(zone, closed);
    emulator.addRule(zone, {
      pattern: 'site-1.example/open/*',
      actions: [{ id: 'ssl', value: 'full' }],
      priority: 9,
    });
    expect((await emulator.visit('https://site-1.example/open/')).status).toBe(200);
    expect((await emulator.visit('https://site-1.example/')).status).toBe(302);
  });

  test('placeholders are filled in, a missing one is a 500', async () => {
    emulator.addRule(zone, { pattern: '*site-1.example/*', forwardTo: 'https://new.example/$2' });
    emulator.addRule('site-2.example', { pattern: 'site-2.example/*', forwardTo: 'https://new.example/$2' });
    expect((await emulator.visit('https://www.site-1.example/a?b=c')).location).toBe(
      'https://new.example/a?b=c',
    );
    expect(await emulator.visit('https://site-2.example/a')).toMatchObject({
      status: 500,
      location: undefined,
    });
  });

  test('the scheme comes from x-forwarded-proto and is http without it', async () => {
    emulator.addRule(zone, { ...closed, pattern: 'http://site-1.example/*' });
    expect((await emulator.visit('http://site-1.example/')).status).toBe(302);
    expect((await emulator.visit('https://site-1.example/')).status).toBe(200);
  });

  test('case, a trailing dot and the edge’s own port in Host make no difference', async () => {
    emulator.addRule(zone, { ...closed, pattern: 'site-1.example:80/*' });
    const port = new URL(emulator.edge).port;
    for (const host of ['SITE-1.example', `site-1.example:${port}`, 'site-1.example.']) {
      expect((await emulator.visit(`http://${host}/`)).status).toBe(302);
    }
  });
});

describe('propagation', () => {
  const status = async () => (await emulator.visit('https://site-1.example/')).status;

  test('the edge sees a write after the delay, the API at once', async () => {
    emulator.setPropagation(5_000);
    await send(emulator, `POST ${rulesPath(emulator)}`, { body: forwarding('*site-1.example/*') });
    expect(emulator.rules(zone)).toHaveLength(1);
    expect(await status()).toBe(200);
    clock.advance(4.9);
    expect(await status()).toBe(200);
    clock.advance(0.1);
    expect(await status()).toBe(302);
  });

  test('writes arrive one by one', async () => {
    emulator.setPropagation(5_000);
    const path = rulesPath(emulator);
    const { result } = (await send(emulator, `POST ${path}`, { body: forwarding('*site-1.example/*') })).body;
    clock.advance(3);
    await send(emulator, `DELETE ${path}/${result.id}`);
    const seen: number[] = [];
    for (const step of [0, 2, 2.9, 0.1]) {
      clock.advance(step);
      seen.push(await status());
    }
    expect(seen).toEqual([200, 302, 302, 200]);
  });

  test('an earlier write that arrives late does not undo a later one', async () => {
    emulator.setPropagation(5_000);
    const rule = emulator.addRule(zone, closed);
    emulator.setPropagation(0);
    emulator.removeRule(zone, rule.id);
    clock.advance(10);
    expect(await status()).toBe(200);
  });

  test('zones are there from the start, with their rules', async () => {
    emulator.setPropagation(60_000);
    emulator.addZone({
      name: 'late.example',
      rules: [{ pattern: 'late.example/*', forwardTo: 'https://x.example/' }],
    });
    expect((await emulator.visit('https://late.example/')).status).toBe(302);
  });
});
