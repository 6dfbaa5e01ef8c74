import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Emulator, startEmulator } from '../../src/emulator/index.ts';
import { fc } from '../support/property.ts';
import {
  createClock,
  expectFixture,
  expectLikeFixture,
  redirecting,
  redirectPhase,
  rulesetsPath,
  send,
} from './client.ts';

const clock = createClock();
let emulator: Emulator;
let path: string;
let entrypoint: string;

beforeAll(async () => {
  emulator = await startEmulator({ zones: 2, now: clock.now, rateLimit: false });
});
beforeEach(async () => {
  await emulator.reset();
  path = rulesetsPath(emulator);
  entrypoint = `${path}/phases/${redirectPhase}/entrypoint`;
});
afterAll(() => emulator.close());

const zone = 'site-1.example';
const whole = { name: 'default', kind: 'zone', phase: redirectPhase };
const host = (name: string) => `http.host eq "${name}.site-1.example"`;
const expressions = () => emulator.redirectRules(zone).map(({ expression }) => expression);

async function create(...names: string[]) {
  const rules = names.map((name) => redirecting(host(name)));
  const reply = await send(emulator, `POST ${path}`, { body: { ...whole, rules } });
  expect(reply.status).toBe(200);
  return reply.body.result;
}

describe('the entry point', () => {
  test('is a 404 until there is a ruleset', async () => {
    expectFixture(await send(emulator, `GET ${entrypoint}`), 'missing-entrypoint');
    expect((await send(emulator, `GET ${path}`)).body.result).toEqual([]);
  });

  test('is the ruleset of the phase, shaped as documented', async () => {
    const made = await create('a');
    const reply = await send(emulator, `GET ${entrypoint}`);
    expectLikeFixture(reply, 'ruleset');
    expect(reply.body.result).toEqual(made);
    expect(made).toMatchObject({ version: '1', last_updated: '2026-06-01T12:00:00.000000Z' });
    expect(made.rules[0].ref).toBe(made.rules[0].id);
  });

  test('is made by a PUT, and a second PUT replaces every rule', async () => {
    const first = await send(emulator, `PUT ${entrypoint}`, { body: { rules: [redirecting(host('a'))] } });
    const rules = [redirecting(host('b')), redirecting(host('c'))];
    const second = await send(emulator, `PUT ${entrypoint}`, { body: { rules, description: 'mine' } });
    expectLikeFixture(first, 'ruleset');
    expect(first.body.result).toMatchObject({ name: 'default', version: '1' });
    expect(second.body.result).toMatchObject({ id: first.body.result.id, version: '2', description: 'mine' });
    expect(expressions()).toEqual([host('b'), host('c')]);
  });

  test('takes no kind', async () => {
    const reply = await send(emulator, `PUT ${entrypoint}`, { body: { rules: [], kind: 'zone' } });
    expectFixture(reply, 'unknown-field');
  });

  test('of another phase is not emulated', async () => {
    const reply = await send(emulator, `GET ${path}/phases/http_ratelimit/entrypoint`);
    expect(reply.status).toBe(404);
    expect(emulator.requests({ unknown: true })).toHaveLength(1);
  });
});

