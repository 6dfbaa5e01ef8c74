import { expect, test } from 'vitest';
import { openBareWorkplace } from '../bare-workplace.ts';
import { openCliWorkplace } from '../cli-workplace.ts';

const CLOSED = 'site-1.example';

/** A workplace with the key `main` and no site. */
async function openWithKey() {
  const place = await openBareWorkplace();
  await place.addKey('main');
  place.emulator.clearRequests();
  return place;
}

test('add looks the zone up with one call and shows everything about the site', async () => {
  await using place = await openWithKey();
  const { status, document } = await place.json(['site', 'add', 'SITE-1.example.']);
  expect(status).toBe(0);
  expect(place.emulator.requests().map(({ method }) => method)).toEqual(['GET']);
  const zone = place.emulator.zone('site-1.example');
  expect(document).toMatchObject({ summary: { total: 1, dryRun: false }, warnings: [] });
  expect(document.results[0]).toEqual({
    site: 'site-1.example',
    name: 'site-1.example',
    maintenanceActive: false,
    isActive: true,
    engine: 'auto',
    openPaths: [],
    bypassIps: [],
    includeSubdomains: true,
    subdomainList: '',
    maintenanceUrl: null,
    apiKey: null,
    zoneId: zone.id,
    zoneName: 'site-1.example',
    zoneStatus: 'active',
    zonePaused: false,
    zonePlan: 'free',
    pageRuleQuota: 3,
    brand: {},
    accountId: zone.account.id,
    zoneCheckedAt: expect.stringMatching(/Z$/),
    lastMaintenanceAt: null,
    createdAt: expect.any(String),
    updatedAt: expect.any(String),
    closedHosts: ['site-1.example', '*.site-1.example'],
    visitorUrl: 'https://docs.djangocfg.com/maintenance?site=site-1.example',
    currentUrl: null,
    effectiveApiKey: 'main',
    until: null,
    holds: [],
    unrestored: [],
    leftRules: [],
    operations: [],
  });
});

test('add takes every option, and a list of subdomains means these only', async () => {
  await using place = await openWithKey();
  const { stdout, stderr } = await place.cli([
    ...['site', 'add', 'shop.site-2.example', '--name', 'Shop', '--api-key', 'main', '--inactive'],
    ...['--subdomain-list', 'www, API', '--maintenance-url', 'https://status.example.net/?s={domain}'],
    ...['--engine', 'page_rules', '--zone-id', place.emulator.zone('site-2.example').id.toUpperCase()],
  ]);
  expect(stderr).toBe('');
  expect(stdout).toMatch(/^✓ Added shop\.site-2\.example\.$/m);
  for (const line of [
    /^Name +Shop$/,
    /^State +open, inactive: it is never closed$/,
    /^Closes +shop\.site-2\.example, www\.shop\.site-2\.example, api\.shop\.site-2\.example$/,
    /^Visitors go to +https:\/\/status\.example\.net\/\?s=shop\.site-2\.example$/,
    /^Engine +page_rules$/,
    /^API key +main$/,
    /^Zone +site-2\.example \(active, free plan, 3 page rules\)$/,
  ]) {
    expect(stdout).toMatch(new RegExp(line.source, 'm'));
  }
});

test('add warns of what keeps the site from being closed', async () => {
  await using place = await openWithKey();
  place.emulator.setZone('site-1.example', { paused: true });
  place.emulator.setZone('site-2.example', { status: 'pending' });
  const paused = await place.json(['site', 'add', 'site-1.example']);
  expect(paused.document.warnings).toMatchObject([
    { code: 'zone_not_serving', message: expect.stringContaining('paused') },
  ]);
  const pending = await place.json(['site', 'add', 'site-2.example']);
  expect(pending.document.warnings).toMatchObject([
    { code: 'zone_not_serving', message: expect.stringContaining('pending') },
  ]);
  const list = ['--include-subdomains', '--subdomain-list', 'www'];
  const unused = await place.json(['site', 'add', 'site-3.example', ...list]);
  expect(unused.document.warnings).toMatchObject([{ code: 'list_unused' }]);
});

