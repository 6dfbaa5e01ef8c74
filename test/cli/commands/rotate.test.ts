import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openBareWorkplace } from '../bare-workplace.ts';
import { openCliWorkplace } from '../cli-workplace.ts';

test('api-key rotate stores the piped token and says what it can do, never the token', async () => {
  await using place = await openBareWorkplace();
  await place.addKey('main');
  const token = place.emulator.addToken({});
  const argv = ['api-key', 'rotate', 'main', '--token-stdin'];
  const tried = await place.cli([...argv, '--dry-run'], { stdin: token });
  expect(tried.stdout).toContain(`would have the new token (…${token.slice(-4)}). Nothing was stored.`);
  const { status, stdout } = await place.cli(argv, { stdin: `${token}\n` });
  expect([status, stdout.split('\n')[0]]).toEqual([
    0,
    `✓ The API key main has the new token (…${token.slice(-4)}).`,
  ]);
  expect(stdout).toMatch(/Zones seen +3/);
  const again = await place.json(argv, { stdin: token });
  expect(again.document).toMatchObject({
    summary: { total: 1, changed: 0 },
    results: [{ changed: false, lost: [] }],
  });
  expect(place.traces()).not.toContain(token.slice(0, 20));
});

test('api-key rotate refuses a token that sees less with exit status 4, and takes it with --force', async () => {
  await using place = await openBareWorkplace();
  await place.addKey('main');
  const token = place.emulator.addToken({ zones: [place.emulator.zone('site-1.example').id] });
  const argv = ['api-key', 'rotate', 'main', '--token-stdin'];
  const { status, stderr } = await place.cli(argv, { stdin: token });
  expect(status).toBe(4);
  expect(stderr).toContain('the zone site-2.example, the zone site-3.example. The old token stays.');
  const forced = await place.json([...argv, '--force'], { stdin: token });
  expect(forced.status).toBe(0);
  expect(forced.document.results[0].lost).toEqual(['the zone site-2.example', 'the zone site-3.example']);
  expect(forced.document.warnings.map(({ code }) => code)).toContain('token_lost');
});

test('api-key rotate without a token to read is a usage error', async () => {
  await using place = await openBareWorkplace();
  await place.addKey('main');
  expect((await place.cli(['api-key', 'rotate', 'main'])).status).toBe(2);
});

test('at a terminal secret-key rotate says what backups need, and a no changes nothing', async () => {
  await using place = await openCliWorkplace();
  const file = join(place.app.config.dataDir, 'secret.key');
  const before = readFileSync(file, 'utf8');
  const question = 'Backups made so far need the old secret key';
  const no = await place.atTerminal(['secret-key', 'rotate'], [{ question, keys: 'n' }]);
  expect([no.status, readFileSync(file, 'utf8')]).toEqual([6, before]);
  const yes = await place.atTerminal(['secret-key', 'rotate'], [{ question, keys: 'y' }]);
  expect([yes.status, yes.stdout]).toEqual([
    0,
    `✓ The secret key in ${file} is new; 1 token is sealed with it.\n`,
  ]);
  expect(readFileSync(file, 'utf8')).not.toBe(before);
  expect((await place.app.checkToken('main')).zones).toBe(3);
});

test('a key in the variable is changed to the piped one, which is never shown', async () => {
  await using place = await openBareWorkplace();
  const [old, next] = ['1f'.repeat(32), '2e'.repeat(32)];
  const env = { INTERMISSION_SECRET_KEY: old };
  const add = ['api-key', 'add', 'main', '--token-stdin'];
  await place.cli(add, { stdin: place.emulator.token, env });
  const argv = ['secret-key', 'rotate'];
  const none = await place.cli(argv, { env });
  expect([none.status, none.stderr]).toEqual([2, expect.stringContaining('openssl rand -hex 32')]);
  const { status, document } = await place.json([...argv, '--new-key-stdin'], { env, stdin: next });
  expect([status, document.results, document.warnings.map(({ code }) => code)]).toEqual([
    0,
    [{ tokens: 1, resealed: 1, keyFile: null }],
    ['variable_to_set'],
  ]);
  const list = ['sync_cloudflare'];
  expect((await place.cli(list, { env })).status).toBe(4);
  expect((await place.cli(list, { env: { INTERMISSION_SECRET_KEY: next } })).status).toBe(0);
  expect(place.traces()).not.toContain(next);
});
