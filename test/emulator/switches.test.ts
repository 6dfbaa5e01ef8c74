import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { defaultSwitches, type Emulator, startEmulator, switchPositions } from '../../src/emulator/index.ts';
import { forwarding, patternsOf, rulesPath, send } from './client.ts';

let emulator: Emulator;
let path: string;

beforeAll(async () => {
  emulator = await startEmulator({ zones: 1, plan: 'pro' });
});
beforeEach(async () => {
  await emulator.reset();
  path = rulesPath(emulator);
});
afterAll(() => emulator.close());

const post = (body: unknown) => send(emulator, `POST ${path}`, { body });

test('every default is the first position of its switch', () => {
  const first = Object.entries(switchPositions).map(([name, positions]) => [name, positions[0]]);
  expect(defaultSwitches).toEqual(Object.fromEntries(first));
});

test('switches given at the start hold after a reset', async () => {
  await using other = await startEmulator({ switches: { patchActions: 'replace' } });
  other.setSwitches({ patchActions: 'merge', nullErrors: true });
  await other.reset();
  expect(other.switches()).toEqual({ ...defaultSwitches, patchActions: 'replace' });
});

describe('priorityAboveCount', () => {
  test('clamp takes any number', async () => {
    expect((await post(forwarding('a.site-1.example/*', { priority: 7 }))).body.result.priority).toBe(1);
  });

  test('refuse takes the next place and nothing above it', async () => {
    emulator.setSwitches({ priorityAboveCount: 'refuse' });
    const refused = await post(forwarding('a.site-1.example/*', { priority: 2 }));
    const taken = await post(forwarding('a.site-1.example/*', { priority: 1 }));
    const { id } = taken.body.result;
    const above = await send(emulator, `PUT ${path}/${id}`, {
      body: forwarding('a.site-1.example/*', { priority: 2 }),
    });
    expect([refused.status, taken.status, above.status]).toEqual([400, 200, 400]);
    expect(refused.body.messages[0].message).toMatch(/^\.priority: /);
  });
});

describe('priorityMove', () => {
  test.each([
    ['shift', ['b', 'a', 'c']],
    ['swap', ['a', 'b', 'c']],
  ] as const)('%s', async (priorityMove, order) => {
    emulator.setSwitches({ priorityMove });
    for (const name of ['a', 'b']) await post(forwarding(`${name}.site-1.example/*`));
    await post(forwarding('c.site-1.example/*', { priority: 1 }));
    expect(patternsOf(emulator).map((pattern) => pattern.slice(0, 1))).toEqual(order);
  });
});

describe('putWithoutPriority', () => {
  test.each([
    ['reset', 1],
    ['keep', 2],
  ] as const)('%s', async (putWithoutPriority, priority) => {
    emulator.setSwitches({ putWithoutPriority });
    await post(forwarding('a.site-1.example/*'));
    const { id } = (await post(forwarding('b.site-1.example/*'))).body.result;
    const body = forwarding('b.site-1.example/*', { priority: undefined });
    expect((await send(emulator, `PUT ${path}/${id}`, { body })).body.result.priority).toBe(priority);
  });
});

describe('patchActions', () => {
  test.each([
    ['merge', ['ssl', 'polish']],
    ['replace', ['polish']],
  ] as const)('%s', async (patchActions, ids) => {
    emulator.setSwitches({ patchActions });
    const rule = (await post(forwarding('a.site-1.example/*', { actions: [{ id: 'ssl', value: 'full' }] })))
      .body.result;
    const body = { actions: [{ id: 'polish', value: 'lossy' }] };
    const reply = await send(emulator, `PATCH ${path}/${rule.id}`, { body });
    expect(reply.body.result.actions.map(({ id }: { id: string }) => id)).toEqual(ids);
  });

  test('merge gives a known action its new value', async () => {
    const rule = (await post(forwarding('a.site-1.example/*', { actions: [{ id: 'ssl', value: 'full' }] })))
      .body.result;
    const actions = [{ id: 'ssl', value: 'off' }];
    const reply = await send(emulator, `PATCH ${path}/${rule.id}`, { body: { actions } });
    expect(reply.body.result.actions).toEqual(actions);
  });

  test('replace turns a settings rule into a forwarding rule', async () => {
    emulator.setSwitches({ patchActions: 'replace' });
    const rule = (await post(forwarding('a.site-1.example/*', { actions: [{ id: 'ssl', value: 'full' }] })))
      .body.result;
    const { actions } = forwarding('x');
    const reply = await send(emulator, `PATCH ${path}/${rule.id}`, { body: { actions } });
    expect(reply.body.result.actions).toEqual(actions);
  });
});