describe('a ruleset', () => {
  test('is listed without its rules and read with them', async () => {
    const made = await create('a');
    expectLikeFixture(await send(emulator, `GET ${path}`), 'ruleset-list');
    expect((await send(emulator, `GET ${path}/${made.id}`)).body.result).toEqual(made);
  });

  test('cannot be made twice, even when it is empty', async () => {
    await create('a');
    emulator.removeRedirectRule(zone, emulator.redirectRules(zone)[0]?.id ?? '');
    const reply = await send(emulator, `POST ${path}`, { body: { ...whole, rules: [] } });
    expectFixture(reply, 'ruleset-exists');
  });

  test.each([
    ['another kind', { kind: 'root' }, 20004, '/kind'],
    ['another phase', { phase: 'http_ratelimit' }, 20000, '/phase'],
    ['no name', { name: undefined }, 20000, '/name'],
    ['a name that is no text', { name: 7 }, 20000, '/name'],
    ['a description that is no text', { description: {} }, 20000, '/description'],
    ['rules that are no list', { rules: {} }, 20000, '/rules'],
    ['a rule without an expression', { rules: [redirecting('')] }, 20125, '/rules/0/expression'],
  ])('with %s is refused', async (_name, fields, code, pointer) => {
    const reply = await send(emulator, `POST ${path}`, { body: { ...whole, ...fields } });
    expect(reply.status).toBe(400);
    expect(reply.body.errors[0]).toMatchObject({ code, source: { pointer } });
    expect(emulator.redirectRuleset(zone)).toBeUndefined();
  });

  test('is replaced by PUT: rules named by id or ref keep their ids, others are made anew', async () => {
    const made = await create('a', 'b', 'c');
    const [a, b] = made.rules;
    const named = { ...redirecting(host('b2')), ref: b.ref };
    const rules = [named, a, redirecting(host('c'))];
    clock.advance(1);
    const { result } = (await send(emulator, `PUT ${path}/${made.id}`, { body: { ...whole, rules } })).body;
    expect(result.version).toBe('2');
    expect(result.rules[0]).toMatchObject({ id: b.id, version: '2', expression: host('b2') });
    expect(result.rules[1]).toEqual(a);
    expect(made.rules.map(({ id }: { id: string }) => id)).not.toContain(result.rules[2].id);
  });

  test('is deleted with 204 and no body, and then unknown, as is the next one by the old id', async () => {
    const made = await create('a');
    const reply = await send(emulator, `DELETE ${path}/${made.id}`);
    expect([reply.status, reply.body]).toEqual([204, undefined]);
    expect(reply.headers.get('content-length')).toBeNull();
    const again = await create('a');
    expect(again.id).not.toBe(made.id);
    const stale = await send(emulator, `POST ${path}/${made.id}/rules`, { body: redirecting(host('b')) });
    expectLikeFixture(stale, 'missing-entrypoint');
    expect(stale.body.errors[0].message).toContain(made.id);
  });

  test('of another zone is unknown', async () => {
    const made = await create('a');
    const other = rulesetsPath(emulator, 'site-2.example');
    expect((await send(emulator, `GET ${other}/${made.id}`)).status).toBe(404);
  });

  test('with a malformed id cannot be routed to', async () => {
    expectLikeFixture(await send(emulator, `GET ${path}/asdf`), 'malformed-page-rule-id');
  });

  test('is refused as a whole above the quota of the plan', async () => {
    const rules = Array.from({ length: 11 }, (_, index) => redirecting(host(`h${index}`)));
    expectFixture(await send(emulator, `PUT ${entrypoint}`, { body: { rules } }), 'redirect-quota');
    expect(emulator.redirectRuleset(zone)).toBeUndefined();
    emulator.setZone(zone, { plan: 'pro' });
    expect((await send(emulator, `PUT ${entrypoint}`, { body: { rules } })).status).toBe(200);
    expect(emulator.zone(zone).redirectRuleQuota).toBe(25);
  });
});

describe('a dry run', () => {
  test('checks and saves nothing', async () => {
    const made = await create('a');
    const rulePath = `${path}/${made.id}/rules`;
    const good = await send(emulator, `POST ${rulePath}?dry_run=true`, { body: redirecting(host('b')) });
    const bad = await send(emulator, `POST ${rulePath}?dry_run=true`, { body: redirecting('') });
    const gone = await send(emulator, `DELETE ${path}/${made.id}?dry_run=true`);
    expect(good).toMatchObject({ status: 200, body: { result: null, success: true } });
    expect(gone).toMatchObject({ status: 200, body: { result: null } });
    expectFixture(bad, 'blank-expression');
    expect(emulator.redirectRuleset(zone)).toEqual(made);
    expect(emulator.requests({ write: true }).at(-1)?.changed).toBe(false);
  });

  test('is asked for by true and nothing else', async () => {
    const reply = await send(emulator, `PUT ${entrypoint}?dry_run=yes`, { body: { rules: [] } });
    expect(reply.status).toBe(400);
  });
});