test.each<[string, string[], number, string]>([
  ['a URL as domain', ['http://site-1.example/'], 2, 'validation_failed'],
  ['one label', ['localhost'], 2, 'validation_failed'],
  ['a zone that nobody has', ['nobody.example'], 1, 'not_found'],
  ['a zone id that is too short', ['site-1.example', '--zone-id', 'abc'], 2, 'validation_failed'],
  ['a zone id of other letters', ['site-1.example', '--zone-id', 'z'.repeat(32)], 2, 'validation_failed'],
  ['a name of 101 characters', ['site-1.example', '--name', 'x'.repeat(101)], 2, 'validation_failed'],
  [
    'a wildcard among the subdomains',
    ['site-1.example', '--subdomain-list', '*.www'],
    2,
    'validation_failed',
  ],
  ['a relative URL', ['site-1.example', '--maintenance-url', '/down'], 2, 'validation_failed'],
  [
    'a URL of another scheme',
    ['site-1.example', '--maintenance-url', 'ftp://x.net/'],
    2,
    'validation_failed',
  ],
  ['$1 in the URL', ['site-1.example', '--maintenance-url', 'https://x.net/$1'], 2, 'validation_failed'],
  [
    'a page on the site',
    ['site-1.example', '--maintenance-url', 'https://SITE-1.example.:8443/x'],
    6,
    'redirect_loop',
  ],
  [
    'a page below the site',
    ['site-1.example', '--maintenance-url', 'https://www.{domain}/'],
    6,
    'redirect_loop',
  ],
  ['an unknown engine', ['site-1.example', '--engine', 'worker'], 2, 'validation_failed'],
  ['an unknown key', ['site-1.example', '--api-key', 'other'], 1, 'not_found'],
  ['both states', ['site-1.example', '--active', '--inactive'], 2, 'usage'],
  ['no domain', [], 2, 'usage'],
])('add refuses %s, and adds nothing', async (_, argv, status, code) => {
  await using place = await openWithKey();
  const refused = await place.json(['site', 'add', ...argv]);
  expect({ status: refused.status, code: refused.document.error?.code }).toEqual({ status, code });
  expect(refused.document.error?.hint).toEqual(expect.any(String));
  expect((await place.json(['site', 'list'])).document.summary['total']).toBe(0);
});

test('add refuses a zone id of another domain, and a site that is there already', async () => {
  await using place = await openWithKey();
  const other = ['--zone-id', place.emulator.zone('site-2.example').id];
  const wrong = await place.json(['site', 'add', 'site-1.example', ...other]);
  expect(wrong.document.error).toMatchObject({
    code: 'validation_failed',
    message: expect.stringContaining('that of site-2.example'),
  });
  await place.cli(['site', 'add', 'site-1.example']);
  const again = await place.json(['site', 'add', 'SITE-1.EXAMPLE']);
  expect({ status: again.status, code: again.document.error?.code }).toEqual({
    status: 6,
    code: 'already_exists',
  });
});

test('two sites of one zone that need the same rule are refused at add and at edit, naming the other', async () => {
  await using place = await openWithKey();
  await place.cli(['site', 'add', 'site-1.example', '--subdomain-list', 'api']);
  const atAdd = await place.json(['site', 'add', 'api.site-1.example', '--no-include-subdomains']);
  expect({ status: atAdd.status, code: atAdd.document.error?.code }).toEqual({
    status: 6,
    code: 'rule_conflict',
  });
  expect(atAdd.document.error?.message).toContain('site-1.example');

  await place.cli(['site', 'add', 'shop.site-1.example', '--no-include-subdomains']);
  const atEdit = await place.json(['site', 'edit', 'site-1.example', '--subdomain-list', 'api,shop']);
  expect(atEdit.status).toBe(6);
  expect(atEdit.document.error?.message).toContain('shop.site-1.example');
  const { document } = await place.json(['site', 'show', 'site-1.example']);
  expect(document.results[0].subdomainList).toBe('api');
});

test('without any key a site is stored without its zone, which is said', async () => {
  await using place = await openBareWorkplace();
  const { status, document } = await place.json(['site', 'add', 'site-1.example']);
  expect(status).toBe(0);
  expect(document.results[0]).toMatchObject({ zoneId: null, effectiveApiKey: null });
  expect(document.warnings).toMatchObject([{ code: 'zone_unknown' }]);
  expect((await place.cli(['site', 'show', 'site-1.example'])).stdout).toMatch(/^Zone +not known yet/m);
});

