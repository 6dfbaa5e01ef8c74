import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { TokenSeed } from '../../../src/emulator/index.ts';
import { type BareWorkplace, openBareWorkplace } from '../bare-workplace.ts';

const ADD = ['api-key', 'add', 'main', '--token-stdin'];

/** What every failed `add` must leave behind: nothing. */
async function expectNothingStored(place: BareWorkplace): Promise<void> {
  const { document } = await place.json(['api-key', 'list']);
  expect(document.results).toEqual([]);
  expect(readdirSync(place.dataDir)).not.toContain('secret.key');
}

test('verifies the token, stores it as the default key and says what it may do', async () => {
  await using place = await openBareWorkplace();
  const { status, stdout, stderr } = await place.addKey('main', undefined, '--description', 'All the shops');
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(stdout).toContain(`Stored the API key main (…${place.emulator.token.slice(-4)}), the default key.`);
  expect(stdout).toMatch(
    /^Token +active\nBelongs to +a user\nZones seen +3\nPage rules +readable.*\nRedirect rules +readable/m,
  );
  expect(place.emulator.requests().map(({ method, status }) => `${method} ${status}`)).toEqual([
    'GET 200',
    'GET 200',
    'GET 200',
    // No zone has a ruleset yet.
    'GET 404',
  ]);
  expect(statSync(join(place.dataDir, 'secret.key')).mode & 0o777).toBe(0o600);
});

test('with --json the same is one document, with the last four characters of the token and no more', async () => {
  await using place = await openBareWorkplace();
  const token = place.emulator.addToken({ expiresOn: '2099-01-01T00:00:00Z' });
  const { status, document, stderr } = await place.json(ADD, { stdin: token });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(document).toMatchObject({
    ok: true,
    command: 'api-key add',
    summary: { total: 1, dryRun: false },
    warnings: [],
    error: null,
  });
  expect(document.results).toEqual([
    {
      name: 'main',
      description: '',
      tokenHint: token.slice(-4),
      accountId: expect.stringMatching(/^[0-9a-f]{32}$/),
      isActive: true,
      isDefault: true,
      sites: 0,
      createdAt: expect.stringMatching(/Z$/),
      updatedAt: expect.any(String),
      lastUsedAt: null,
      token: {
        status: 'active',
        kind: 'user',
        expiresOn: '2099-01-01T00:00:00Z',
        zones: 3,
        moreZones: false,
        accountId: expect.stringMatching(/^[0-9a-f]{32}$/),
        canReadPageRules: 'yes',
        canReadRedirectRules: 'yes',
        problems: [],
      },
    },
  ]);
});

const LATER = new Date(Date.now() + 9 * 86_400_000).toISOString();

test.each<[string, TokenSeed, string, RegExp]>([
  ['an account-owned token', { kind: 'account' }, 'account_token', /Page Rules refuse such tokens/],
  ['a token without any permission', { permissions: [] }, 'permission_missing', /Zone Read/],
  ['a token that sees no zone', { zones: [] }, 'no_zones', /sees no zone/],
  ['a token that expires soon', { expiresOn: LATER }, 'expires_soon', /expires in [89] days/],
])('%s is stored with a warning', async (_, seed, code, message) => {
  await using place = await openBareWorkplace();
  const { status, document } = await place.json(ADD, { stdin: place.emulator.addToken(seed) });
  expect(status).toBe(0);
  expect(document.warnings).toEqual([{ code, message: expect.stringMatching(message) }]);
  expect(document.results[0].token.problems).toEqual(document.warnings);
  expect((await place.json(['api-key', 'list'])).document.results).toHaveLength(1);
});

test('an account-owned token without the new prefix is found out', async () => {
  await using place = await openBareWorkplace();
  const token = 'abcdefghijklmnopqrstuvwxyz0123456789ABCD';
  place.emulator.addToken({ value: token, kind: 'account' });
  const { document } = await place.json(ADD, { stdin: token });
  expect(document.results[0].token).toMatchObject({ kind: 'account', canReadPageRules: 'no' });
  expect(document.warnings).toMatchObject([{ code: 'account_token' }]);
});

test.each<[string, TokenSeed | string, RegExp]>([
  ['an unknown token', 'cfut_0123456789012345678901234567890123456789', /does not accept this API token/],
  ['a disabled token', { status: 'disabled' }, /says that this API token is disabled/],
  ['an expired token', { expiresOn: '2020-01-01T00:00:00Z' }, /is expired \(since 2020-01-01T00:00:00Z\)/],
  ['a token that is not valid yet', { notBefore: LATER }, /is not valid before/],
])('%s is refused with exit 4 and nothing is stored', async (_, seed, message) => {
  await using place = await openBareWorkplace();
  const token = typeof seed === 'string' ? seed : place.emulator.addToken(seed);
  const { status, document } = await place.json(ADD, { stdin: token });
  expect(status).toBe(4);
  expect(document).toMatchObject({
    ok: false,
    results: [],
    error: { code: 'api_token_invalid', message: expect.stringMatching(message), hint: expect.any(String) },
  });
  await expectNothingStored(place);
});

