import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Emulator, startEmulator } from '../../src/emulator/index.ts';
import {
  createClock,
  expectFixture,
  expectLikeFixture,
  forwarding,
  patternsOf,
  rulesPath,
  send,
} from './client.ts';

const clock = createClock();
let emulator: Emulator;
let path: string;

beforeAll(async () => {
  emulator = await startEmulator({
    zones: [{ name: 'site-1.example', plan: 'pro' }],
    now: clock.now,
    rateLimit: false,
  });
});
beforeEach(async () => {
  await emulator.reset();
  path = rulesPath(emulator);
});
afterAll(() => emulator.close());

async function create(pattern: string, fields = {}) {
  const reply = await send(emulator, `POST ${path}`, { body: forwarding(pattern, fields) });
  expect(reply.status).toBe(200);
  return reply.body.result;
}

describe('creating', () => {
  test('answers 200 with the whole rule, shaped as recorded', async () => {
    const reply = await send(emulator, `POST ${path}`, { body: forwarding('*site-1.example/*') });
    expectLikeFixture(reply, 'page-rule');
    expect(reply.body.result.id).toMatch(/^[0-9a-f]{32}$/);
    expect(reply.body.result.created_on).toBe('2026-06-01T12:00:00.000000Z');
    expect(Object.keys(reply.body)).toEqual(['result', 'success', 'errors', 'messages']);
  });

  test('defaults to disabled and to the lowest priority', async () => {
    await create('a.site-1.example/*');
    const rule = await create('b.site-1.example/*', { status: undefined, priority: undefined });
    expect(rule).toMatchObject({ status: 'disabled', priority: 1 });
    expect(patternsOf(emulator)).toEqual(['a.site-1.example/*', 'b.site-1.example/*']);
  });

  test('brings a priority above the count down to the top', async () => {
    await create('a.site-1.example/*');
    expect((await create('b.site-1.example/*', { priority: 899 })).priority).toBe(2);
  });

  test('keeps an action without a value without one', async () => {
    const rule = await create('a.site-1.example/*', { actions: [{ id: 'always_use_https' }] });
    expect(rule.actions).toEqual([{ id: 'always_use_https' }]);
  });

  test('refuses at the quota, and disabled rules count', async () => {
    emulator.setZone('site-1.example', { pageRuleQuota: 1 });
    await create('a.site-1.example/*', { status: 'disabled' });
    const reply = await send(emulator, `POST ${path}`, { body: forwarding('b.site-1.example/*') });
    expectFixture(reply, 'quota');
  });

  test('refuses a body that is not JSON', async () => {
    const reply = await send(emulator, `POST ${path}`, { body: '{"targets": [' });
    expect(reply.status).toBe(400);
    expect(reply.body.success).toBe(false);
  });
});

