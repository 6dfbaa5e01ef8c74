import { expect, test } from 'vitest';
import { openBareWorkplace } from './bare-workplace.ts';

const EVERY_COMMAND = [
  ['api-key', 'list'],
  ['api-key', 'show', 'main'],
  ['api-key', 'set-default', 'main'],
  ['api-key', 'deactivate', 'main'],
  ['api-key', 'activate', 'main'],
  ['sync_cloudflare'],
  ['sync_cloudflare', '--force', '--verbose'],
  ['site', 'list'],
  ['site', 'add', 'shop.site-1.example'],
  ['site', 'edit', 'shop.site-1.example', '--name', 'Shop'],
  ['site', 'show', 'shop.site-1.example'],
  ['maintenance', 'enable', 'site-1.example', '--no-verify'],
  ['maintenance', 'status', 'site-1.example'],
  ['maintenance', 'enable', 'nobody.example', '--verbose'],
  ['maintenance', 'disable', 'site-1.example', '--no-verify'],
  ['site', 'remove', 'shop.site-1.example', '--yes'],
  ['log', 'list'],
  ['api-key', 'remove', 'main', '--yes'],
];

/** The token as a whole, and any longer part of it than the four characters that are shown. */
function expectNoTrace(traces: string, token: string): void {
  expect(traces).not.toContain(token);
  expect(traces).not.toContain(token.slice(-12));
  expect(traces).not.toContain(token.slice(0, 12));
  expect(traces).not.toContain(Buffer.from(token).toString('base64url').slice(0, 20));
}

test('nothing of a stored token reaches the database file, the log, the key file or any output', async () => {
  await using place = await openBareWorkplace();
  const { token } = place.emulator;
  await place.addKey('main', token, '--discover', '--verbose');
  await place.addKey('main', token, '--verbose');
  await place.addKey('wrong', `${token.slice(0, -1)}x`, '--verbose');
  for (const argv of EVERY_COMMAND) {
    await place.cli(argv);
    await place.cli([...argv, '--json']);
  }
  place.emulator.setToken(token, { status: 'disabled' });
  await place.addKey('disabled', token, '--verbose');
  await place.cli(['sync_cloudflare', '--verbose']);
  expect(place.traces()).toContain(`…${token.slice(-4)}`);
  expectNoTrace(place.traces(), token);
});

test('a token in the environment works without any stored key, and leaves no trace', async () => {
  await using place = await openBareWorkplace();
  const { token } = place.emulator;
  const env = { CLOUDFLARE_API_TOKEN: token };
  const added = await place.json(['site', 'add', 'shop.site-1.example'], { env });
  expect(added.document.results[0]).toMatchObject({ apiKey: null, effectiveApiKey: 'env' });
  const synced = await place.json(['sync_cloudflare'], { env });
  expect(synced.document).toMatchObject({ ok: true, summary: { created: 3 }, warnings: [] });
  expect(synced.document.results[0]).toMatchObject({ apiKey: 'env' });
  const closed = await place.json(['maintenance', 'enable', 'site-2.example', '--no-verify'], { env });
  expect(closed.status).toBe(0);
  expect((await place.cli(['site', 'show', 'site-2.example'], { env })).stdout).toMatch(
    /^API key +CLOUDFLARE_API_TOKEN$/m,
  );
  for (const argv of EVERY_COMMAND) await place.cli(argv, { env });
  expect((await place.json(['api-key', 'list'], { env })).document.results).toEqual([]);
  expectNoTrace(place.traces(), token);
  expect(place.traces()).not.toContain(`…${token.slice(-4)}`);
});

test('--api-key env uses the token of the environment even when a key is stored', async () => {
  await using place = await openBareWorkplace();
  const narrow = place.emulator.addToken({ zones: ['site-1.example'] });
  await place.addKey('main', narrow);
  const env = { CLOUDFLARE_API_TOKEN: place.emulator.token };
  expect((await place.json(['sync_cloudflare'], { env })).document.summary).toMatchObject({ discovered: 1 });
  const { document } = await place.json(['sync_cloudflare', '--api-key', 'env'], { env });
  expect(document.summary).toMatchObject({ discovered: 3, created: 2, skipped: 1 });
  expect(document.warnings).toMatchObject([
    { code: 'environment_key', message: expect.stringContaining('main') },
    // The default key, which the new sites use, does not see their zones.
    { code: 'rules_unread', message: expect.stringContaining('2 sites') },
  ]);
  await using app = await place.open();
  expect((await app.apiKeys.all()).map(({ name }) => name)).toEqual(['main']);
  expect((await app.sites.get({ domain: 'site-1.example' })).apiKey?.name).toBe('main');
  expect((await app.sites.get({ domain: 'site-2.example' })).apiKey).toBeNull();
  expectNoTrace(place.traces(), place.emulator.token);
});
