import { expect, test } from 'vitest';
import { type BareWorkplace, openBareWorkplace } from '../bare-workplace.ts';
import { openCliWorkplace } from '../cli-workplace.ts';

test('creates a site for each zone, one row each, and says nothing new the second time', async () => {
  await using place = await openBareWorkplace();
  await place.addKey('main');
  place.emulator.clearRequests();
  const first = await place.json(['sync_cloudflare']);
  expect(first.status).toBe(0);
  expect(first.stderr).toBe('');
  expect(first.document.summary).toEqual({
    keys: 1,
    failed: 0,
    discovered: 3,
    created: 3,
    updated: 0,
    skipped: 0,
    deactivated: 0,
    conflicts: 0,
    unreachable: 0,
    errors: 0,
    unchecked: 0,
    drifted: 0,
    doubtful: 0,
    calls: 7,
    dryRun: false,
  });
  expect(first.document.results).toHaveLength(3);
  expect(first.document.results[0]).toEqual({
    site: 'site-1.example',
    action: 'created',
    apiKey: 'main',
    zoneId: place.emulator.zone('site-1.example').id,
    maintenanceActive: false,
    changes: {},
    reason: null,
    configured: 'open',
    drift: [],
    doubtful: [],
    error: null,
  });
  // One page of zones, and both kinds of rules of each zone that is new.
  expect(place.emulator.requests()).toHaveLength(7);
  place.emulator.clearRequests();

  const second = await place.json(['sync-cloudflare']);
  expect(second.document).toMatchObject({
    ok: true,
    command: 'sync_cloudflare',
    summary: { discovered: 3, created: 0, updated: 0, skipped: 3 },
    results: [],
  });
  expect(place.emulator.requests()).toHaveLength(7);
});

test('zones that two keys see count once, and what is found there is told once', async () => {
  await using place = await openBareWorkplace();
  await place.addKey('main');
  await place.addKey('second');
  const { id } = place.emulator.addRule('site-1.example', {
    pattern: '*site-1.example/*',
    forwardTo: 'https://status.example.net/',
  });
  const first = await place.json(['sync_cloudflare']);
  expect(first.document.summary).toMatchObject({
    keys: 2,
    discovered: 3,
    created: 3,
    skipped: 0,
    doubtful: 1,
  });
  const second = await place.json(['sync_cloudflare']);
  expect(second.document.summary).toMatchObject({ discovered: 3, created: 0, skipped: 3, doubtful: 1 });
  expect(second.document.results).toMatchObject([
    { site: 'site-1.example', action: 'skipped', doubtful: [{ id }] },
  ]);
});

test('lists redirects of unknown origin and rules that are not as they should be, and repairs nothing', async () => {
  await using place = await openBareWorkplace();
  await place.addKey('main');
  const { id } = place.emulator.addRule('site-1.example', {
    pattern: '*site-1.example/*',
    forwardTo: 'https://status.example.net/',
  });
  const first = await place.json(['sync_cloudflare']);
  expect(first.status).toBe(0);
  expect(first.document.summary).toMatchObject({ created: 3, doubtful: 1, drifted: 0 });
  expect(first.document.results[0]).toMatchObject({
    site: 'site-1.example',
    configured: 'unknown',
    doubtful: [{ id, knownPage: false }],
  });

  await place.cli(['maintenance', 'enable', 'site-2.example']);
  place.emulator.removeRule('site-2.example', place.emulator.rules('site-2.example')[0]?.id ?? '');
  place.emulator.clearRequests();
  const later = await place.cli(['sync_cloudflare']);
  expect(later.stdout).toEqual(
    expect.stringContaining(
      '\n\nsite-2.example\nDiffers  Our rule *site-2.example/* is gone from Cloudflare.\nMore     intermission maintenance status site-2.example --live\n\n3 zones seen, sites: 3 unchanged.\n',
    ),
  );
  // What was found the first time is still there.
  expect(later.stdout).toMatch(/^site-1\.example\nNot ours\? {2}/);
  expect(place.emulator.requests({ write: true })).toEqual([]);
  const { document } = await place.json(['sync_cloudflare']);
  expect(document.results).toMatchObject([
    { site: 'site-1.example', action: 'skipped', configured: 'unknown', doubtful: [{ id }] },
    { site: 'site-2.example', action: 'skipped', configured: 'open', drift: [{ kind: 'missing' }] },
  ]);
  expect(document.summary).toMatchObject({ drifted: 1, doubtful: 1 });
});

