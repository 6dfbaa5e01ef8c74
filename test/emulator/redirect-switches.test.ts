import { request } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Emulator, startEmulator } from '../../src/emulator/index.ts';
import { redirecting, redirectPhase, rulesetsPath, send } from './client.ts';

let emulator: Emulator;
let entrypoint: string;

beforeAll(async () => {
  emulator = await startEmulator({ zones: 1 });
});
beforeEach(async () => {
  await emulator.reset();
  entrypoint = `${rulesetsPath(emulator)}/phases/${redirectPhase}/entrypoint`;
});
afterAll(() => emulator.close());

const zone = 'site-1.example';
const put = (...rules: unknown[]) => send(emulator, `PUT ${entrypoint}`, { body: { rules } });
const read = () => send(emulator, `GET ${entrypoint}`);
const visit = (url = 'https://site-1.example/', from = '203.0.113.9') => emulator.visit(url, { from });

/** Status for a host as it is written: a URL would have it in lower case. */
function visitAs(host: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const outgoing = request(emulator.edge, { headers: { host } }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    outgoing.once('error', reject);
    outgoing.end();
  });
}

describe('missingRulesetCode', () => {
  test.each([10003, 10001] as const)('%d', async (missingRulesetCode) => {
    emulator.setSwitches({ missingRulesetCode });
    const unknown = await send(emulator, `GET ${rulesetsPath(emulator)}/${'0'.repeat(32)}`);
    for (const reply of [await read(), unknown]) {
      expect([reply.status, reply.body.errors[0].code]).toEqual([404, missingRulesetCode]);
    }
  });
});

describe('expressionErrorCode', () => {
  test.each([20127, 20125] as const)('%d', async (expressionErrorCode) => {
    emulator.setSwitches({ expressionErrorCode });
    expect((await put(redirecting('http.host eq'))).body.errors[0].code).toBe(expressionErrorCode);
  });
});

describe('redirectsUnauthorized', () => {
  test.each([
    ['authentication', { code: 10000, message: 'Authentication error' }],
    ['notAuthorized', { code: 0, message: 'request is not authorized' }],
  ] as const)('%s', async (redirectsUnauthorized, error) => {
    emulator.setSwitches({ redirectsUnauthorized });
    const token = emulator.addToken({ permissions: ['Page Rules Write'] });
    const reply = await send(emulator, `GET ${entrypoint}`, { token });
    expect([reply.status, reply.body.errors]).toEqual([403, [error]]);
  });
});

describe('nullRulesetMessages', () => {
  test.each([
    [true, null],
    [false, []],
  ] as const)('%s', async (nullRulesetMessages, messages) => {
    emulator.setSwitches({ nullRulesetMessages });
    expect((await read()).body.messages).toEqual(messages);
  });
});

describe('emptyRules', () => {
  test.each([
    ['list', []],
    ['absent', undefined],
  ] as const)('%s', async (emptyRules, rules) => {
    emulator.setSwitches({ emptyRules });
    await put();
    expect((await read()).body.result.rules).toEqual(rules);
  });
});

describe('redirectDefaults', () => {
  const target_url = { value: 'https://x.example/' };

  test.each([
    ['asSent', { target_url }, { target_url }],
    ['asSent', { target_url, status_code: 301 }, { target_url, status_code: 301 }],
    ['filled', { target_url }, { target_url, status_code: 301, preserve_query_string: false }],
    [
      'filled',
      { target_url, status_code: 302 },
      { target_url, status_code: 302, preserve_query_string: false },
    ],
    ['omitted', { target_url, status_code: 301, preserve_query_string: false }, { target_url }],
    [
      'omitted',
      { target_url, status_code: 302, preserve_query_string: false },
      { target_url, status_code: 302 },
    ],
  ] as const)('%s shows %j as %j', async (redirectDefaults, from_value, shown) => {
    emulator.setSwitches({ redirectDefaults });
    const { result } = (await put(redirecting('true', { action_parameters: { from_value } }))).body;
    expect(result.rules[0].action_parameters.from_value).toEqual(shown);
  });
});

describe('patchWithoutRef', () => {
  test.each([
    ['reset', false],
    ['keep', true],
  ] as const)('%s', async (patchWithoutRef, kept) => {
    emulator.setSwitches({ patchWithoutRef });
    const { result } = (await put(redirecting('true', { ref: 'mine' }))).body;
    const [rule] = result.rules;
    const path = `${rulesetsPath(emulator)}/${result.id}/rules/${rule.id}`;
    const patched = await send(emulator, `PATCH ${path}`, { body: redirecting('ssl') });
    expect(patched.body.result.rules[0].ref).toBe(kept ? 'mine' : rule.id);
  });
});

describe('putWithoutRuleIds', () => {
  test.each([
    ['recreate', false],
    ['keep', true],
  ] as const)('%s', async (putWithoutRuleIds, kept) => {
    emulator.setSwitches({ putWithoutRuleIds });
    const before = (await put(redirecting('true'))).body.result.rules[0];
    const after = (await put(redirecting('ssl'))).body.result.rules[0];
    expect(after.id === before.id).toBe(kept);
  });
});

describe('cidrHostBits', () => {
  test.each([
    ['refuse', 400, 200],
    ['accept', 200, 302],
  ] as const)('%s', async (cidrHostBits, status, visited) => {
    emulator.setSwitches({ cidrHostBits });
    const reply = await put(redirecting('ip.src in {203.0.113.7/24}'));
    expect(reply.status).toBe(status);
    expect((await visit()).status).toBe(visited);
  });
});

describe('hostCase', () => {
  test.each([
    ['asSent', 200],
    ['lower', 302],
  ] as const)('%s', async (hostCase, status) => {
    emulator.setSwitches({ hostCase });
    emulator.addRedirectRule(zone, {
      expression: 'http.host eq "site-1.example"',
      redirectTo: 'https://x.example/',
      statusCode: 302,
    });
    expect(await visitAs('SITE-1.example')).toBe(status);
    expect(await visitAs('site-1.example')).toBe(302);
  });
});