describe('who may', () => {
  const read = (token: string) => send(emulator, `GET ${entrypoint}`, { token });
  const write = (token: string) => send(emulator, `PUT ${entrypoint}`, { token, body: { rules: [] } });

  test('an account-owned token, which page rules refuse', async () => {
    const token = emulator.addToken({ kind: 'account' });
    expect((await write(token)).status).toBe(200);
    expect((await read(token)).status).toBe(200);
    expect((await send(emulator, `GET ${path.replace('rulesets', 'pagerules')}`, { token })).status).toBe(
      400,
    );
  });

  test('reading and writing need their permission, those of page rules do not help', async () => {
    const reader = emulator.addToken({ permissions: ['Dynamic URL Redirects Read'] });
    const writer = emulator.addToken({ permissions: ['Dynamic URL Redirects Write'] });
    const other = emulator.addToken({ permissions: ['Zone Write', 'Page Rules Write'] });
    expect([(await write(writer)).status, (await read(writer)).status]).toEqual([200, 200]);
    expect([(await read(reader)).status, (await write(reader)).status]).toEqual([200, 403]);
    expectFixture(await read(other), 'authentication-error');
  });

  test('only in the zones of the token', async () => {
    const token = emulator.addToken({ zones: ['site-2.example'] });
    expectFixture(await read(token), 'authentication-error');
  });

  test('replies have the headers of the rate limit', async () => {
    await using limited = await startEmulator({ zones: 1 });
    const reply = await send(limited, `GET ${rulesetsPath(limited)}`);
    expect(reply.headers.get('ratelimit')).toContain('r=1199');
  });
});

test('a stale read shows the ruleset before the last write', async () => {
  await create('a');
  emulator.addFault({ kind: 'staleRead', path: 'rulesets' });
  expectFixture(await send(emulator, `GET ${entrypoint}`), 'missing-entrypoint');
});

test('faults and holds apply to rulesets as to page rules', async () => {
  const made = await create();
  emulator.addFault({ kind: 'dropReply', method: 'POST', path: '/rules$' });
  const rulePath = `${path}/${made.id}/rules`;
  await expect(send(emulator, `POST ${rulePath}`, { body: redirecting(host('a')) })).rejects.toThrow();
  expect(expressions()).toEqual([host('a')]);
  emulator.clearFaults();
  const hold = emulator.hold({ when: 'before', method: 'DELETE' });
  const held = send(emulator, `DELETE ${rulePath}/${emulator.redirectRules(zone)[0]?.id}`);
  await hold.reached;
  expect(expressions()).toEqual([host('a')]);
  await hold.release();
  expect((await held).body.result.rules).toEqual([]);
});

test('any body is taken or refused, never answered with nothing', async () => {
  const made = await create('a');
  const rule = fc.record(
    {
      action: fc.oneof(fc.constant('redirect'), fc.jsonValue()),
      expression: fc.oneof(fc.constantFrom('true', 'ssl', ''), fc.jsonValue()),
      ref: fc.jsonValue(),
      enabled: fc.jsonValue(),
      description: fc.jsonValue(),
      position: fc.oneof(fc.constant({ before: '' }), fc.jsonValue()),
      action_parameters: fc.oneof(
        fc.constant(redirecting('true').action_parameters),
        fc.record({ from_value: fc.record({ target_url: fc.jsonValue(), status_code: fc.jsonValue() }) }),
        fc.jsonValue(),
      ),
    },
    { requiredKeys: [] },
  );
  const request = fc.oneof(
    fc.tuple(fc.constant(`POST ${path}/${made.id}/rules`), fc.oneof(rule, fc.jsonValue())),
    fc.tuple(fc.constant(`PATCH ${path}/${made.id}/rules/${made.rules[0].id}`), rule),
    fc.tuple(
      fc.constant(`PUT ${path}/${made.id}`),
      fc.oneof(fc.record({ rules: fc.array(rule) }), fc.jsonValue()),
    ),
    fc.tuple(fc.constant(`POST ${path}`), fc.jsonValue()),
  );
  await fc.assert(
    fc.asyncProperty(request, async ([target, body]) => {
      const reply = await send(emulator, `${target}?dry_run=true`, { body: JSON.stringify(body) });
      expect([200, 400]).toContain(reply.status);
      expect(reply.body.success).toBe(reply.status === 200);
    }),
    { numRuns: 300 },
  );
});
