import { expect, test } from 'vitest';
import type { BulkSite } from '../../../src/services/bulk-operations/types.ts';
import { describeDatabases } from '../../support/describe-databases.ts';
import { failureOf, openWorkplace } from '../../support/workplace.ts';

const domains = (rows: readonly BulkSite[]) => rows.map(({ domain }) => domain);
const codes = (rows: readonly BulkSite[]) => rows.map(({ domain, error }) => [domain, error?.code]);

describeDatabases((_kind, openTestDatabase) => {
  const open = async (zones: number) =>
    openWorkplace(await openTestDatabase.migratedUrl(), { emulator: { zones } });

  test('domains that are not known fail, those named twice count once, whatever their spelling', async () => {
    await using place = await open(3);
    const named = [
      'site-2.example',
      'nowhere.example',
      'SITE-2.example.',
      'site-1.example',
      'no domain',
      'nowhere.example',
    ];
    const result = await place.app.bulk.enableMaintenanceForDomains(named, 'Move');
    expect(result.total).toBe(4);
    expect(domains(result.successful).toSorted()).toEqual(['site-1.example', 'site-2.example']);
    expect(codes(result.failed).toSorted()).toEqual([
      ['no domain', 'validation_failed'],
      ['nowhere.example', 'not_found'],
    ]);
    expect(result.successRate).toBe(50);
    expect(result.calls).toBe(2);
  });

  test('sites are named by domain, id or themselves, and are planned in that order', async () => {
    await using place = await open(4);
    const { bulk } = place.app;
    const [three, one] = [await place.site('site-3.example'), await place.site('site-1.example')];
    const plan = await bulk.sites([three.id, 'site-2.example', one, three, 999_999]).plan('enable');
    expect(plan.sites.map(({ domain }) => domain)).toEqual([
      'site-2.example',
      'site-3.example',
      'site-1.example',
    ]);
    expect(codes(plan.refused)).toEqual([['site 999999', 'not_found']]);
    expect(plan).toMatchObject({ total: 4, calls: 3 });
  });

  test('a selection is narrowed like any query of sites, and asked anew by each run', async () => {
    await using place = await open(3);
    const { bulk } = place.app;
    await place.app.sites.update({ domain: 'site-3.example' }, { name: 'Shop of the museum' });
    const shops = bulk.activeSites().search('MUSEUM');
    expect(domains((await shops.enableMaintenance()).successful)).toEqual(['site-3.example']);
    expect(await bulk.maintenanceSites().count()).toBe(1);
    await place.app.sites.update({ domain: 'site-1.example' }, { name: 'Another museum' });
    expect((await shops.plan('enable')).sites).toMatchObject([{ domain: 'site-1.example', apiKey: 'main' }]);
  });

  test('a domain that the rest of the query leaves out is not there, and no failure', async () => {
    await using place = await open(2);
    const run = place.app.bulk
      .sites(['site-1.example', 'site-2.example'])
      .search('site-2')
      .enableMaintenance();
    expect(await run).toMatchObject({ total: 1, failed: [], successful: [{ domain: 'site-2.example' }] });
  });

  test('a selection that matches nothing does nothing, and says so', async () => {
    await using place = await open(1);
    const result = await place.app.bulk.sites().search('elsewhere').enableMaintenance();
    expect(result).toMatchObject({
      total: 0,
      successful: [],
      failed: [],
      skipped: [],
      successRate: 0,
      calls: 0,
    });
    expect(await place.app.bulk.sites([]).disableMaintenance()).toMatchObject({ total: 0 });
    expect(place.emulator.requests()).toEqual([]);
  });

  test('what cannot be meant is refused before anything is looked at', async () => {
    await using place = await open(1);
    const all = place.app.bulk.allSites();
    for (const options of [
      { concurrency: 0 },
      { concurrency: 1.5 },
      { canary: -1 },
      { stopOnFailure: '0%' },
      { stopOnFailure: 'many' },
      { stopOnFailure: 101 / 2 },
      { until: new Date(0) },
      { hold: 'no name' },
    ]) {
      await failureOf(Promise.resolve(all.enableMaintenance(options)), 'validation_failed');
    }
    expect(place.emulator.requests()).toEqual([]);
    expect(await place.app.logs.filter({ action: 'enable' }).count()).toBe(0);
  });

  test('a dry run and a plan change nothing and ask nothing', async () => {
    await using place = await open(3);
    const all = place.app.bulk.allSites();
    await place.app.enableMaintenanceForDomain('site-2.example', 'Maintenance');
    place.emulator.clearRequests();
    const result = await all.enableMaintenance({ dryRun: true });
    expect(result).toMatchObject({ dryRun: true, total: 3, calls: 0, failed: [] });
    expect(result.successful.map(({ domain, outcome }) => [domain, outcome])).toEqual([
      ['site-1.example', 'planned'],
      ['site-3.example', 'planned'],
    ]);
    expect(result.skipped).toMatchObject([{ domain: 'site-2.example', skipped: { code: 'already_closed' } }]);
    expect(place.emulator.requests()).toEqual([]);
    expect(await place.app.sites.inMaintenance().count()).toBe(1);
  });
});