test('edit changes what is given, says before and after, and an empty value clears', async () => {
  await using place = await openWithKey();
  await place.cli(['site', 'add', 'site-1.example']);
  place.emulator.clearRequests();
  const given = [
    '--name',
    'Shop',
    '--maintenance-url',
    'https://status.example.net/',
    '--subdomain-list',
    'www',
  ];
  const edited = await place.json(['site', 'edit', 'site-1.example', ...given, '--engine', 'page_rules']);
  expect(edited.document.results[0].changes).toEqual({
    name: { from: 'site-1.example', to: 'Shop' },
    includeSubdomains: { from: true, to: false },
    subdomainList: { from: '', to: 'www' },
    maintenanceUrl: { from: null, to: 'https://status.example.net/' },
    engine: { from: 'auto', to: 'page_rules' },
  });
  const clear = ['--name', '', '--maintenance-url', '', '--subdomain-list', '', '--engine', ''];
  const { stdout } = await place.cli(['site', 'edit', 'site-1.example', ...clear]);
  expect(stdout).toBe(
    [
      '✓ Edited site-1.example.',
      '',
      'Name             Shop → site-1.example',
      'Subdomains       www → none',
      'Maintenance URL  https://status.example.net/ → the default',
      'Engine           page_rules → auto',
      '',
    ].join('\n'),
  );
  const again = await place.cli(['site', 'edit', 'site-1.example', ...clear]);
  expect(again.stdout).toBe('site-1.example is so already: nothing changed.\n');
  expect(place.emulator.requests()).toEqual([]);
});

test('open paths and bypass addresses are given one by one or as lists, and an empty value clears them', async () => {
  await using place = await openCliWorkplace();
  const { document } = await place.json(
    ...['site', 'edit', CLOSED, '--engine', 'auto', '--open-path', '/a,/b/*', '--open-path', '/c,d'],
    ...['--bypass-ip', '203.0.113.7,2001:db8::/32', '--bypass-ip', '192.0.2.1'],
  );
  expect(document.results[0]).toMatchObject({
    openPaths: ['/a', '/b/*', '/c,d'],
    bypassIps: ['203.0.113.7', '2001:db8::/32', '192.0.2.1'],
  });
  const cleared = await place.json('site', 'edit', CLOSED, '--open-path', '', '--bypass-ip', '');
  expect(cleared.document.results[0]).toMatchObject({ openPaths: [], bypassIps: [] });
});

test('edit checks a new key with Cloudflare', async () => {
  await using place = await openWithKey();
  await place.addKey('narrow', place.emulator.addToken({ zones: ['site-2.example'] }));
  await place.cli(['site', 'add', 'site-1.example']);
  await place.cli(['site', 'add', 'site-2.example']);
  const refused = await place.json(['site', 'edit', 'site-1.example', '--api-key', 'narrow']);
  expect({ status: refused.status, code: refused.document.error?.code }).toEqual({
    status: 4,
    code: 'api_permission_denied',
  });
  const moved = await place.json(['site', 'edit', 'site-2.example', '--api-key', 'narrow']);
  expect(moved.document.results[0]).toMatchObject({
    apiKey: 'narrow',
    changes: { apiKey: { from: null, to: 'narrow' } },
  });
  const back = await place.json(['site', 'edit', 'site-2.example', '--api-key', '']);
  expect(back.document.results[0]).toMatchObject({ apiKey: null, effectiveApiKey: 'main' });
});

test('edit of a closed site stores and warns that enable applies it', async () => {
  await using place = await openCliWorkplace();
  await place.app.enableMaintenanceForDomain(CLOSED);
  const rules = place.emulator.rules(CLOSED);
  const edited = await place.json(
    'site',
    'edit',
    CLOSED,
    '--maintenance-url',
    'https://other.example.net/',
    '--inactive',
  );
  expect(edited.status).toBe(0);
  expect(edited.document.warnings).toEqual([
    {
      code: 'not_applied',
      message: expect.stringContaining(`intermission maintenance enable ${CLOSED}`),
    },
    { code: 'still_closed', message: expect.stringContaining(`intermission maintenance disable ${CLOSED}`) },
  ]);
  expect(place.emulator.rules(CLOSED)).toEqual(rules);
  const renamed = await place.json('site', 'edit', CLOSED, '--name', 'Shop');
  expect(renamed.document.warnings).toEqual([]);

  const { stdout } = await place.cli('site', 'show', CLOSED);
  expect(stdout).toMatch(/^State +in maintenance$/m);
  expect(stdout).toMatch(/^Held by +manual/m);
  expect(stdout).toMatch(/^Visitors go to +https:\/\/docs\.djangocfg\.com/m);
  expect(stdout).toMatch(/^Usually to +https:\/\/other\.example\.net\/$/m);
});