test('a token that does not work from this address is refused', async () => {
  await using place = await openBareWorkplace();
  const token = place.emulator.addToken({ allowedIps: ['192.0.2.1'] });
  const { status, document } = await place.json(ADD, { stdin: token });
  expect(status).toBe(4);
  expect(document.error).toMatchObject({
    code: 'api_permission_denied',
    hint: expect.stringContaining('IP addresses'),
  });
  await expectNothingStored(place);
});

test.each([
  ['nothing', '', 'usage'],
  ['white space', ' \n\n', 'usage'],
  ['two words', 'one two', 'validation_failed'],
  ['600 characters', 'x'.repeat(600), 'validation_failed'],
  ['a megabyte', 'x'.repeat(1_000_000), 'usage'],
])('%s on standard input is refused before Cloudflare is asked', async (_, stdin, code) => {
  await using place = await openBareWorkplace();
  const { status, document } = await place.json(ADD, { stdin });
  expect({ status, code: document.error?.code }).toEqual({ status: 2, code });
  expect(place.emulator.requests()).toEqual([]);
  await expectNothingStored(place);
});

test.each(['', '  ', 'x'.repeat(101), 'a\nb', 'env', 'ENV'])('%j is no name for a key', async (name) => {
  await using place = await openBareWorkplace();
  const argv = ['api-key', 'add', name, '--token-stdin'];
  const { status, document } = await place.json(argv, { stdin: place.emulator.token });
  expect({ status, code: document.error?.code }).toEqual({ status: 2, code: 'validation_failed' });
  expect(place.emulator.requests()).toEqual([]);
});

test('without --token-stdin and without a terminal it says how to pass the token', async () => {
  await using place = await openBareWorkplace();
  const { status, stderr } = await place.cli(['api-key', 'add', 'main']);
  expect(status).toBe(2);
  expect(stderr).toContain('--token-stdin');
});

test('a name that is taken is refused without asking Cloudflare', async () => {
  await using place = await openBareWorkplace();
  await place.addKey('main');
  place.emulator.clearRequests();
  const { status, document } = await place.json(ADD, { stdin: place.emulator.token });
  expect({ status, code: document.error?.code }).toEqual({ status: 6, code: 'already_exists' });
  expect(place.emulator.requests()).toEqual([]);
});

test('only --default makes a second key the default one', async () => {
  await using place = await openBareWorkplace();
  await place.addKey('first');
  await place.addKey('second');
  await place.addKey('third', undefined, '--default');
  const { document } = await place.json(['api-key', 'list']);
  expect(document.results.map(({ name, isDefault }) => [name, isDefault])).toEqual([
    ['first', false],
    ['second', false],
    ['third', true],
  ]);
});

test('--discover adds a site for each zone at once', async () => {
  await using place = await openBareWorkplace();
  const { status, document } = await place.json([...ADD, '--discover'], { stdin: place.emulator.token });
  expect(status).toBe(0);
  expect(document.summary).toMatchObject({ total: 1, discovered: 3, created: 3 });
  const text = await place.addKey('second', undefined, '--discover');
  expect(text.stdout).toMatch(/^3 zones seen, sites: 3 unchanged\.$/m);
  expect((await place.json(['site', 'list'])).document.summary['total']).toBe(3);
});

test('when discovering fails the key is stored, which is said', async () => {
  await using place = await openBareWorkplace();
  const token = place.emulator.addToken({ permissions: ['Page Rules Write'] });
  const { status, document } = await place.json([...ADD, '--discover'], { stdin: token });
  expect(status).toBe(4);
  expect(document.error).toMatchObject({
    code: 'api_permission_denied',
    message: expect.stringMatching(/^The key is stored, but/),
    hint: 'Repeat that part with: intermission sync_cloudflare --api-key "main"',
  });
  expect(document.results).toMatchObject([{ name: 'main' }]);
  expect((await place.json(['api-key', 'list'])).document.results).toHaveLength(1);
});

test('--dry-run verifies and stores nothing, not even a key file', async () => {
  await using place = await openBareWorkplace();
  const { status, stdout } = await place.addKey('main', undefined, '--dry-run', '--discover');
  expect(status).toBe(0);
  expect(stdout).toMatch(/^Would store the API key main/);
  await expectNothingStored(place);
  expect((await place.json(['site', 'list'])).document.results).toEqual([]);
});

test('a wrong secret key is refused with exit 4, unless --force says that the old one is lost', async () => {
  await using place = await openBareWorkplace();
  await place.addKey('main');
  const env = { INTERMISSION_SECRET_KEY: 'ab'.repeat(32) };
  const stdin = place.emulator.token;
  const refused = await place.json(['api-key', 'add', 'new', '--token-stdin'], { stdin, env });
  expect(refused.status).toBe(4);
  expect(refused.document.error).toMatchObject({
    code: 'secret_key_mismatch',
    hint: expect.stringContaining('--force'),
  });
  expect((await place.json(['sync_cloudflare'], { env })).document.error?.code).toBe('secret_key_mismatch');

  const forced = await place.json(['api-key', 'add', 'new', '--token-stdin', '--force'], { stdin, env });
  expect(forced.status).toBe(0);
  expect((await place.json(['sync_cloudflare', '--api-key', 'new'], { env })).status).toBe(0);
  // Once one of them can be opened, the secret is taken for the right one.
  expect((await place.json(['api-key', 'add', 'newer', '--token-stdin'], { stdin, env })).status).toBe(0);
});
