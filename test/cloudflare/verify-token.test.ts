import { expect, test } from 'vitest';
import { type Emulator, startEmulator, type TokenSeed } from '../../src/emulator/index.ts';
import { gateway, refusal, scriptedServer, success } from './scripted-server.ts';

const ACCOUNT = 'a'.repeat(32);
const zones = [{ name: 'site-1.example' }];

async function check(seed: TokenSeed, accountId?: string) {
  await using emulator = await startEmulator({ zones });
  return await verify(emulator, emulator.addToken(seed), accountId);
}

async function verify(emulator: Emulator, token: string, accountId?: string) {
  const outcome = await gateway(emulator.api, { token })
    .verifyToken(accountId === undefined ? {} : { accountId })
    .catch(({ code }: { code: string }) => code);
  return { outcome, paths: emulator.requests().map(({ path }) => path) };
}

test('a token of a user is verified with one call', async () => {
  const { outcome, paths } = await check({ kind: 'user' });

  expect(outcome).toMatchObject({
    status: 'active',
    kind: 'user',
    id: expect.stringMatching(/^[0-9a-f]{32}$/),
  });
  expect(paths).toEqual(['/user/tokens/verify']);
});

test.each(['disabled', 'expired'] as const)('a token that is %s is told, not thrown', async (status) => {
  expect((await check({ kind: 'user', status })).outcome).toMatchObject({ status, kind: 'user' });
});

test('an account-owned token is recognised by its prefix and verified at its account', async () => {
  const { outcome, paths } = await check({ kind: 'account', account: ACCOUNT }, ACCOUNT);

  expect(outcome).toMatchObject({ status: 'active', kind: 'account' });
  expect(paths).toEqual([`/accounts/${ACCOUNT}/tokens/verify`]);
});

test('without its account, an account-owned token works if it can list zones', async () => {
  const { outcome, paths } = await check({ kind: 'account', account: ACCOUNT });

  expect(outcome).toEqual({ status: 'active', kind: 'account' });
  expect(paths).toEqual(['/zones']);
});

test('an account-owned token of the old form is verified at the account after 401 at the user', async () => {
  const seed = { kind: 'account', account: ACCOUNT, value: 'x'.repeat(40) } as const;

  expect((await check(seed, ACCOUNT)).outcome).toMatchObject({ status: 'active', kind: 'account' });
  expect((await check(seed)).outcome).toEqual({ status: 'active', kind: 'unknown' });
});

test('a token that nobody has made is api_token_invalid', async () => {
  await using emulator = await startEmulator({ zones });

  expect((await verify(emulator, 'y'.repeat(40))).outcome).toBe('api_token_invalid');
  expect((await verify(emulator, `cfat_${'y'.repeat(48)}`)).outcome).toBe('api_token_invalid');
});

test.each([
  { status: 400, code: 6003, message: 'Invalid request headers' },
  { status: 403, code: 9109, message: 'Invalid access token' },
])('a token refused with $status is not asked about elsewhere', async ({ status, code, message }) => {
  await using server = await scriptedServer(refusal(status, code, message), success([]));

  await expect(gateway(server.baseUrl).verifyToken()).rejects.toMatchObject({ code: 'api_token_invalid' });
  expect(server.log()).toEqual(['GET /user/tokens/verify']);
});
