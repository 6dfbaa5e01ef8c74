import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type Emulator, startEmulator } from '../../src/emulator/index.ts';
import { createClock, expectFixture, forwarding, rulesPath, send } from './client.ts';

const clock = createClock();
let emulator: Emulator;

beforeAll(async () => {
  emulator = await startEmulator({ zones: 1, now: clock.now });
});
beforeEach(() => emulator.reset());
afterAll(() => emulator.close());

test('a request is written down whole', async () => {
  const { id } = emulator.zone('site-1.example');
  const body = forwarding('site-1.example/*');
  const headers = { 'x-auth-email': 'a@b.example' };
  await send(emulator, `POST ${rulesPath(emulator)}?debug=1`, { body, headers });
  const entry = emulator.requests()[0] ?? expect.unreachable();
  expect(entry).toMatchObject({
    at: '2026-06-01T12:00:00.000Z',
    method: 'POST',
    path: `/zones/${id}/pagerules`,
    query: { debug: '1' },
    status: 200,
    zoneId: id,
    write: true,
    changed: true,
    answered: true,
    unknown: false,
    body: JSON.parse(JSON.stringify(body)),
  });
  expect(entry.headers.authorization).toBe(`Bearer ${emulator.token}`);
  expect(entry.headers['x-auth-email']).toBe('a@b.example');
  expect(entry).not.toHaveProperty('code');
  expect(entry).not.toHaveProperty('fault');
});

test('a refused write has its code and changed nothing', async () => {
  await send(emulator, `POST ${rulesPath(emulator)}`, { body: {} });
  expect(emulator.requests()).toMatchObject([{ status: 400, code: 1004, write: true, changed: false }]);
});

test('an unknown route is a 404 and counted; a malformed id is not', async () => {
  const { id } = emulator.zone('site-1.example');
  const unknown = await send(emulator, `GET /zones/${id}/dns_records`);
  await send(emulator, 'GET /zones/asdf');
  expect(unknown.status).toBe(404);
  expect(unknown.body.errors.map(({ code }: { code: number }) => code)).toEqual([7003, 7000]);
  expect(emulator.requests({ unknown: true }).map(({ path }) => path)).toEqual([`/zones/${id}/dns_records`]);
});

test('a known path with another method is a 405 and counted', async () => {
  expectFixture(await send(emulator, `DELETE ${rulesPath(emulator)}`), 'method-not-allowed');
  expectFixture(
    await send(emulator, `PUT ${rulesPath(emulator)}/settings`, { body: {} }),
    'method-not-allowed',
  );
  expect(emulator.requests({ unknown: true })).toHaveLength(2);
});

test('a path outside the base is unknown', async () => {
  const response = await fetch(`${new URL(emulator.api).origin}/client/v3/zones`);
  expect(response.status).toBe(404);
  expect(emulator.requests()).toMatchObject([{ path: '/client/v3/zones', unknown: true }]);
});

test('filters', async () => {
  await send(emulator, 'GET /zones');
  await send(emulator, `POST ${rulesPath(emulator)}`, { body: forwarding('site-1.example/*') });
  await send(emulator, `GET ${rulesPath(emulator)}`);
  const numbers = (filter: Parameters<Emulator['requests']>[0]) => {
    const first = emulator.requests()[0]?.n ?? 0;
    return emulator.requests(filter).map(({ n }) => n - first);
  };
  const first = emulator.requests()[0]?.n ?? 0;
  expect(numbers({ write: true })).toEqual([1]);
  expect(numbers({ write: false })).toEqual([0, 2]);
  expect(numbers({ method: 'post' })).toEqual([1]);
  expect(numbers({ path: /pagerules$/ })).toEqual([1, 2]);
  expect(numbers({ path: '^/zones$' })).toEqual([0]);
  expect(numbers({ zone: 'site-1.example' })).toEqual([1, 2]);
  expect(numbers({ status: 404 })).toEqual([]);
  expect(numbers({ after: first + 1 })).toEqual([2]);
});

test('numbers go on after the log is cleared', async () => {
  await send(emulator, 'GET /zones');
  const before = emulator.requests()[0]?.n ?? 0;
  emulator.clearRequests();
  await send(emulator, 'GET /zones');
  expect(emulator.requests().map(({ n }) => n)).toEqual([before + 1]);
});

test('what is done by hand is not in the log', async () => {
  const rule = emulator.addRule('site-1.example', {
    pattern: 'site-1.example/*',
    forwardTo: 'https://x.example/',
  });
  emulator.editRule('site-1.example', rule.id, { status: 'disabled' });
  emulator.removeRule('site-1.example', rule.id);
  await emulator.visit('https://site-1.example/');
  expect(emulator.requests()).toEqual([]);
});

test('every reply has a date by the clock and its own cf-ray', async () => {
  const replies = [await send(emulator, 'GET /zones'), await send(emulator, 'GET /nothing')];
  const rays = replies.map(({ headers }) => headers.get('cf-ray'));
  expect(new Set(rays).size).toBe(2);
  expect(rays[0]).toMatch(/^[0-9a-f]{16}-[A-Z]{3}$/);
  for (const { headers } of replies) {
    expect(headers.get('date')).toBe('Mon, 01 Jun 2026 12:00:00 GMT');
    expect(headers.get('ratelimit')).toMatch(/^"default";r=\d+;t=\d+$/);
    expect(headers.get('ratelimit-policy')).toBe('"default";q=1200;w=300');
  }
});