test('edit without an option is a usage error; --dry-run changes nothing', async () => {
  await using place = await openWithKey();
  await place.cli(['site', 'add', 'site-1.example']);
  expect((await place.json(['site', 'edit', 'site-1.example'])).document.error?.code).toBe('usage');
  const tried = await place.json(['site', 'edit', 'site-1.example', '--name', 'Shop', '-n']);
  expect(tried.document.results[0].changes).toEqual({ name: { from: 'site-1.example', to: 'Shop' } });
  const { document } = await place.json(['site', 'show', 'site-1.example']);
  expect(document.results[0].name).toBe('site-1.example');
  await place.cli(['site', 'add', 'site-2.example', '-n']);
  expect((await place.json(['site', 'show', 'site-2.example'])).document.error?.code).toBe('not_found');
});

test.each<[string[], string[]]>([
  [[], ['site-1.example', 'site-2.example', 'site-3.example']],
  [['--search', 'TE-2'], ['site-2.example']],
  [['--in-maintenance'], ['site-1.example']],
  [['--active'], ['site-1.example', 'site-3.example']],
  [['--inactive'], ['site-2.example']],
  [['--api-key', 'main', '--limit', '1'], ['site-1.example']],
])('list %j gives %j', async (options, expected) => {
  await using place = await openCliWorkplace();
  await place.app.enableMaintenanceForDomain(CLOSED);
  await place.app.sites.update({ domain: 'site-2.example' }, { isActive: false });
  const { status, document } = await place.json('site', 'list', ...options);
  expect(status).toBe(0);
  expect(document.results.map(({ site }) => site)).toEqual(expected);
  expect(document.summary['shown']).toBe(expected.length);
});

test('list as text shows state, zone and key, and how many were left out', async () => {
  await using place = await openCliWorkplace();
  await place.app.enableMaintenanceForDomain(CLOSED);
  place.emulator.clearRequests();
  const { stdout } = await place.cli('site', 'list', '--limit', '2');
  expect(stdout.split('\n').map((line) => line.split(/ {2,}/))).toEqual([
    ['Site', 'State', 'Zone', 'API key', 'Last closed'],
    ['site-1.example', 'in maintenance', 'active', 'main', expect.stringMatching(/just now|ago/)],
    ['site-2.example', 'open', 'active', 'main', 'never'],
    [''],
    ['2 of 3 sites.'],
    [''],
  ]);
  expect(place.emulator.requests()).toEqual([]);
  expect((await place.json('site', 'list', '--active', '--inactive')).document.error?.code).toBe('usage');
  expect((await place.cli('site', 'list', '--search', 'nothing')).stdout).toMatch(/^No site\b/);
});

test('remove is refused while the site is closed, and needs an answer', async () => {
  await using place = await openCliWorkplace();
  await place.app.enableMaintenanceForDomain(CLOSED);
  const closed = await place.json('site', 'remove', CLOSED, '--yes');
  expect({ status: closed.status, code: closed.document.error?.code }).toEqual({ status: 6, code: 'in_use' });
  const silent = await place.json('site', 'remove', 'site-2.example');
  expect({ status: silent.status, code: silent.document.error?.code }).toEqual({ status: 2, code: 'usage' });
  const no = await place.atTerminal(
    ['site', 'remove', 'site-2.example'],
    [{ question: 'Remove the site', keys: 'n' }],
  );
  expect(no.status).toBe(6);
  const tried = await place.cli('site', 'remove', 'site-2.example', '-n');
  expect(tried.stdout).toBe('Would remove site-2.example. Nothing was changed.\n');
  expect(await place.app.sites.count()).toBe(3);

  const yes = await place.json('site', 'remove', 'site-2.example', '--yes');
  expect(yes.document.results).toEqual([
    { site: 'site-2.example', name: 'site-2.example', maintenanceActive: false, removed: true },
  ]);
  expect(await place.app.sites.count()).toBe(2);
  expect(await place.app.logs.forDomain('site-2.example').count()).toBe(1);
});
