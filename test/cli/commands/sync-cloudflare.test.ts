import { expect, test } from 'vitest';
import { openBareWorkplace } from '../bare-workplace.ts';

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
    conflicts: 0,
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

test('as text it is a table and one line of counts', async () => {
  await using place = await openBareWorkplace();
  await place.addKey('main');
  const { stdout, stderr } = await place.cli(['sync_cloudflare']);
  expect(stdout).toBe(
    'Action   Site\ncreated  site-1.example\ncreated  site-2.example\ncreated  site-3.example\n\n3 zones seen, sites: 3 created.\n',
  );
  expect(stderr).toBe('Reading the zones at Cloudflare …\n');
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