describe('validation', () => {
  const target = (constraint: unknown, kind = 'url') => ({ targets: [{ target: kind, constraint }] });
  const pattern = (value: unknown) => target({ operator: 'matches', value });
  const forward = (value: unknown) => ({ actions: [{ id: 'forwarding_url', value }] });

  test.each([
    ['a pattern outside the zone', pattern('example.com/*'), '.targets[0]: '],
    ['a look-alike of the zone', pattern('mysite-1.example/*'), '.targets[0]: '],
    ['a pattern without a zone', pattern('*/static-files/*'), '.targets[0]: '],
    ['a pattern with five asterisks', pattern('*site-1.example/*/*/*/*'), '.targets[0]: '],
    ['a pattern with a space', pattern('site-1.example/a b'), '.targets[0]: '],
    ['a port that is not offered', pattern('site-1.example:8081/'), '.targets[0]: '],
    ['a scheme that is not http', pattern('ftp://site-1.example/'), '.targets[0]: '],
    ['a pattern that is not ASCII', pattern('site-1.example/ü'), '.targets[0]: '],
    ['no pattern', pattern(undefined), '.targets[0]: '],
    ['another operator', target({ operator: 'contains', value: 'site-1.example/*' }), '.targets[0]: '],
    ['no operator', target({ value: 'site-1.example/*' }), '.targets[0]: '],
    ['another target', target({ operator: 'matches', value: 'site-1.example/*' }, 'ip'), '.targets[0]: '],
    ['no targets', { targets: [] }, '.targets: '],
    ['targets that are no list', { targets: 'site-1.example/*' }, '.targets: '],
    ['no actions', { actions: [] }, '.settings: '],
    ['actions that are no list', { actions: {} }, '.settings: '],
    ['an unknown action', { actions: [{ id: 'make_coffee' }] }, '.settings[0].id: '],
    ['an action that was removed', { actions: [{ id: 'mirage', value: 'on' }] }, '.settings[0].id: '],
    ['an action that is null', { actions: [null] }, '.settings[0].id: '],
    ['a relative address', forward({ url: '/maintenance', status_code: 302 }), '.settings[0].value: '],
    ['no address', forward({ status_code: 302 }), '.settings[0].value: '],
    ['a 307', forward({ url: 'https://x.example/', status_code: 307 }), '.settings[0].value: '],
    ['a status that does not exist', { status: 'enabled' }, '.status: Invalid page rule status'],
    ['a priority that is no whole number', { priority: '1' }, '.priority: '],
  ])('refuses %s with 1004 and a message', async (_name, fields, prefix) => {
    const reply = await send(emulator, `POST ${path}`, { body: forwarding('*site-1.example/*', fields) });
    expectLikeFixture(reply, 'invalid-status');
    expect(reply.body.errors[0].code).toBe(1004);
    expect(reply.body.messages[0].message.startsWith(prefix)).toBe(true);
    expect(emulator.rules('site-1.example')).toEqual([]);
  });

  test('says all that is wrong', async () => {
    const reply = await send(emulator, `POST ${path}`, { body: {} });
    expect(reply.body.messages.map(({ message }: { message: string }) => message.split(':')[0])).toEqual([
      '.targets',
      '.settings',
    ]);
  });

  test('forwarding must be alone', async () => {
    const actions = [{ id: 'ssl', value: 'full' }, ...(forwarding('x').actions as unknown[])];
    const reply = await send(emulator, `POST ${path}`, { body: forwarding('site-1.example/*', { actions }) });
    expectFixture(reply, 'mixed-actions');
  });

  test.each([
    'site-1.example',
    'HTTPS://*.Site-1.example:8443/a?b=*',
    '*site-1.example/*',
    'www*.site-1.example/',
  ])('takes the pattern %s', async (value) => {
    expect((await send(emulator, `POST ${path}`, { body: forwarding(value) })).status).toBe(200);
  });

  test('a forwarding address inside its own pattern is not stopped', async () => {
    const actions = [
      { id: 'forwarding_url', value: { url: 'https://site-1.example/down', status_code: 302 } },
    ];
    expect((await create('*site-1.example/*', { actions })).actions).toEqual(actions);
  });
});

describe('reading', () => {
  test('one rule, with its priority', async () => {
    await create('a.site-1.example/*');
    const rule = await create('b.site-1.example/*');
    const reply = await send(emulator, `GET ${path}/${rule.id}`);
    expectLikeFixture(reply, 'page-rule');
    expect(reply.body.result).toEqual(rule);
  });

  test('an unknown and a malformed id', async () => {
    expectFixture(await send(emulator, `GET ${path}/${'0'.repeat(32)}`), 'unknown-page-rule');
    const malformed = await send(emulator, `GET ${path}/asdf`);
    expectLikeFixture(malformed, 'malformed-page-rule-id');
    expect(malformed.body.errors[0].message).toContain(`Could not route to ${path}/asdf,`);
  });

  test('the list has all rules, highest first, and no result_info', async () => {
    await create('a.site-1.example/*', { status: 'disabled' });
    await create('b.site-1.example/*');
    const reply = await send(emulator, `GET ${path}`);
    expect(reply.body.result.map((rule: { priority: number }) => rule.priority)).toEqual([2, 1]);
    expect(reply.body).not.toHaveProperty('result_info');
    expect(reply.body.result).toEqual(emulator.rules('site-1.example'));
  });

  test.each([
    ['', ['c', 'b', 'a']],
    ['?direction=asc', ['a', 'b', 'c']],
    ['?status=active', ['c', 'a']],
    ['?status=disabled&match=any', ['b']],
    ['?order=status', ['b', 'c', 'a']],
  ])('the list with "%s" is %j', async (query, names) => {
    await create('a.site-1.example/*');
    await create('b.site-1.example/*', { status: 'disabled' });
    await create('c.site-1.example/*');
    const reply = await send(emulator, `GET ${path}${query}`);
    const patterns = reply.body.result.map((rule: { targets: { constraint: { value: string } }[] }) =>
      rule.targets[0]?.constraint.value.slice(0, 1),
    );
    expect(patterns).toEqual(names);
  });

  test('a parameter with a value that does not exist is refused', async () => {
    expect((await send(emulator, `GET ${path}?order=name`)).status).toBe(400);
  });

  test('the settings name what a rule may do', async () => {
    const reply = await send(emulator, `GET ${path}/settings`);
    const ids = reply.body.result.map(({ id }: { id: string }) => id);
    expect(ids).toContain('forwarding_url');
    expect(ids).not.toContain('mirage');
  });
});