test('rules that cannot be read are one warning, and no failure of the sync', async () => {
  await using place = await openBareWorkplace();
  await place.addKey('main');
  place.emulator.addFault({
    kind: 'refuse',
    path: /pagerules/,
    status: 403,
    code: 10000,
    message: 'Authentication error',
  });
  const { status, document } = await place.json(['sync_cloudflare']);
  expect(status).toBe(0);
  expect(document.summary).toMatchObject({ created: 3 });
  expect(document.warnings).toMatchObject([
    { code: 'rules_unread', message: expect.stringContaining('3 sites (site-1.example, …)') },
  ]);
});

test('the rules of very many new zones are not looked at, and that is said', async () => {
  await using place = await openBareWorkplace({ zones: 51 });
  await place.addKey('main');
  place.emulator.clearRequests();
  const { document } = await place.json(['sync_cloudflare']);
  expect(document.summary).toMatchObject({ created: 51, calls: 2 });
  expect(place.emulator.requests()).toHaveLength(2);
  expect(document.warnings).toMatchObject([{ code: 'rules_not_looked_at' }]);
});

test('of very many zones the rules of one that was just found for a site are looked at; that others are not is said', async () => {
  await using place = await openBareWorkplace({ zones: 51 });
  await place.addKey('main');
  await place.json(['sync_cloudflare']);
  await using app = await place.open();
  await app.database
    .read()
    .execute("update cloudflare_site set zone_id = null where domain = 'site-5.example'");
  place.emulator.addRule('site-5.example', {
    pattern: '*site-5.example/*',
    forwardTo: 'https://status.example.net/',
  });
  const { document } = await place.json(['sync_cloudflare']);
  expect(document.summary).toMatchObject({ updated: 1, doubtful: 1 });
  expect(document.warnings).toMatchObject([
    { code: 'rules_not_looked_at', message: expect.stringContaining('The rules of 50 zones') },
  ]);
});

test('as text it is a table and one line of counts', async () => {
  await using place = await openBareWorkplace();
  await place.addKey('main');
  const { stdout, stderr } = await place.cli(['sync_cloudflare']);
  expect(stdout).toBe(
    'Action   Site\ncreated  site-1.example\ncreated  site-2.example\ncreated  site-3.example\n\n3 zones seen, sites: 3 created.\n',
  );
  expect(stderr).toBe('');
});

test('shows what Cloudflare says otherwise than before; --force rewrites the rest too', async () => {
  await using place = await openBareWorkplace();
  await place.addKey('main', undefined, '--discover');
  place.emulator.setZone('site-2.example', { paused: true, plan: 'pro' });
  const tried = await place.json(['sync_cloudflare', '--dry-run']);
  const real = await place.json(['sync_cloudflare']);
  for (const { document } of [tried, real]) {
    expect(document.results).toMatchObject([
      {
        site: 'site-2.example',
        action: 'updated',
        changes: {
          zonePaused: { from: false, to: true },
          zonePlan: { from: 'free', to: 'pro' },
          pageRuleQuota: { from: 3, to: 20 },
        },
      },
    ]);
  }
  const forced = await place.json(['sync_cloudflare', '--force']);
  expect(forced.document.summary).toMatchObject({ updated: 3, skipped: 0 });
  const alias = await place.json(['sync_cloudflare', '--force-update']);
  expect(alias.document.summary).toMatchObject({ updated: 3, skipped: 0 });
  place.emulator.setZone('site-2.example', { paused: true });
  await place.cli(['sync_cloudflare']);
  place.emulator.setZone('site-2.example', { paused: false });
  const text = await place.cli(['sync_cloudflare']);
  expect(text.stdout).toMatch(/^updated {2}site-2\.example {2}zonePaused true → false$/m);
});

