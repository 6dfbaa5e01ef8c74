import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Emulator, startEmulator } from '../../src/emulator/index.ts';
import {
  type ApiResponse,
  createClock,
  expectFixture,
  expectLikeFixture,
  forwarding,
  rulesPath,
  send,
} from './client.ts';

const clock = createClock();
let emulator: Emulator;

beforeAll(async () => {
  emulator = await startEmulator({ zones: 2, now: clock.now });
});
beforeEach(() => emulator.reset());
afterAll(() => emulator.close());

const unknownToken = `cfut_${'x'.repeat(40)}`;
const withoutToken = { headers: { authorization: '' } };

async function sendBare(path: string, headers: Record<string, string> = {}): Promise<ApiResponse> {
  const response = await fetch(emulator.api + path, { headers });
  return { status: response.status, headers: response.headers, body: await response.json() };
}

describe('verifying a token', () => {
  test('a good user token is active', async () => {
    expectLikeFixture(await send(emulator, 'GET /user/tokens/verify'), 'token-verified');
  });

  test('an unknown token is 401 with code 1000', async () => {
    const reply = await send(emulator, 'GET /user/tokens/verify', { token: unknownToken });
    expectFixture(reply, 'invalid-api-token');
  });

  test('an account-owned token is refused on the user endpoint and good on its own', async () => {
    const token = emulator.addToken({ kind: 'account' });
    const account = emulator.zone('site-1.example').account.id;
    expect(token).toMatch(/^cfat_[0-9a-f]{40}$/);
    expectFixture(await send(emulator, 'GET /user/tokens/verify', { token }), 'invalid-api-token');
    const own = await send(emulator, `GET /accounts/${account}/tokens/verify`, { token });
    expectLikeFixture(own, 'token-verified');
  });

  test('a user token and a foreign account are refused on the account endpoint', async () => {
    const account = emulator.zone('site-1.example').account.id;
    const token = emulator.addToken({ kind: 'account' });
    const byUser = await send(emulator, `GET /accounts/${account}/tokens/verify`);
    const elsewhere = await send(emulator, `GET /accounts/${'0'.repeat(32)}/tokens/verify`, { token });
    expectFixture(byUser, 'invalid-api-token');
    expectFixture(elsewhere, 'invalid-api-token');
  });

  test('a disabled token says so, and opens nothing', async () => {
    const token = emulator.addToken({ status: 'disabled' });
    const verified = await send(emulator, 'GET /user/tokens/verify', { token });
    expect(verified.body.result.status).toBe('disabled');
    expectFixture(await send(emulator, 'GET /zones', { token }), 'invalid-access-token');
    expectFixture(await send(emulator, `GET ${rulesPath(emulator)}`, { token }), 'authentication-error');
  });

  test('a token expires by the clock and shows its times', async () => {
    const expiresOn = new Date(clock.now() + 60_000).toISOString();
    const token = emulator.addToken({ expiresOn, notBefore: '2026-01-01T00:00:00Z' });
    const before = await send(emulator, 'GET /user/tokens/verify', { token });
    clock.advance(61);
    const after = await send(emulator, 'GET /user/tokens/verify', { token });
    expect(before.body.result).toMatchObject({ status: 'active', expires_on: expiresOn });
    expect(before.body.result.not_before).toBe('2026-01-01T00:00:00Z');
    expect(after.body.result.status).toBe('expired');
  });
});

