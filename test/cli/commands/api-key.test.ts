import { chmodSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type BareWorkplace, openBareWorkplace } from '../bare-workplace.ts';
import { openCliWorkplace } from '../cli-workplace.ts';

/** A workplace with the keys `one` (default) and `two`; the three sites have the key `one`. */
async function openWithKeys(): Promise<BareWorkplace> {
  const place = await openBareWorkplace();
  await place.addKey('one', undefined, '--discover');
  await place.addKey('two');
  place.emulator.clearRequests();
  return place;
}

async function keys(place: BareWorkplace): Promise<string[]> {
  const { document } = await place.json(['api-key', 'list']);
  return document.results.map(
    ({ name, isActive, isDefault, sites }) =>
      `${name} ${isActive ? 'active' : 'inactive'}${isDefault ? ' default' : ''} ${sites}`,
  );
}

test('list shows each key with its state and its sites, without asking Cloudflare', async () => {
  await using place = await openWithKeys();
  const { status, stdout } = await place.cli(['api-key', 'list']);
  expect(status).toBe(0);
  const hint = `…${place.emulator.token.slice(-4)}`;
  expect(stdout.split('\n').map((line) => line.split(/ {2,}/))).toEqual([
    ['Name', 'Token', 'State', 'Sites', 'Last used', 'Description'],
    ['one', hint, 'active, default', '3', expect.stringMatching(/just now|\d+ s ago/)],
    ['two', hint, 'active', '0', 'never'],
    [''],
  ]);
  expect(place.emulator.requests()).toEqual([]);
});

test('list without a key says what is used instead', async () => {
  await using place = await openBareWorkplace();
  expect((await place.cli(['api-key', 'list'])).stdout).toBe(
    'No API key is stored.\nStore one with: intermission api-key add NAME\n',
  );
  const env = { CLOUDFLARE_API_TOKEN: place.emulator.token };
  expect((await place.cli(['api-key', 'list'], { env })).stdout).toContain('CLOUDFLARE_API_TOKEN is used');
  expect((await place.json(['api-key', 'list'], { env })).document.summary).toEqual({
    total: 0,
    environmentToken: true,
  });
});

test('show tells everything about one key except its token', async () => {
  await using place = await openWithKeys();
  const { stdout } = await place.cli(['api-key', 'show', 'one']);
  expect(stdout).toMatch(/^Name +one$/m);
  expect(stdout).toMatch(/^Account +[0-9a-f]{32}$/m);
  expect(stdout).toMatch(/^Sites +3$/m);
  const { document } = await place.json(['api-key', 'show', 'one']);
  expect(document.results).toMatchObject([{ name: 'one', isDefault: true, sites: 3 }]);
  const unknown = await place.json(['api-key', 'show', 'onee']);
  expect(unknown.status).toBe(1);
  expect(unknown.document.error).toMatchObject({ code: 'not_found', hint: 'Did you mean one?' });
});

test('set-default moves the default, and says so when it was the default already', async () => {
  await using place = await openWithKeys();
  expect((await place.cli(['api-key', 'set-default', 'two', '-n'])).stdout).toBe(
    'The API key two would be the default key. Nothing was changed.\n',
  );
  expect(await keys(place)).toEqual(['one active default 3', 'two active 0']);
  expect((await place.cli(['api-key', 'set-default', 'two'])).stdout).toBe(
    '✓ The API key two is now the default key.\n',
  );
  expect(await keys(place)).toEqual(['one active 3', 'two active default 0']);
  const again = await place.json(['api-key', 'set-default', 'two']);
  expect(again.status).toBe(0);
  expect(again.document.summary).toEqual({ total: 1, changed: 0, dryRun: false });
});

test('deactivate and activate, and what an inactive key refuses', async () => {
  await using place = await openWithKeys();
  expect((await place.cli(['api-key', 'deactivate', 'two'])).stdout).toBe(
    '✓ The API key two is now inactive.\n',
  );
  expect(await keys(place)).toEqual(['one active default 3', 'two inactive 0']);
  const asDefault = await place.json(['api-key', 'set-default', 'two']);
  expect({ status: asDefault.status, code: asDefault.document.error?.code }).toEqual({
    status: 6,
    code: 'in_use',
  });
  const sync = await place.json(['sync_cloudflare', '--api-key', 'two']);
  expect({ status: sync.status, code: sync.document.error?.code }).toEqual({
    status: 2,
    code: 'validation_failed',
  });
  const site = await place.json(['site', 'edit', 'site-1.example', '--api-key', 'two']);
  expect(site.document.error?.code).toBe('validation_failed');
  expect(place.emulator.requests()).toEqual([]);
  expect((await place.cli(['api-key', 'activate', 'two'])).stdout).toBe('✓ The API key two is now active.\n');
  expect((await place.cli(['api-key', 'activate', 'two'])).stdout).toBe(
    'The API key two is active already.\n',
  );
});