test('a dry run stores no site and no log row', async () => {
  await using place = await openBareWorkplace();
  await place.addKey('main');
  const { stdout } = await place.cli(['sync_cloudflare', '--dry-run']);
  expect(stdout).toMatch(/^3 zones seen, sites: 3 to be created\.$/m);
  expect((await place.json(['site', 'list'])).document.summary['total']).toBe(0);
  await using app = await place.open();
  expect(await app.logs.byAction('sync').count()).toBe(0);
});

test('all active keys are used; one that fails has its own error, and the exit status is 3', async () => {
  await using place = await openBareWorkplace();
  const some = place.emulator.addToken({ zones: ['site-1.example'] });
  const none = place.emulator.addToken({ permissions: ['Page Rules Write'] });
  await place.addKey('a', some);
  await place.addKey('b', none);
  await place.addKey('c');
  await place.addKey('d');
  await place.cli(['api-key', 'deactivate', 'd']);
  const { status, document } = await place.json(['sync_cloudflare']);
  expect(status).toBe(3);
  expect(document).toMatchObject({ ok: false, error: null });
  expect(document.summary).toMatchObject({ keys: 3, failed: 1, created: 3, discovered: 3, skipped: 0 });
  expect(document.results.map(({ apiKey, action, site }) => [apiKey, action, site])).toEqual([
    ['a', 'synced', null],
    ['a', 'created', 'site-1.example'],
    ['b', 'failed', null],
    ['c', 'synced', null],
    ['c', 'created', 'site-2.example'],
    ['c', 'created', 'site-3.example'],
  ]);
  expect(document.results[2].error).toMatchObject({
    code: 'api_permission_denied',
    message: expect.stringMatching(/^API key "b": /),
  });
  const text = await place.cli(['sync_cloudflare']);
  expect(text.status).toBe(3);
  expect(text.stderr).toContain('API key "b": Cloudflare refused');
  expect(text.stdout).toContain('3 zones seen with 3 keys, sites: 3 unchanged.');
});

test('a key that cannot be used is refused before Cloudflare is asked', async () => {
  await using place = await openBareWorkplace();
  const none = await place.json(['sync_cloudflare']);
  expect({ status: none.status, code: none.document.error?.code }).toEqual({ status: 1, code: 'not_found' });
  expect(none.document.error?.hint).toContain('api-key add');
  const unknown = await place.json(['sync_cloudflare', '--api-key', 'mian']);
  expect(unknown.document.error?.code).toBe('not_found');
  const env = await place.json(['sync_cloudflare', '--api-key', 'env']);
  expect(env.document.error?.code).toBe('not_found');
  expect(place.emulator.requests()).toEqual([]);
});

test('what the user has set survives every sync', async () => {
  await using place = await openBareWorkplace();
  await place.addKey('main', undefined, '--discover');
  const argv = ['site', 'edit', 'site-1.example', '--name', 'Shop', '--subdomain-list', 'www'];
  await place.cli([
    ...argv,
    '--maintenance-url',
    'https://status.example.net/',
    '--engine',
    'page_rules',
    '--inactive',
  ]);
  const before = (await place.json(['site', 'show', 'site-1.example'])).document.results[0];
  place.emulator.setZone('site-1.example', { plan: 'business' });
  await place.cli(['sync_cloudflare', '--force']);
  const after = (await place.json(['site', 'show', 'site-1.example'])).document.results[0];
  const { zonePlan, pageRuleQuota, zoneCheckedAt, updatedAt, ...rest } = before;
  expect(after).toMatchObject(rest);
  expect([zonePlan, after.zonePlan]).toEqual(['free', 'business']);
});

