import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Emulator, startEmulator } from '../../src/emulator/index.ts';
import { createClock, expectFixture, expectLikeFixture, redirecting, rulesetsPath, send } from './client.ts';

const clock = createClock();
let emulator: Emulator;
let path: string;

beforeAll(async () => {
  emulator = await startEmulator({ zones: 1, now: clock.now, rateLimit: false });
});
beforeEach(async () => {
  await emulator.reset();
  for (const name of ['a', 'b', 'c']) {
    emulator.addRedirectRule(zone, {
      expression: host(name),
      redirectTo: 'https://x.example/',
      ref: name,
      description: name,
    });
  }
  path = `${rulesetsPath(emulator)}/${emulator.redirectRuleset(zone)?.id}/rules`;
});
afterAll(() => emulator.close());

const zone = 'site-1.example';
const host = (name: string) => `http.host eq "${name}.site-1.example"`;
const refs = () => emulator.redirectRules(zone).map(({ ref }) => ref);
const idOf = (ref: string) => emulator.redirectRules(zone).find((rule) => rule.ref === ref)?.id ?? '';
const post = (fields: Record<string, unknown> = {}) =>
  send(emulator, `POST ${path}`, { body: redirecting(host('d'), { ref: 'd', ...fields }) });
const patch = (ref: string, body: unknown) => send(emulator, `PATCH ${path}/${idOf(ref)}`, { body });

describe('adding', () => {
  test('answers with the whole ruleset in its next version, the rule last', async () => {
    emulator.removeRedirectRule(zone, idOf('a'));
    emulator.removeRedirectRule(zone, idOf('b'));
    emulator.removeRedirectRule(zone, idOf('c'));
    const before = Number(emulator.redirectRuleset(zone)?.version);
    const reply = await post();
    expectLikeFixture(reply, 'ruleset');
    expect(reply.body.result.version).toBe(String(before + 1));
    expect(reply.body.result.rules[0]).toMatchObject({ version: '1', enabled: true, ref: 'd' });
  });

  test.each([
    [undefined, ['a', 'b', 'c', 'd']],
    [{ before: '' }, ['d', 'a', 'b', 'c']],
    [{ after: '' }, ['a', 'b', 'c', 'd']],
    [{ index: 1 }, ['d', 'a', 'b', 'c']],
    [{ index: 3 }, ['a', 'b', 'd', 'c']],
    [{ index: 4 }, ['a', 'b', 'c', 'd']],
    [{ before: 'c' }, ['a', 'b', 'd', 'c']],
    [{ after: 'a' }, ['a', 'd', 'b', 'c']],
  ])('at %j gives %j', async (position, order) => {
    const named = Object.fromEntries(
      Object.entries(position ?? {}).map(([kind, value]) => [
        kind,
        typeof value === 'string' && value !== '' ? idOf(value) : value,
      ]),
    );
    const reply = await post(position === undefined ? {} : { position: named });
    expect(reply.status).toBe(200);
    expect(refs()).toEqual(order);
  });

  test.each([
    {},
    { index: 0 },
    { index: 5 },
    { index: '1' },
    { index: 1, before: '' },
    { before: '0'.repeat(32) },
    { at: 1 },
  ])('at %j is refused', async (position) => {
    const reply = await post({ position });
    expect([reply.status, reply.body.errors[0].source]).toEqual([400, { pointer: '/position' }]);
    expect(refs()).toEqual(['a', 'b', 'c']);
  });

  test('a ref that another rule has is refused', async () => {
    const reply = await post({ ref: 'a' });
    expect([reply.status, reply.body.errors[0].source]).toEqual([400, { pointer: '/ref' }]);
  });

  test('is refused at the quota, and disabled rules count', async () => {
    for (let n = 0; n < 7; n += 1) {
      const seed = { expression: 'true', redirectTo: 'https://x.example/', enabled: false };
      emulator.addRedirectRule(zone, seed);
    }
    expectFixture(await post(), 'redirect-quota');
    emulator.setZone(zone, { redirectRuleQuota: 11 });
    expect((await post()).status).toBe(200);
  });
});

