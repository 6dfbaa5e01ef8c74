import { describe, expect, test } from 'vitest';
import type { RedirectRuleFields, RedirectRuleset } from '../../src/cloudflare/types.ts';
import { type EmulatorOptions, startEmulator } from '../../src/emulator/index.ts';
import { failureOf } from '../support/workplace.ts';
import { gateway } from './scripted-server.ts';

const SITE = 'site-1.example';
const FIRST = { before: '' };

function ruleFor(host: string, ref = `test:${host}`): RedirectRuleFields {
  const from = { target_url: { value: 'https://down.example.net/' }, status_code: 302 };
  return {
    action: 'redirect',
    actionParameters: { from_value: { ...from, preserve_query_string: false } },
    expression: `(lower(http.host) eq "${host}")`,
    description: `maintenance: ${host}`,
    ref,
    enabled: true,
  };
}

async function scene({ maxRetries = 0, ...options }: EmulatorOptions & { maxRetries?: number } = {}) {
  const emulator = await startEmulator({ zones: 1, rateLimit: false, ...options });
  const client = gateway(emulator.api, { token: emulator.token, maxRetries });
  const { id: zoneId } = emulator.zone(SITE);
  return {
    emulator,
    client,
    zoneId,
    rules: client.redirectRules,
    /** What the emulator was asked, as `METHOD status`. */
    log: () => emulator.requests().map(({ method, status }) => `${method} ${status}`),
    refs: () => emulator.redirectRules(SITE).map(({ ref }) => ref),
    /** Makes the ruleset with one rule, and forgets that it was asked for. */
    async seeded(): Promise<RedirectRuleset> {
      const ruleset = await client.redirectRules.createRuleset(zoneId, ruleFor('first.example'));
      emulator.clearRequests();
      return ruleset;
    },
    [Symbol.asyncDispose]: () => emulator.close(),
  };
}

describe('reading', () => {
  test.each([10003, 10001] as const)(
    'a zone without a ruleset has none, told by %i',
    async (missingRulesetCode) => {
      await using at = await scene({ switches: { missingRulesetCode } });
      expect(await at.rules.read(at.zoneId)).toBeUndefined();
      expect(at.log()).toEqual(['GET 404']);
    },
  );

  test('a ruleset that was emptied is there, without rules', async () => {
    await using at = await scene();
    const { id, rules } = await at.seeded();
    at.emulator.removeRedirectRule(SITE, rules[0]?.id ?? '');
    expect(await at.rules.read(at.zoneId)).toEqual({ id, rules: [] });
  });

  test('rules come in the order in which they are tried, whole', async () => {
    await using at = await scene();
    const { id } = await at.seeded();
    await at.rules.add(at.zoneId, id, ruleFor('second.example'), FIRST);
    const read = await at.rules.read(at.zoneId);
    expect(read?.rules.map(({ ref }) => ref)).toEqual(['test:second.example', 'test:first.example']);
    expect(read?.rules[0]).toMatchObject({ ...ruleFor('second.example'), raw: { version: '1' } });
  });

  test('in a zone that nobody has is not the same as having no ruleset', async () => {
    await using at = await scene();
    at.emulator.removeZone(SITE);
    expect((await failureOf(at.rules.read(at.zoneId), 'not_found')).details).toMatchObject({ what: 'route' });
  });

  test('without the permission is refused, naming it', async () => {
    await using at = await scene();
    at.emulator.setToken(at.emulator.token, { permissions: ['Zone Read', 'Page Rules Write'] });
    const { hint } = await failureOf(at.rules.read(at.zoneId), 'api_permission_denied');
    expect(hint).toContain('Dynamic URL Redirects Write');
  });
});