describe('duplicateIgnoresCase', () => {
  test.each([
    [false, 200],
    [true, 400],
  ] as const)('%s', async (duplicateIgnoresCase, status) => {
    emulator.setSwitches({ duplicateIgnoresCase });
    await post(forwarding('site-1.example/Shop/*'));
    expect((await post(forwarding('site-1.example/shop/*'))).status).toBe(status);
  });
});

describe('storedTrailingSlash', () => {
  test.each([
    [true, 'site-1.example/', 400],
    [false, 'site-1.example', 200],
  ] as const)('%s stores %s', async (storedTrailingSlash, stored, statusOfOther) => {
    emulator.setSwitches({ storedTrailingSlash });
    await post(forwarding('site-1.example'));
    expect(patternsOf(emulator)).toEqual([stored]);
    expect((await post(forwarding('site-1.example/'))).status).toBe(statusOfOther);
  });

  test('a pattern with a path is stored as sent', async () => {
    await post(forwarding('https://site-1.example/a'));
    expect(patternsOf(emulator)).toEqual(['https://site-1.example/a']);
  });
});

describe('unknownRule', () => {
  test.each([404, 400] as const)('%d', async (unknownRule) => {
    emulator.setSwitches({ unknownRule });
    const unknown = await send(emulator, `DELETE ${path}/${'0'.repeat(32)}`);
    const malformed = await send(emulator, `DELETE ${path}/asdf`);
    expect([unknown.status, unknown.body.errors[0].code]).toEqual([unknownRule, 1002]);
    expect([malformed.status, malformed.body.errors[0].code]).toEqual([unknownRule, 7003]);
  });
});

describe('unknownZone', () => {
  test.each([
    [404, 7003],
    [403, 9109],
    [400, 1001],
  ] as const)('%d', async (unknownZone, code) => {
    emulator.setSwitches({ unknownZone });
    emulator.removeZone('site-1.example');
    const rules = await send(emulator, `GET ${path}`);
    const zone = await send(emulator, `GET ${path.replace('/pagerules', '')}`);
    expect([rules.status, rules.body.errors[0].code]).toEqual([unknownZone, code]);
    expect([zone.status, zone.body.errors[0].code]).toEqual([unknownZone, code]);
  });
});

describe('retryAfterHeader', () => {
  test.each([
    [true, '300'],
    [false, null],
  ] as const)('%s', async (retryAfterHeader, value) => {
    await using small = await startEmulator({ rateLimit: { requests: 1 }, switches: { retryAfterHeader } });
    await send(small, 'GET /zones');
    const reply = await send(small, 'GET /zones');
    expect(reply.status).toBe(429);
    expect(reply.headers.get('retry-after')).toBe(value);
  });
});

describe('nullErrors', () => {
  test.each([
    [false, []],
    [true, null],
  ] as const)('%s', async (nullErrors, empty) => {
    emulator.setSwitches({ nullErrors });
    const listed = await send(emulator, `GET ${path}`);
    const failed = await post({});
    const verified = await send(emulator, 'GET /user/tokens/verify');
    expect([listed.body.errors, listed.body.messages]).toEqual([empty, empty]);
    expect(failed.body.errors).toHaveLength(1);
    expect(verified.body.messages).toHaveLength(1);
  });
});