test('a site whose zone is gone is deactivated; one that is closed or out of reach is told of and stays', async () => {
  await using place = await openBareWorkplace();
  await place.addKey('main', undefined, '--discover');
  await place.cli(['maintenance', 'enable', 'site-2.example']);
  place.emulator.removeZone('site-1.example');
  place.emulator.removeZone('site-2.example');
  const { status, document } = await place.json(['sync_cloudflare']);
  expect(status).toBe(0);
  expect(document.summary).toMatchObject({ discovered: 1, deactivated: 1, unreachable: 1, skipped: 1 });
  expect(document.results).toMatchObject([
    { site: 'site-1.example', action: 'deactivated', error: null },
    { site: 'site-2.example', action: 'unreachable', maintenanceActive: true, error: null },
  ]);
  expect(document.warnings).toMatchObject([
    { code: 'zone_unreachable', message: expect.stringContaining('maintenance disable site-2.example') },
  ]);

  place.emulator.setToken(place.emulator.token, { zones: [] });
  const text = await place.cli(['sync_cloudflare']);
  expect(text.stdout).toMatch(/^unreachable {2}site-3\.example$/m);
  expect(text.stdout).toMatch(/^0 zones seen, sites: 2 not reachable\.$/m);
  expect(text.stderr).toMatch(
    /^warning: Nothing new is known of 2 sites \(site-2\.example, …\): Cloudflare refused/m,
  );
});

test('a zone that cannot become a site fails by itself, and the exit status is 3', async () => {
  await using place = await openBareWorkplace();
  await place.addKey('main');
  place.emulator.addZone({ name: '-odd-.example' });
  const { status, document } = await place.json(['sync_cloudflare']);
  expect(status).toBe(3);
  expect(document.summary).toMatchObject({ discovered: 4, created: 3, errors: 1, failed: 0 });
  expect(document.results).toMatchObject([
    { site: null, action: 'synced' },
    { site: '-odd-.example', action: 'error', error: { code: 'validation_failed' } },
    { action: 'created' },
    { action: 'created' },
    { action: 'created' },
  ]);
});

test('of very many sites the text lists those that matter most', async () => {
  await using place = await openBareWorkplace({ zones: 60 });
  await place.addKey('main');
  place.emulator.addZone({ name: '-odd-.example' });
  const { stdout } = await place.cli(['sync_cloudflare']);
  expect(stdout).toMatch(/^Action {3}Site\nerror {4}-odd-\.example\ncreated {2}site-1\.example\n/);
  expect(stdout).toContain(
    '\n… and 11 more; --json lists all.\n\n61 zones seen, sites: 60 created, 1 failed.\n',
  );
  expect(stdout.split('\n').filter((line) => line.startsWith('created'))).toHaveLength(49);
});

test.each<[string, (place: BareWorkplace) => string | Promise<unknown>, string[], number, string, RegExp]>([
  ['no key', () => '', [], 1, 'not_found', /no active key is stored/],
  [
    'a wrong name',
    (place) => place.addKey('main'),
    ['--api-key', 'mian'],
    1,
    'not_found',
    /no API key "mian"/,
  ],
  [
    'an inactive key',
    async (place) => {
      await place.addKey('main');
      await place.addKey('old');
      return place.cli(['api-key', 'deactivate', 'old']);
    },
    ['--api-key', 'old'],
    2,
    'validation_failed',
    /"old" is inactive/,
  ],
  [
    'an expired token',
    async (place) => {
      await place.addKey('main');
      place.emulator.setToken(place.emulator.token, { status: 'expired' });
    },
    [],
    4,
    'api_token_invalid',
    /Cloudflare/,
  ],
  [
    'a token for other addresses',
    async (place) => {
      await place.addKey('main');
      place.emulator.setToken(place.emulator.token, { allowedIps: ['192.0.2.1'] });
    },
    [],
    4,
    'api_permission_denied',
    /Cannot use the access token from location/,
  ],
])('%s: a clear message and the right exit status', async (_, prepare, argv, status, code, message) => {
  await using place = await openBareWorkplace();
  await prepare(place);
  const failed = await place.json(['sync_cloudflare', ...argv]);
  expect(failed.status).toBe(status);
  expect(failed.document.error).toMatchObject({ code, message: expect.stringMatching(message) });
  expect(failed.document.error?.hint).toBeTruthy();
});

test('at a terminal one line tells how far it has come, and is taken back at the end', async () => {
  await using place = await openCliWorkplace();
  const { stderr } = await place.atTerminal(['sync_cloudflare'], []);
  expect(stderr.startsWith('\rReading the zones at Cloudflare …\u001b[K')).toBe(true);
  expect(stderr.endsWith('\r\u001b[K')).toBe(true);
  expect(stderr).not.toContain('\n');
  expect((await place.atTerminal(['sync_cloudflare', '--json'], [])).stderr).toBe('');
});