test.each(['deactivate', 'remove'])('%s refuses the default key of several', async (verb) => {
  await using place = await openWithKeys();
  const { status, document } = await place.json(['api-key', verb, 'one', '--yes']);
  expect(status).toBe(6);
  expect(document.error).toMatchObject({ code: 'in_use', hint: expect.stringContaining('two') });
  expect(await keys(place)).toEqual(['one active default 3', 'two active 0']);
});

test.each(['deactivate', 'remove'])('%s refuses the key of a site that is closed', async (verb) => {
  await using place = await openCliWorkplace();
  await place.app.enableMaintenanceForDomain('site-2.example');
  const { status, document } = await place.json('api-key', verb, 'main', '--yes');
  expect(status).toBe(6);
  expect(document.error).toMatchObject({
    code: 'in_use',
    message: expect.stringContaining('site-2.example'),
  });
});

test('remove refuses a key with sites unless --move-to says where they go', async () => {
  await using place = await openWithKeys();
  await place.cli(['api-key', 'set-default', 'two']);
  const refused = await place.json(['api-key', 'remove', 'one', '--yes']);
  expect(refused.status).toBe(6);
  expect(refused.document.error).toMatchObject({
    code: 'in_use',
    hint: expect.stringContaining('--move-to'),
  });

  const tried = await place.cli(['api-key', 'remove', 'one', '--move-to', 'two', '-n']);
  expect(tried.stdout).toBe(
    'The API key one would be removed and 3 sites moved to two. Nothing was changed.\n',
  );
  expect(await keys(place)).toEqual(['one active 3', 'two active default 0']);

  const { document } = await place.json(['api-key', 'remove', 'one', '--move-to', 'two', '--yes']);
  expect(document.results).toEqual([
    {
      name: 'one',
      tokenHint: place.emulator.token.slice(-4),
      removed: true,
      movedSites: ['site-1.example', 'site-2.example', 'site-3.example'],
      moveTo: 'two',
    },
  ]);
  expect(await keys(place)).toEqual(['two active default 3']);
});

test('remove needs --yes where nobody can be asked', async () => {
  await using place = await openWithKeys();
  const { status, document } = await place.json(['api-key', 'remove', 'two']);
  expect({ status, code: document.error?.code }).toEqual({ status: 2, code: 'usage' });
  expect(await keys(place)).toHaveLength(2);
  expect((await place.cli(['api-key', 'remove', 'two', '--yes'])).stdout).toBe(
    '✓ Removed the API key two.\n',
  );
});

test('at a terminal remove asks, after what would be refused is refused', async () => {
  await using place = await openCliWorkplace();
  await place.app.apiKeys.create({ name: 'two', apiToken: place.emulator.addToken({}) });
  const refused = await place.atTerminal(['api-key', 'remove', 'main'], []);
  expect(refused.status).toBe(6);
  expect(refused.stderr).not.toContain('Remove the API key');
  const no = await place.atTerminal(
    ['api-key', 'remove', 'two'],
    [{ question: 'Remove the API key "two"', keys: 'n' }],
  );
  expect(no.status).toBe(6);
  expect(no.stderr).toContain('(cancelled)');
  const yes = await place.atTerminal(
    ['api-key', 'remove', 'two'],
    [{ question: 'Remove the API key "two"', keys: 'y' }],
  );
  expect(yes.status).toBe(0);
  expect((await place.app.apiKeys.all()).map(({ name }) => name)).toEqual(['main']);
});

test('at a terminal add asks for the token and does not show it', async () => {
  await using place = await openCliWorkplace();
  const token = place.emulator.addToken({});
  const { status, stdout, stderr } = await place.atTerminal(
    ['api-key', 'add', 'typed'],
    [{ question: 'Cloudflare API token', keys: `${token}\r` }],
  );
  expect(status).toBe(0);
  expect(stdout).toContain('Stored the API key typed');
  expect(stdout + stderr).not.toContain(token);
});

test('a key file that is missing, or that others may read, stops what needs a token and nothing else', async () => {
  await using place = await openWithKeys();
  const file = join(place.dataDir, 'secret.key');
  chmodSync(file, 0o644);
  for (const spoil of [() => {}, () => rmSync(file)]) {
    spoil();
    for (const argv of [['sync_cloudflare'], ['api-key', 'add', 'new', '--token-stdin']]) {
      const { status, document } = await place.json(argv, { stdin: place.emulator.token });
      const { code } = document.error ?? document.results[0].error;
      expect({ status, code }).toEqual({ status: 4, code: 'secret_key_mismatch' });
    }
    expect((await place.cli(['site', 'show', 'site-1.example'])).status).toBe(0);
    expect((await place.cli(['api-key', 'list'])).status).toBe(0);
  }
  expect(place.emulator.requests()).toEqual([]);
});
