import { expect, test } from 'vitest';
import { openBareWorkplace } from '../bare-workplace.ts';

test('one key is told in full, by reads alone, and nothing is stored or changed', async () => {
  await using place = await openBareWorkplace();
  await place.addKey('main');
  place.emulator.clearRequests();
  const { status, stdout } = await place.cli(['api-key', 'verify', 'main']);
  expect([status, stdout.split('\n')[0]]).toEqual([0, 'main']);
  expect(stdout).toMatch(/Zones seen +3\n/);
  expect(new Set(place.emulator.requests().map(({ method }) => method))).toEqual(new Set(['GET']));
  expect(place.traces()).not.toContain(place.emulator.token);
});

test('a token that Cloudflare does not accept is exit status 4, and of several that only some are is 3', async () => {
  await using place = await openBareWorkplace();
  await place.addKey('main');
  const dead = place.emulator.addToken({});
  await place.addKey('dead', dead);
  const account = place.emulator.addToken({ kind: 'account' });
  await place.addKey('account', account);
  place.emulator.setToken(dead, { status: 'disabled' });
  const one = await place.json(['api-key', 'verify', 'dead']);
  expect([one.status, one.document.error?.code]).toEqual([4, 'api_token_invalid']);
  const all = await place.json(['api-key', 'verify']);
  expect([all.status, all.document.error]).toEqual([3, null]);
  expect(all.document.summary).toEqual({ total: 3, good: 2, failed: 1 });
  expect(all.document.results).toMatchObject([
    {
      name: 'account',
      token: { kind: 'account', canReadPageRules: 'no', canReadRedirectRules: 'yes' },
      error: null,
    },
    { name: 'dead', token: null, error: { code: 'api_token_invalid' } },
    { name: 'main', token: { kind: 'user', zones: 3, canReadPageRules: 'yes' }, error: null },
  ]);
  expect(all.document.warnings).toEqual([
    { code: 'account_token', message: expect.stringMatching(/^account: The token belongs to an account/) },
  ]);
  const { stdout, stderr } = await place.cli(['api-key', 'verify']);
  expect(stdout.split('\n').map((line) => line.trimEnd().split(/ {2,}/))).toEqual([
    ['Name', 'Token', 'Belongs to', 'Zones', 'Page rules', 'Redirect rules', 'Expires'],
    ['account', 'active', 'account', '3', 'not readable', 'readable', 'never'],
    ['dead', 'no good'],
    ['main', 'active', 'user', '3', 'readable', 'readable', 'never'],
    [''],
  ]);
  expect(stderr).toContain('error: dead: ');
});

test('an inactive key is asked as well, and without a stored one the token of the environment', async () => {
  await using place = await openBareWorkplace();
  const env = { CLOUDFLARE_API_TOKEN: place.emulator.token };
  const alone = await place.json(['api-key', 'verify'], { env });
  expect(alone.document.results).toMatchObject([{ name: 'env', isActive: null, token: { zones: 3 } }]);
  expect((await place.cli(['api-key', 'verify'])).status).toBe(1);
  await place.addKey('main');
  await place.cli(['api-key', 'deactivate', 'main']);
  const inactive = await place.json(['api-key', 'verify']);
  expect(inactive.document.results).toMatchObject([{ name: 'main', isActive: false, token: { zones: 3 } }]);
  const named = await place.json(['api-key', 'verify', 'env'], { env });
  expect(named.document.results).toMatchObject([{ name: 'env', token: { zones: 3 } }]);
  expect((await place.cli(['api-key', 'verify', 'nobody'])).status).toBe(1);
});
