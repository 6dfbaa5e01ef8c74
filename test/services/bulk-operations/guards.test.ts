import { expect, test } from 'vitest';
import type { BulkEvent } from '../../../src/services/bulk-operations/types.ts';
import { describeDatabases } from '../../support/describe-databases.ts';
import { openWorkplace } from '../../support/workplace.ts';

describeDatabases((_kind, openTestDatabase) => {
  const open = async (zones: number, options: object = {}) =>
    openWorkplace(await openTestDatabase.migratedUrl(), { emulator: { zones }, ...options });

  test('a site that has the maintenance page of others stays open, with a warning', async () => {
    await using place = await open(3);
    await place.app.sites.update(
      { domain: 'site-2.example' },
      { maintenanceUrl: 'https://elsewhere.example.net/' },
    );
    const url = 'https://status.site-2.example/?site={domain}';
    for (const domain of ['site-1.example', 'site-3.example'])
      await place.app.sites.update({ domain }, { maintenanceUrl: url });
    const result = await place.app.bulk.allSites().enableMaintenance();
    expect(result.successful.map(({ domain }) => domain).toSorted()).toEqual([
      'site-1.example',
      'site-3.example',
    ]);
    expect(result.skipped).toMatchObject([{ domain: 'site-2.example', skipped: { code: 'hosts_page' } }]);
    expect(result.warnings).toMatchObject([{ code: 'hosts_page' }]);
    // Its users are closed by now, and not part of the next run.
    const alone = await place.app.bulk.sites(['site-2.example']).enableMaintenance();
    expect(alone.skipped).toMatchObject([{ skipped: { code: 'hosts_page' } }]);
  });

  test('a site that sends its visitors to itself fails as it does alone', async () => {
    await using place = await open(2);
    await place.app.sites.update(
      { domain: 'site-2.example' },
      { maintenanceUrl: 'https://elsewhere.example.net/' },
    );
    const url = 'https://www.site-1.example/closed';
    const site = await place.site('site-1.example');
    await place.app.database.transaction(async (em) => {
      await em.execute('update cloudflare_site set maintenance_url = ? where id = ?', [url, site.id], 'run');
    });
    const result = await place.app.bulk.allSites().enableMaintenance();
    expect(result.failed).toMatchObject([{ domain: 'site-1.example', error: { code: 'redirect_loop' } }]);
    expect(result.successful).toMatchObject([{ domain: 'site-2.example' }]);
  });

  test('the address of this installation stays open unless it is meant', async () => {
    await using place = await open(2, {
      app: { publicUrl: 'https://admin.site-1.example', maintenanceUrl: 'https://elsewhere.example.net/' },
    });
    const result = await place.app.bulk.allSites().enableMaintenance();
    expect(result.skipped).toMatchObject([{ domain: 'site-1.example', skipped: { code: 'our_address' } }]);
    expect(result.warnings).toMatchObject([{ code: 'our_address' }]);
    const forced = await place.app.bulk.allSites().enableMaintenance({ force: true });
    expect(forced.successful).toMatchObject([{ domain: 'site-1.example' }]);
  });

  test('inactive sites are left out, and still reopened', async () => {
    await using place = await open(2);
    await place.app.bulk.allSites().enableMaintenance();
    await place.app.sites.update({ domain: 'site-1.example' }, { isActive: false });
    const closed = await place.app.bulk.allSites().enableMaintenance({ reason: 'Again' });
    expect(closed.skipped).toMatchObject([{ domain: 'site-1.example', skipped: { code: 'inactive' } }]);
    expect(await place.app.bulk.allSites().disableMaintenance()).toMatchObject({
      total: 2,
      failed: [],
      skipped: [],
    });
  });

  test('sites that need more rules than their zone may have are refused before anything is changed', async () => {
    await using place = await open(2);
    const covers = { includeSubdomains: false, subdomainList: 'a,b,c' };
    await place.app.sites.update({ domain: 'site-1.example' }, covers);
    place.emulator.clearRequests();
    const run = place.app.bulk.allSites().enableMaintenance();
    const events: BulkEvent[] = [];
    for await (const event of run) events.push(event);
    const { failed, successful } = await run;
    expect(events[0]).toMatchObject({
      type: 'planned',
      plan: { refused: [{ domain: 'site-1.example', error: { code: 'quota_exceeded' } }], calls: 1 },
    });
    expect(failed).toMatchObject([
      {
        domain: 'site-1.example',
        error: { code: 'quota_exceeded' },
        log: { status: 'failed', errorCode: 'quota_exceeded' },
      },
    ]);
    expect(successful).toMatchObject([{ domain: 'site-2.example' }]);
    expect(place.emulator.requests()).toHaveLength(1);
  });

  test('what page rules have no room for is left to redirect rules where the engine is free', async () => {
    await using place = await open(1, { engine: 'auto' });
    await place.app.sites.update(
      { domain: 'site-1.example' },
      { includeSubdomains: false, subdomainList: 'a,b,c' },
    );
    expect((await place.app.bulk.allSites().enableMaintenance()).failed).toEqual([]);
  });
});