describe('the order of refusals', () => {
  test('a malformed id comes before a missing header', async () => {
    expect((await sendBare('/zones/asdf')).status).toBe(404);
    expectFixture(await sendBare('/zones'), 'missing-authorization');
    expectFixture(await send(emulator, 'GET /zones', withoutToken), 'malformed-authorization');
  });

  test.each([
    'Bearer',
    'Bearer short',
    'Basic abcdefghijklmnopqrstuvwxyz',
    'Bearer with spaces in it, twenty long',
  ])('a header like "%s" is malformed', async (authorization) => {
    const reply = await sendBare('/zones', { authorization });
    expectFixture(reply, 'malformed-authorization');
  });

  test.each([
    [{ 'x-auth-email': 'nobody', 'x-auth-key': 'f'.repeat(37) }, 6102],
    [{ 'x-auth-email': 'a@b.example', 'x-auth-key': 'short' }, 6103],
  ])('a malformed global key pair %j is 6003 with %d in the chain', async (headers, code) => {
    const reply = await sendBare('/zones', headers);
    expect(reply.status).toBe(400);
    expect(reply.body.errors[0].error_chain[0].code).toBe(code);
  });

  test('a global key is never good', async () => {
    const headers = { 'x-auth-email': 'a@b.example', 'x-auth-key': 'f'.repeat(37) };
    expectFixture(await sendBare('/zones', headers), 'invalid-access-token');
  });

  test('an unknown token is refused in the way of each endpoint', async () => {
    const token = unknownToken;
    expectFixture(await send(emulator, 'GET /zones', { token }), 'invalid-access-token');
    expectFixture(await send(emulator, `GET ${rulesPath(emulator)}`, { token }), 'authentication-error');
  });

  test('an account-owned token is refused by page rules on every method, before anything else is looked at', async () => {
    const token = emulator.addToken({ kind: 'account', permissions: [] });
    const path = rulesPath(emulator);
    expectFixture(await send(emulator, `GET ${path}`, { token }), 'account-token');
    expectFixture(await send(emulator, `POST ${path}`, { token, body: {} }), 'account-token');
    expectFixture(await send(emulator, `DELETE ${path}/${'0'.repeat(32)}`, { token }), 'account-token');
  });

  test('a zone that is not active is refused after the permission and before the rule', async () => {
    emulator.setZone('site-1.example', { status: 'pending' });
    const path = `${rulesPath(emulator)}/${'0'.repeat(32)}`;
    const token = emulator.addToken({ permissions: ['Zone Read'] });
    expectFixture(await send(emulator, `GET ${path}`), 'invalid-zone');
    expectFixture(await send(emulator, `DELETE ${path}`, { token }), 'unauthorized');
  });

  test('an unknown rule comes before an invalid body, an invalid body before the duplicate, that before the quota', async () => {
    const path = rulesPath(emulator);
    for (const name of ['a', 'b', 'c'])
      emulator.addRule('site-1.example', {
        pattern: `${name}.site-1.example/*`,
        forwardTo: 'https://x.example/',
      });
    const status = 'nonsense';
    const unknown = await send(emulator, `PUT ${path}/${'0'.repeat(32)}`, { body: {} });
    const invalid = await send(emulator, `POST ${path}`, {
      body: forwarding('a.site-1.example/*', { status }),
    });
    const duplicate = await send(emulator, `POST ${path}`, { body: forwarding('a.site-1.example/*') });
    const full = await send(emulator, `POST ${path}`, { body: forwarding('d.site-1.example/*') });
    expectFixture(unknown, 'unknown-page-rule');
    expectFixture(invalid, 'invalid-status');
    expectFixture(duplicate, 'duplicate-pattern');
    expectFixture(full, 'quota');
  });
});

describe('permissions and scope', () => {
  test.each(['Page Rules Read', 'Page Rules Write', 'Zone Read', 'Zone Write'] as const)(
    '%s lets page rules be listed',
    async (permission) => {
      const token = emulator.addToken({ permissions: [permission] });
      expect((await send(emulator, `GET ${rulesPath(emulator)}`, { token })).status).toBe(200);
    },
  );

  test.each([
    ['Page Rules Read', 403],
    ['Zone Read', 403],
    ['Page Rules Write', 200],
    ['Zone Write', 200],
  ] as const)('%s to create a rule gives %d', async (permission, status) => {
    const token = emulator.addToken({ permissions: [permission] });
    const reply = await send(emulator, `POST ${rulesPath(emulator)}`, {
      token,
      body: forwarding('site-1.example/*'),
    });
    expect(reply.status).toBe(status);
  });

  test('a zone outside the scope is refused and not listed', async () => {
    const token = emulator.addToken({ zones: ['site-2.example'] });
    const listed = await send(emulator, 'GET /zones', { token });
    expectFixture(await send(emulator, `GET ${rulesPath(emulator)}`, { token }), 'unauthorized');
    expect(listed.body.result.map((zone: { name: string }) => zone.name)).toEqual(['site-2.example']);
  });

  test('no zones in scope is an empty list, no right to list is a 403 with code 0', async () => {
    const empty = await send(emulator, 'GET /zones', { token: emulator.addToken({ zones: [] }) });
    const refused = await send(emulator, 'GET /zones', {
      token: emulator.addToken({ permissions: ['Page Rules Write'] }),
    });
    expect(empty.status).toBe(200);
    expect(empty.body.result).toEqual([]);
    expectLikeFixture(refused, 'zone-list-refused');
    expect(refused.body.errors[0].code).toBe(0);
  });

  test('an account-owned token sees the zones of its account only', async () => {
    const account = { id: 'a'.repeat(32), name: 'Another' };
    emulator.addZone({ name: 'other.example', account });
    const token = emulator.addToken({ kind: 'account', account: account.id });
    const listed = await send(emulator, 'GET /zones', { token });
    expect(listed.body.result.map((zone: { name: string }) => zone.name)).toEqual(['other.example']);
  });

  test('a token that is bound to other addresses cannot be used from here', async () => {
    const token = emulator.addToken({ allowedIps: ['203.0.113.7'] });
    expectFixture(await send(emulator, 'GET /zones', { token }), 'location');
    emulator.setToken(token, { allowedIps: ['127.0.0.1'] });
    expect((await send(emulator, 'GET /zones', { token })).status).toBe(200);
  });
});