describe('validation', () => {
  const value = (fields: Record<string, unknown>) => ({
    action_parameters: {
      from_value: { target_url: { value: 'https://x.example/' }, status_code: 302, ...fields },
    },
  });
  const target = (target_url: unknown) => value({ target_url });

  test('a blank and a broken expression', async () => {
    expectFixture(await post({ expression: '' }), 'blank-expression');
    expectFixture(await post({ expression: undefined }), 'blank-expression');
    expectFixture(await post({ expression: 'URI Path contains /' }), 'invalid-expression');
  });

  test.each([
    ['an unknown field', { colour: 'red' }, undefined],
    ['an unknown field of the redirect', value({ colour: 'red' }), undefined],
    ['another action', { action: 'block' }, '/action'],
    ['no action', { action: undefined }, '/action'],
    ['an expression that is too long', { expression: `true${' '.repeat(4_096)}` }, '/expression'],
    ['an expression that is no text', { expression: 7 }, '/expression'],
    ['a relative target', target({ value: '/down' }), '/action_parameters/from_value/target_url'],
    ['two targets', target({ value: 'https://x.example/', expression: 'http.host' }), undefined],
    ['no target', target(undefined), '/action_parameters/from_value/target_url'],
    ['a broken target', target({ expression: 'concat(' }), undefined],
    ['a status that is no redirect', value({ status_code: 503 }), undefined],
    ['a query option that is no boolean', value({ preserve_query_string: 1 }), undefined],
    ['enabled that is no boolean', { enabled: 'yes' }, '/enabled'],
    ['an empty ref', { ref: '' }, '/ref'],
    ['a description that is too long', { description: 'ä'.repeat(2_049) }, '/description'],
  ])('%s is refused', async (_name, fields, pointer) => {
    const reply = await post(fields);
    expect(reply.status).toBe(400);
    expect(reply.body).toMatchObject({ success: false, result: null, messages: null });
    if (pointer !== undefined) expect(reply.body.errors[0].source).toEqual({ pointer });
    expect(refs()).toEqual(['a', 'b', 'c']);
  });

  test.each([
    ['free', 'http.host matches "a"', 400],
    ['pro', 'http.host matches "a"', 400],
    ['business', 'http.host matches "a"', 200],
    ['free', 'http.request.cookies["a"][0] eq "b"', 400],
    ['pro', 'http.request.cookies["a"][0] eq "b"', 200],
  ] as const)('on %s %s is a %d', async (plan, expression, status) => {
    emulator.setZone(zone, { plan });
    const reply = await post({ expression });
    expect(reply.status).toBe(status);
    if (status === 400) expect(reply.body.errors[0]).toMatchObject({ code: 50002 });
  });

  test.each([301, 302, 303, 307, 308])('%d is a redirect', async (status_code) => {
    expect((await post(value({ status_code }))).status).toBe(200);
  });

  test('a rule as it was read may be sent back', async () => {
    const { result } = (await send(emulator, `GET ${path.replace(/\/rules$/, '')}`)).body;
    const reply = await patch('b', result.rules[1]);
    expect(reply.status).toBe(200);
    expect(reply.body.result.rules).toEqual(result.rules);
  });
});

describe('changing', () => {
  test('replaces the definition: what is not sent is gone', async () => {
    clock.advance(1);
    const reply = await patch('b', {
      action: 'redirect',
      action_parameters: { from_value: { target_url: { value: 'https://y.example/' } } },
      expression: host('b2'),
      ref: 'b',
    });
    const [, changed] = reply.body.result.rules;
    expect(changed).toMatchObject({ ref: 'b', version: '2', expression: host('b2'), enabled: true });
    expect(changed).not.toHaveProperty('description');
    expect(changed.last_updated).toBe(reply.body.result.last_updated);
    expect(refs()).toEqual(['a', 'b', 'c']);
  });

  test('of one field alone is refused', async () => {
    expectFixture(await patch('b', { enabled: false }), 'blank-expression');
    const { action_parameters } = redirecting(host('b'));
    const codes = (await patch('b', { action_parameters })).body.errors;
    expect(codes[0].message).toBe('action is required for action parameters');
    expect(codes[1].code).toBe(20125);
  });

  test('a position alone moves the rule, whose version stays', async () => {
    const before = emulator.redirectRuleset(zone);
    const reply = await patch('c', { position: { before: '' } });
    expect(refs()).toEqual(['c', 'a', 'b']);
    expect(reply.body.result.rules[0].version).toBe('1');
    expect(reply.body.result.version).toBe(String(Number(before?.version) + 1));
    await patch('c', { position: { index: 2 } });
    await patch('a', { position: { after: idOf('b') } });
    expect(refs()).toEqual(['c', 'b', 'a']);
  });

  test('definition and position go together', async () => {
    await patch('c', redirecting(host('c2'), { ref: 'c', position: { index: 1 } }));
    expect(emulator.redirectRules(zone)[0]).toMatchObject({ ref: 'c', expression: host('c2') });
  });

  test('a ref of another rule is refused, its own is not', async () => {
    expect((await patch('b', redirecting(host('b'), { ref: 'a' }))).status).toBe(400);
    expect((await patch('b', redirecting(host('b'), { ref: 'b' }))).status).toBe(200);
  });
});

describe('deleting', () => {
  test('answers with the ruleset that is left, and with 404 the second time', async () => {
    const gone = idOf('b');
    const reply = await send(emulator, `DELETE ${path}/${gone}`);
    expect(reply.body.result.rules.map(({ ref }: { ref: string }) => ref)).toEqual(['a', 'c']);
    const again = await send(emulator, `DELETE ${path}/${gone}`);
    expectLikeFixture(again, 'missing-entrypoint');
    expect(again.body.errors[0].message).toContain(gone);
  });

  test('of the last rule leaves an empty ruleset', async () => {
    for (const ref of refs()) await send(emulator, `DELETE ${path}/${idOf(ref)}`);
    const reply = await send(emulator, `GET ${path.replace(/\/rules$/, '')}`);
    expect(reply.body.result.rules).toEqual([]);
  });
});
