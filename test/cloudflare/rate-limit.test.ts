import { expect, test } from 'vitest';
import { realWait } from '../../src/cloudflare/retry.ts';
import { startEmulator } from '../../src/emulator/index.ts';
import { fields, gateway, refusal, scriptedServer, success, ZONE } from './scripted-server.ts';

const limited = (headers: Record<string, string>) => refusal(429, 971, 'Please wait', [], headers);

test('a retry-after of a few seconds is honoured, then the call succeeds', async () => {
  await using server = await scriptedServer(limited({ 'retry-after': '7' }), success([]));
  const waits: number[] = [];
  const wait = async (ms: number) => void waits.push(ms);

  await gateway(server.baseUrl, {
    clock: { now: () => new Date('2026-05-01T00:00:00Z') },
    wait,
  }).listPageRules(ZONE);

  expect(waits[0]).toBe(7000);
  expect(server.received).toHaveLength(2);
});

test.each([
  { name: 'seconds', headers: { 'retry-after': '31' }, retryAt: '2026-05-01T00:00:31.000Z' },
  {
    name: 'a date',
    headers: { 'retry-after': 'Fri, 01 May 2026 00:05:00 GMT' },
    retryAt: '2026-05-01T00:05:00.000Z',
  },
  {
    name: 'the budget alone',
    headers: { ratelimit: '"default";r=0;t=120' },
    retryAt: '2026-05-01T00:02:00.000Z',
  },
])('more than 30 s, told by $name, fails at once with the time', async ({ headers, retryAt }) => {
  await using server = await scriptedServer(limited(headers));
  const clock = { now: () => new Date('2026-05-01T00:00:00Z') };

  const call = gateway(server.baseUrl, { clock }).listPageRules(ZONE);

  await expect(call).rejects.toMatchObject({ code: 'api_rate_limited', details: { status: 429, retryAt } });
  await expect(call).rejects.toThrow(retryAt);
  expect(server.received).toHaveLength(1);
});

test('a 429 while the budget is not used up is too much at once: it backs off', async () => {
  const tooFast = limited({ ratelimit: '"default";r=500;t=200' });
  await using server = await scriptedServer(tooFast, success([]));

  await gateway(server.baseUrl).listPageRules(ZONE);

  expect(server.received).toHaveLength(2);
});

test('without retry-after it backs off and gives up after three retries', async () => {
  await using server = await scriptedServer(limited({}));

  await expect(gateway(server.baseUrl).listPageRules(ZONE)).rejects.toMatchObject({
    code: 'api_rate_limited',
  });
  expect(server.received).toHaveLength(4);
});

test('a 5xx that names a time up to 30 s is waited for, a longer one is final', async () => {
  const clock = { now: () => new Date('2026-05-01T00:00:00Z') };
  const busy = (seconds: string) => refusal(503, 1, 'Busy', [], { 'retry-after': seconds });
  await using server = await scriptedServer(busy('5'), success([]));
  await gateway(server.baseUrl, { clock }).listPageRules(ZONE);
  expect(server.received).toHaveLength(2);

  await using other = await scriptedServer(busy('90'));
  await expect(gateway(other.baseUrl, { clock }).listPageRules(ZONE)).rejects.toMatchObject({
    code: 'api_unavailable',
  });
  expect(other.received).toHaveLength(1);
});

test('once Cloudflare refuses everything for minutes, nothing more is sent', async () => {
  await using server = await scriptedServer(limited({ 'retry-after': '300' }));
  const client = gateway(server.baseUrl);
  await client.listPageRules(ZONE).catch(() => {});

  await expect(client.deletePageRule(ZONE, 'a'.repeat(32), { purpose: 'reopen' })).rejects.toMatchObject({
    code: 'api_rate_limited',
    details: { reason: 'budget' },
  });
  expect(server.received).toHaveLength(1);
});

test('against an enforced budget no call is refused by Cloudflare, and reopening still has its part', async () => {
  await using emulator = await startEmulator({ zones: 1, rateLimit: { requests: 120, perSecond: 100_000 } });
  const client = gateway(emulator.api, { token: emulator.token });
  const zoneId = emulator.zone('site-1.example').id;

  const closing = await Promise.allSettled(Array.from({ length: 150 }, () => client.listPageRules(zoneId)));
  const reopening = await Promise.allSettled(
    Array.from({ length: 10 }, () => client.listPageRules(zoneId, { purpose: 'reopen' })),
  );

  const done = (outcomes: PromiseSettledResult<unknown>[]) =>
    outcomes.filter(({ status }) => status === 'fulfilled').length;
  expect([done(closing), done(reopening)]).toEqual([110, 10]);
  expect(emulator.requests({ status: 429 })).toEqual([]);
  expect(client.calls).toBe(120);
  expect(client.budget.remaining).toBe(0);
});

test('what arrives stays below 200 in a second although the first requests have to connect', async () => {
  await using emulator = await startEmulator({ zones: 1, rateLimit: { requests: 100_000, perSecond: 200 } });
  const client = gateway(emulator.api, { token: emulator.token, wait: realWait });
  const zoneId = emulator.zone('site-1.example').id;

  await Promise.all(Array.from({ length: 250 }, () => client.listPageRules(zoneId)));

  expect(client.calls).toBe(250);
});

test('the budget is what Cloudflare says, less what is on its way', async () => {
  await using emulator = await startEmulator({ zones: 1 });
  const client = gateway(emulator.api, { token: emulator.token });
  expect(client.budget).toEqual({ remaining: undefined, resetsAt: undefined });

  await client.createPageRule(emulator.zone('site-1.example').id, fields('*site-1.example/*'));

  expect(client.budget.remaining).toBe(1199);
  expect(client.budget.resetsAt?.getTime()).toBeGreaterThan(Date.now() + 200_000);
});

test('closing and opening an apex site are one call each', async () => {
  await using emulator = await startEmulator({ zones: 1 });
  const client = gateway(emulator.api, { token: emulator.token });
  const zoneId = emulator.zone('site-1.example').id;

  const { id } = await client.createPageRule(zoneId, fields('*site-1.example/*'));
  await client.deletePageRule(zoneId, id, { purpose: 'reopen' });

  expect(emulator.requests().map(({ method }) => method)).toEqual(['POST', 'DELETE']);
  expect(client.calls).toBe(2);
});
