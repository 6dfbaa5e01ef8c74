import { describe, expect, test } from 'vitest';
import { type EmulatorOptions, publishedLimits, startEmulator } from '../../src/emulator/index.ts';
import { createClock, expectFixture, send } from './client.ts';

async function start(rateLimit: NonNullable<EmulatorOptions['rateLimit']>, options: EmulatorOptions = {}) {
  const clock = createClock();
  const emulator = await startEmulator({ zones: 1, now: clock.now, rateLimit, ...options });
  return { emulator, clock };
}

const list = 'GET /zones';

test('the published figures apply unless told otherwise', async () => {
  await using emulator = await startEmulator();
  const { headers } = await send(emulator, list);
  expect(publishedLimits).toEqual({ requests: 1_200, windowSeconds: 300, blockSeconds: 300, perSecond: 200 });
  expect(headers.get('ratelimit')).toBe('"default";r=1199;t=300');
  expect(headers.get('ratelimit-policy')).toBe('"default";q=1200;w=300');
});

describe('the budget of a user', () => {
  test('counts down, and starts again after its window', async () => {
    const { emulator, clock } = await start({ requests: 3 });
    await using _ = emulator;
    await send(emulator, list);
    clock.advance(100);
    expect((await send(emulator, list)).headers.get('ratelimit')).toBe('"default";r=1;t=200');
    clock.advance(200);
    expect((await send(emulator, list)).headers.get('ratelimit')).toBe('"default";r=2;t=300');
  });

  test('once used up, blocks every call for the block time, however few come', async () => {
    const { emulator, clock } = await start({ requests: 2 });
    await using _ = emulator;
    await send(emulator, list);
    clock.advance(299);
    await send(emulator, list);
    const first = await send(emulator, list);
    expectFixture(first, 'throttled');
    expect(first.headers.get('retry-after')).toBe('300');
    expect(first.headers.get('ratelimit')).toBe('"default";r=0;t=300');
    clock.advance(299.5);
    const later = await send(emulator, 'GET /user/tokens/verify');
    expect([later.status, later.headers.get('retry-after')]).toEqual([429, '1']);
    clock.advance(0.5);
    expect((await send(emulator, list)).headers.get('ratelimit')).toBe('"default";r=1;t=300');
  });

  test('is shared by the tokens of a user and not with another user', async () => {
    const { emulator } = await start({ requests: 1 });
    await using _ = emulator;
    const sameUser = emulator.addToken();
    const otherUser = emulator.addToken({ user: 'somebody else' });
    const account = emulator.addToken({ kind: 'account' });
    await send(emulator, list);
    const status = async (token: string) => (await send(emulator, list, { token })).status;
    expect([await status(sameUser), await status(otherUser), await status(account)]).toEqual([429, 200, 200]);
  });

  test('is not touched by unknown tokens and unknown routes', async () => {
    const { emulator } = await start({ requests: 5 });
    await using _ = emulator;
    await send(emulator, list, { token: 'x'.repeat(40) });
    await send(emulator, 'GET /memberships');
    expect((await send(emulator, list)).headers.get('ratelimit')).toBe('"default";r=4;t=300');
  });
});

test('a faulted reply shows the budget of its user, and does not use it', async () => {
  const { emulator } = await start({ requests: 5 });
  await using _ = emulator;
  await send(emulator, list);
  emulator.addFault({ kind: 'serverError' });
  expect((await send(emulator, list)).headers.get('ratelimit')).toBe('"default";r=4;t=300');
});

describe('the budget of an address', () => {
  test('is per second and blocks nothing', async () => {
    const { emulator, clock } = await start({ perSecond: 2 });
    await using _ = emulator;
    const statuses: number[] = [];
    for (const wait of [0, 0.4, 0.4, 0.2]) {
      clock.advance(wait);
      statuses.push((await send(emulator, list)).status);
    }
    expect(statuses).toEqual([200, 200, 429, 200]);
  });
});

test('switched off, nothing is counted and nothing is said', async () => {
  const { emulator } = await start(false);
  await using _ = emulator;
  for (let turn = 0; turn < 250; turn += 1) await send(emulator, list);
  const reply = await send(emulator, list);
  expect([reply.status, reply.headers.get('ratelimit')]).toEqual([200, null]);
});

test('a reset forgets what was counted', async () => {
  const { emulator } = await start({ requests: 1 });
  await using _ = emulator;
  await send(emulator, list);
  await emulator.reset();
  expect((await send(emulator, list)).status).toBe(200);
});