describe('writing', () => {
  test('the first rule makes the ruleset, the next ones go where they shall, and the others stay', async () => {
    await using at = await scene();
    const made = await at.rules.createRuleset(at.zoneId, ruleFor('a.example'));
    await at.rules.add(at.zoneId, made.id, ruleFor('b.example'), undefined);
    const { rules } = await at.rules.add(at.zoneId, made.id, ruleFor('c.example'), FIRST);
    expect(rules.map(({ ref }) => ref)).toEqual(['test:c.example', 'test:a.example', 'test:b.example']);
    const [, a] = rules;
    await at.rules.change(at.zoneId, made.id, a?.id ?? '', { ...ruleFor('d.example'), enabled: false });
    expect(at.emulator.redirectRules(SITE)[1]).toMatchObject({
      id: a?.id,
      ref: 'test:d.example',
      enabled: false,
    });
    const left = await at.rules.delete(at.zoneId, made.id, a?.id ?? '');
    expect(left.rules.map(({ ref }) => ref)).toEqual(at.refs());
    expect(at.refs()).toEqual(['test:c.example', 'test:b.example']);
    expect(at.log()).toEqual(
      Array(5)
        .fill(0)
        .map((_, n) => `${['POST', 'POST', 'POST', 'PATCH', 'DELETE'][n]} 200`),
    );
  });

  test('by the id of a ruleset that is gone is not_found of a ruleset, and nothing is made', async () => {
    await using at = await scene();
    const { id, rules } = await at.seeded();
    at.emulator.removeRedirectRuleset(SITE);
    const calls = [
      () => at.rules.add(at.zoneId, id, ruleFor('b.example'), FIRST),
      () => at.rules.change(at.zoneId, id, rules[0]?.id ?? '', ruleFor('b.example')),
      () => at.rules.delete(at.zoneId, id, rules[0]?.id ?? ''),
    ];
    for (const call of calls) {
      expect((await failureOf(call(), 'not_found')).details).toMatchObject({ what: 'ruleset' });
    }
    expect(at.emulator.redirectRules(SITE)).toEqual([]);
  });

  test('a second ruleset is a conflict that says what is there already', async () => {
    await using at = await scene();
    await at.seeded();
    const error = await failureOf(at.rules.createRuleset(at.zoneId, ruleFor('b.example')), 'rule_conflict');
    expect(error.details).toMatchObject({ reason: 'ruleset_exists' });
    expect(at.refs()).toEqual(['test:first.example']);
  });

  test('above the quota is quota_exceeded, also when some rules are switched off', async () => {
    await using at = await scene();
    const { id } = await at.seeded();
    for (let n = 2; n <= 10; n += 1) {
      const redirectTo = 'https://else.example.net/';
      at.emulator.addRedirectRule(SITE, { expression: 'true', redirectTo, enabled: n % 2 === 0 });
    }
    const error = await failureOf(at.rules.add(at.zoneId, id, ruleFor('b.example'), FIRST), 'quota_exceeded');
    expect(error.details).toMatchObject({ status: 400, codes: [50001], quota: 10 });
    expect(at.emulator.redirectRules(SITE)).toHaveLength(10);
  });

  test('what the plan does not include is said so', async () => {
    await using at = await scene();
    const { id } = await at.seeded();
    const regular = { ...ruleFor('b.example'), expression: 'http.host matches "^b"' };
    const error = await failureOf(at.rules.add(at.zoneId, id, regular, FIRST), 'api_rejected');
    expect(error.details).toMatchObject({ reason: 'not_entitled' });
    expect(at.refs()).toEqual(['test:first.example']);
  });
});

describe('a reply that is lost', () => {
  test('after a rule was added: what is there is found, and not added twice', async () => {
    await using at = await scene({ maxRetries: 2 });
    const { id } = await at.seeded();
    at.emulator.addFault({ kind: 'dropReply', method: 'POST', times: 1 });
    const findExisting = async () => {
      const ruleset = await at.rules.read(at.zoneId);
      return ruleset?.rules.some(({ ref }) => ref === 'test:b.example') ? ruleset : undefined;
    };
    const { rules } = await at.rules.add(at.zoneId, id, ruleFor('b.example'), FIRST, { findExisting });
    expect(rules.map(({ ref }) => ref)).toEqual(['test:b.example', 'test:first.example']);
    expect(at.emulator.requests().map(({ method }) => method)).toEqual(['POST', 'GET']);
  });

  test('after the ruleset was made, without a way to look: uncertain, and not sent again', async () => {
    await using at = await scene({ maxRetries: 2 });
    at.emulator.addFault({ kind: 'dropReply', method: 'POST', times: 1 });
    const error = await failureOf(at.rules.createRuleset(at.zoneId, ruleFor('b.example')), 'api_unavailable');
    expect(error.details).toMatchObject({ uncertain: true });
    expect(at.refs()).toEqual(['test:b.example']);
  });

  test('after a rule was changed: the change is sent again and ends as wanted', async () => {
    await using at = await scene({ maxRetries: 2 });
    const { id, rules } = await at.seeded();
    at.emulator.addFault({ kind: 'dropReply', method: 'PATCH', times: 1 });
    await at.rules.change(at.zoneId, id, rules[0]?.id ?? '', ruleFor('b.example'));
    expect(at.refs()).toEqual(['test:b.example']);
    expect(at.emulator.requests().map(({ method }) => method)).toEqual(['PATCH', 'PATCH']);
  });

  test('after a rule was deleted: it is not found the second time, which the engine takes for done', async () => {
    await using at = await scene({ maxRetries: 2 });
    const { id, rules } = await at.seeded();
    at.emulator.addFault({ kind: 'dropReply', method: 'DELETE', times: 1 });
    const error = await failureOf(at.rules.delete(at.zoneId, id, rules[0]?.id ?? ''), 'not_found');
    expect(error.details).toMatchObject({ what: 'ruleset' });
    expect(at.refs()).toEqual([]);
  });
});