describe('changing', () => {
  test('PUT replaces everything and keeps id and creation time', async () => {
    const rule = await create('a.site-1.example/*');
    clock.advance(60);
    const body = forwarding('b.site-1.example/*', { actions: [{ id: 'ssl', value: 'full' }] });
    const reply = await send(emulator, `PUT ${path}/${rule.id}`, { body });
    expect(reply.status).toBe(200);
    expect(reply.body.result).toMatchObject({
      id: rule.id,
      created_on: rule.created_on,
      actions: body.actions,
    });
    expect(reply.body.result.modified_on > rule.modified_on).toBe(true);
    expect(patternsOf(emulator)).toEqual(['b.site-1.example/*']);
  });

  test('PUT without a status disables', async () => {
    const rule = await create('a.site-1.example/*');
    const { targets, actions } = rule;
    const reply = await send(emulator, `PUT ${path}/${rule.id}`, { body: { targets, actions } });
    expect(reply.body.result.status).toBe('disabled');
  });

  test('PUT takes back a rule exactly as it was read', async () => {
    const rule = await create('http://site-1.example');
    const reply = await send(emulator, `PUT ${path}/${rule.id}`, { body: rule });
    expect(reply.body.result).toEqual({ ...rule, modified_on: reply.body.result.modified_on });
  });

  test('PUT and PATCH may keep their own pattern and not take another one', async () => {
    const rule = await create('a.site-1.example/*');
    await create('b.site-1.example/*');
    const taken = forwarding('b.site-1.example/*');
    expect(
      (await send(emulator, `PUT ${path}/${rule.id}`, { body: forwarding('a.site-1.example/*') })).status,
    ).toBe(200);
    expectFixture(await send(emulator, `PUT ${path}/${rule.id}`, { body: taken }), 'duplicate-pattern');
    const patch = { targets: taken.targets };
    expectFixture(await send(emulator, `PATCH ${path}/${rule.id}`, { body: patch }), 'duplicate-pattern');
  });

  test('PUT needs targets and actions', async () => {
    const rule = await create('a.site-1.example/*');
    const reply = await send(emulator, `PUT ${path}/${rule.id}`, { body: { status: 'active' } });
    expect(reply.body.messages).toHaveLength(2);
  });

  test('PATCH of the status changes nothing else', async () => {
    const rule = await create('a.site-1.example/*');
    await create('b.site-1.example/*');
    const reply = await send(emulator, `PATCH ${path}/${rule.id}`, { body: { status: 'disabled' } });
    expect(reply.body.result).toEqual({
      ...rule,
      status: 'disabled',
      modified_on: reply.body.result.modified_on,
    });
  });

  test('PATCH cannot turn a settings rule into a forwarding rule', async () => {
    const rule = await create('a.site-1.example/*', { actions: [{ id: 'ssl', value: 'full' }] });
    const { actions } = forwarding('x');
    expectFixture(await send(emulator, `PATCH ${path}/${rule.id}`, { body: { actions } }), 'mixed-actions');
  });

  test('a legacy rule can be switched by PATCH and no longer be written by PUT', async () => {
    const rule = emulator.addRule('site-1.example', {
      pattern: 'site-1.example/old/*',
      actions: [{ id: 'mirage', value: 'on' }],
    });
    const patched = await send(emulator, `PATCH ${path}/${rule.id}`, { body: { status: 'disabled' } });
    const put = await send(emulator, `PUT ${path}/${rule.id}`, { body: rule });
    expect(patched.status).toBe(200);
    expect(put.body.errors[0].code).toBe(1004);
  });
});

describe('deleting', () => {
  test('answers with the id, once', async () => {
    const rule = await create('a.site-1.example/*');
    expectLikeFixture(await send(emulator, `DELETE ${path}/${rule.id}`), 'page-rule-deleted');
    expectFixture(await send(emulator, `DELETE ${path}/${rule.id}`), 'unknown-page-rule');
  });

  test('closes the gap', async () => {
    const [first] = [await create('a.site-1.example/*'), await create('b.site-1.example/*')];
    await send(emulator, `DELETE ${path}/${first.id}`);
    expect(emulator.rules('site-1.example').map(({ priority }) => priority)).toEqual([1]);
  });
});
