import { expect, test } from 'vitest';
import type { Intermission } from '../../../../src/intermission.ts';
import { sitesToCsv } from '../../../../src/services/registry/moving-in/export-sites.ts';
import { describeDatabases } from '../../../support/describe-databases.ts';
import { failureOf, openWorkplace } from '../../../support/workplace.ts';

const actor = { name: 'ada', source: 'cli' as const };
const bytes = (text: string) => new TextEncoder().encode(text);
const dump = (objects: object[]) => bytes(JSON.stringify(objects));

/** Rows as `kind name action`, with the field that is wrong. */
async function imported(app: Intermission, file: Uint8Array, options = {}) {
  const { rows } = await app.sites.importFrom(file, { actor, ...options });
  return rows.map(({ row, name, action, field }) =>
    [`${row} ${name} ${action}`, field === null ? '' : ` (${field})`].join(''),
  );
}

/** Everything that an import could change. */
async function everything(app: Intermission) {
  const sites = await app.sites.query().orderBy('id').all();
  return JSON.stringify([sites, await app.logs.count(), await app.windows.all()]);
}

describeDatabases((_kind, databases) => {
  const open = async () => openWorkplace(await databases.migratedUrl());

  test('new rows are created, known ones updated, and a second import changes nothing', async () => {
    await using place = await open();
    const file = bytes(
      'domain,name,maintenance_url,include_subdomains,engine,open_paths\nsite-1.example,First,https://status.example/,no,auto,/health /hooks/*\nnew.example,New,,,,\n',
    );
    place.emulator.clearRequests();
    expect(await imported(place.app, file)).toEqual(['2 site-1.example updated', '3 new.example created']);
    expect(await place.site('site-1.example')).toMatchObject({
      name: 'First',
      maintenanceUrl: 'https://status.example/',
      includeSubdomains: false,
      openPaths: ['/health', '/hooks/*'],
    });
    expect(await place.site('new.example')).toMatchObject({
      zoneId: null,
      maintenanceActive: false,
      apiKey: null,
    });
    const before = await everything(place.app);
    expect(await imported(place.app, file)).toEqual([
      '2 site-1.example unchanged',
      '3 new.example unchanged',
    ]);
    expect(await everything(place.app)).toBe(before);
    expect(place.emulator.requests()).toEqual([]);
  });

  test('each change leaves a log row with before and after', async () => {
    await using place = await open();
    await place.app.sites.importFrom(bytes('domain,name\nsite-1.example,First\nnew.example,New\n'), {
      actor,
    });
    const rows = await place.app.logs.byAction('configure').orderBy('id').all();
    expect(
      rows.slice(-2).map(({ reason, actor: by, domain, changed }) => ({ reason, by, domain, changed })),
    ).toEqual([
      {
        reason: 'site site-1.example edited',
        by: 'ada',
        domain: 'site-1.example',
        changed: { before: { name: 'site-1.example' }, after: { name: 'First' } },
      },
      {
        reason: 'site new.example added',
        by: 'ada',
        domain: 'new.example',
        changed: { before: null, after: expect.objectContaining({ domain: 'new.example', name: 'New' }) },
      },
    ]);
  });

  test('what is wrong with a row keeps none of the others out', async () => {
    await using place = await open();
    const file = bytes(
      [
        'domain,maintenance_url,include_subdomains,api_key,subdomain_list,open_paths,bypass_ips,engine',
        'not a domain,,,,,,,',
        'a.example,ftp://x,,,,,,',
        'b.example,,perhaps,,,,,',
        'c.example,,,nobody,,,,',
        'd.example,,,,*,,,',
        'e.example,,,,,health,,',
        'f.example,,,,,,999.1.1.1,',
        'g.example,,,,,,,workers',
        'h.example,https://www.h.example/down,,,,,,',
        'i.example,,,,,/health,,page_rules',
        'good.example,,,main,,,,',
        'GOOD.example.,,,,,,,',
      ].join('\n'),
    );
    expect(await imported(place.app, file)).toEqual([
      '2  failed (domain)',
      '3 a.example failed (maintenanceUrl)',
      '4 b.example failed (includeSubdomains)',
      '5 c.example failed (apiKey)',
      '6 d.example failed (subdomainList)',
      '7 e.example failed (openPaths)',
      '8 f.example failed (bypassIps)',
      '9 g.example failed (engine)',
      '10 h.example failed (maintenanceUrl)',
      '11 i.example failed',
      '12 good.example created',
      '13 good.example failed (domain)',
    ]);
    expect(await place.app.sites.count()).toBe(4);
  });

  test('a dry run finds the same and writes nothing', async () => {
    await using place = await open();
    const file = bytes(
      'domain,name,include_subdomains,subdomain_list\nsite-1.example,First,no,api\nnew.example,New,,\nbad,,,\nnew.example,,,\n',
    );
    const before = await everything(place.app);
    const tried = await imported(place.app, file, { dryRun: true });
    expect(await everything(place.app)).toBe(before);
    expect(await imported(place.app, file)).toEqual(tried);
  });

  test('two rows that need the same rule in one zone: the second is refused, also in a dry run', async () => {
    await using place = await open();
    const zoneId = (await place.site('site-1.example')).zoneId ?? '';
    await place.app.sites.create({ domain: 'api.site-1.example', zoneId });
    await place.app.sites.update({ domain: 'site-1.example' }, { includeSubdomains: false });
    await place.app.sites.update({ domain: 'api.site-1.example' }, { includeSubdomains: false });
    const file = bytes('domain,subdomain_list\nsite-1.example,"api"\n');
    for (const dryRun of [true, false]) {
      const { rows } = await place.app.sites.importFrom(file, { dryRun });
      expect(rows.map(({ error }) => error?.code)).toEqual(['rule_conflict']);
    }
    expect((await place.site('site-1.example')).subdomainList).toBe('');
  });

  test('a closed site stays closed with its rules, its key and its zone, whatever the file says', async () => {
    await using place = await open();
    await place.app.enableMaintenanceForDomain('site-1.example');
    await place.app.apiKeys.create({ name: 'other', apiToken: place.emulator.addToken({}) });
    const before = await place.site('site-1.example');
    const file = bytes(
      'domain,name,api_key,zone_id,maintenance_active\nsite-1.example,Shop,other,0123,false\nsite-2.example,Two,,,true\n',
    );
    const result = await place.app.sites.importFrom(file, { actor });
    expect(result.changedWhileClosed).toEqual(['site-1.example']);
    expect(result.rows[0]?.note).toContain('keeps the key "main"');
    expect(result.rows.map(({ closedThere }) => closedThere)).toEqual([false, true]);
    const { name, apiKey, zoneId, maintenanceActive, edgeState } = await place.site('site-1.example');
    expect(name).toBe('Shop');
    expect([apiKey?.id, zoneId, maintenanceActive, edgeState]).toEqual([
      before.apiKey?.id,
      before.zoneId,
      true,
      before.edgeState,
    ]);
    expect((await place.site('site-2.example')).maintenanceActive).toBe(false);
    expect((await place.app.disableMaintenanceForDomain('site-1.example')).status).toBe('success');
  });

  test('an export read by an empty installation gives the same export, as JSON and as CSV', async () => {
    await using place = await open();
    await place.app.sites.update(
      { domain: 'site-1.example' },
      {
        name: '=HYPERLINK("x")',
        engine: 'auto',
        subdomainList: 'a,b',
        includeSubdomains: false,
        bypassIps: ['10.0.0.0/8', '::1'],
      },
    );
    await place.app.sites.update(
      { domain: 'site-2.example' },
      { engine: 'redirect_rules', openPaths: ['/up', '/x,y/*'], isActive: false },
    );
    const exported = await place.app.sites.export();
    for (const text of [JSON.stringify(exported), sitesToCsv(exported)]) {
      await using elsewhere = await open();
      for (const { domain } of await elsewhere.app.sites.all()) await elsewhere.app.sites.remove({ domain });
      await elsewhere.app.sites.importFrom(bytes(text));
      expect(await elsewhere.app.sites.export()).toEqual(exported);
      expect(text).not.toContain(place.emulator.token);
    }
    expect(sitesToCsv(exported)).toContain(`"'=HYPERLINK(""x"")"`);
  });

  test('the looks of the page move along in JSON, and are unchanged the second time', async () => {
    await using place = await open();
    const brand = { template: 'minimal', color: '#0a7f5a', contact: 'help@example.com' };
    await place.app.sites.update({ domain: 'site-1.example' }, { brand });
    const exported = bytes(JSON.stringify(await place.app.sites.export()));
    expect((await imported(place.app, exported)).filter((row) => !row.endsWith('unchanged'))).toEqual([]);
    await place.app.sites.update(
      { domain: 'site-1.example' },
      { brand: { color: '#ffffff', contact: null } },
    );
    expect(await imported(place.app, exported)).toContain('1 site-1.example updated');
    expect((await place.site('site-1.example')).brand).toEqual(brand);
    expect(await imported(place.app, bytes('[{"site":"a.example","brand":{"color":"red"}}]'))).toEqual([
      '1 a.example failed (brand)',
    ]);
  });

  test('a dump of the Django app brings sites, windows to come, and no tokens', async () => {
    await using place = await open();
    const window = { scheduled_start: '2026-07-01T02:00:00Z', estimated_duration: '01:00:00', sites: [3, 5] };
    const file = dump([
      { model: 'maintenance.cloudflareapikey', pk: 1, fields: { name: 'main', api_token: 's3cret' } },
      { model: 'maintenance.cloudflareapikey', pk: 2, fields: { name: 'Other', api_token: 's3cret' } },
      {
        model: 'maintenance.cloudflaresite',
        pk: 3,
        fields: {
          name: 'Shop',
          domain: 'shop.example',
          api_key: 1,
          maintenance_url: '',
          maintenance_active: true,
        },
      },
      { model: 'maintenance.cloudflaresite', pk: 4, fields: { name: 'B', domain: 'b.example', api_key: 2 } },
      {
        model: 'maintenance.cloudflaresite',
        pk: 5,
        fields: { name: 'One', domain: 'site-1.example', api_key: 1 },
      },
      {
        model: 'maintenance.scheduledmaintenance',
        pk: 1,
        fields: { ...window, title: 'Upgrade', status: 'scheduled' },
      },
      {
        model: 'maintenance.scheduledmaintenance',
        pk: 2,
        fields: { ...window, title: 'Done', status: 'completed' },
      },
      {
        model: 'maintenance.scheduledmaintenance',
        pk: 3,
        fields: { ...window, title: 'Now', status: 'active' },
      },
      { model: 'maintenance.scheduledmaintenance', pk: 4, fields: { ...window, title: 'No B', sites: [4] } },
    ]);
    const rows = [
      '1 main unchanged',
      '2 Other skipped',
      '3 shop.example created',
      '4 b.example failed (apiKey)',
      '5 site-1.example updated',
      '6 Upgrade created',
      '7 Done skipped',
      '8 Now skipped',
      '9 No B failed',
    ];
    expect(await imported(place.app, file, { dryRun: true })).toEqual(rows);
    expect(await imported(place.app, file)).toEqual(rows);
    const [only, ...more] = await place.app.windows.withSites().all();
    expect(more).toEqual([]);
    expect(only).toMatchObject({ title: 'Upgrade', status: 'scheduled', estimatedDuration: 3_600 });
    expect(
      only?.sites
        .getItems()
        .map(({ domain }) => domain)
        .sort(),
    ).toEqual(['shop.example', 'site-1.example']);
    expect((await place.site('shop.example')).apiKey?.name).toBe('main');
    expect(await everything(place.app)).not.toContain('s3cret');
    const before = await everything(place.app);
    expect((await imported(place.app, file)).filter((row) => /created|updated/.test(row))).toEqual([]);
    expect(await everything(place.app)).toBe(before);
    // Once the key is there under another name, the rest comes in.
    expect(await imported(place.app, file, { apiKey: 'main' })).toContain('4 b.example created');
  });

  test('two windows of one name and start are two when their sites differ', async () => {
    await using place = await open();
    const site = (pk: number, domain: string) => ({
      model: 'maintenance.cloudflaresite',
      pk,
      fields: { name: domain, domain, api_key: 1 },
    });
    const window = (pk: number, sites: number[]) => ({
      model: 'maintenance.scheduledmaintenance',
      pk,
      fields: {
        title: 'Patch night',
        status: 'scheduled',
        scheduled_start: '2026-07-01T02:00:00Z',
        estimated_duration: '01:00:00',
        sites,
      },
    });
    const file = dump([
      { model: 'maintenance.cloudflareapikey', pk: 1, fields: { name: 'main' } },
      site(2, 'site-1.example'),
      site(3, 'site-2.example'),
      window(4, [2]),
      window(5, [3]),
      window(6, [2, 3]),
    ]);
    const windows = async () => (await imported(place.app, file)).slice(-3);
    expect(await windows()).toEqual([
      '4 Patch night created',
      '5 Patch night created',
      '6 Patch night created',
    ]);
    expect(await windows()).toEqual([
      '4 Patch night unchanged',
      '5 Patch night unchanged',
      '6 Patch night unchanged',
    ]);
  });

  test('an unknown key for all new sites is refused before anything is written', async () => {
    await using place = await open();
    const before = await everything(place.app);
    await failureOf(
      place.app.sites.importFrom(bytes('domain\nnew.example\n'), { apiKey: 'nobody' }),
      'not_found',
    );
    expect(await everything(place.app)).toBe(before);
  });

  test('a thousand rows, more than one transaction takes, are taken over and found unchanged', async () => {
    await using place = await open();
    const rows = Array.from({ length: 1_000 }, (_, index) => `s${index}.example,Site ${index}`);
    const file = bytes(['domain,name', ...rows].join('\r\n'));
    const actions = async () =>
      new Set((await place.app.sites.importFrom(file)).rows.map(({ action }) => action));
    expect(await actions()).toEqual(new Set(['created']));
    expect(await actions()).toEqual(new Set(['unchanged']));
    expect(await place.app.sites.count()).toBe(1_003);
  });
});
