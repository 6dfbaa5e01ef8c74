import { expect, test } from 'vitest';
import type { BulkResult } from '../../../src/services/bulk-operations/types.ts';
import { describeDatabases } from '../../support/describe-databases.ts';
import { openWorkplace, requestLines } from '../../support/workplace.ts';

const skips = ({ skipped }: BulkResult) => skipped.map(({ domain, skipped: why }) => [domain, why?.code]);

describeDatabases((_kind, openTestDatabase) => {
  const open = async (zones = 3) =>
    openWorkplace(await openTestDatabase.migratedUrl(), { emulator: { zones } });

  test('what is done already costs no call: repeating a run takes up where it ended', async () => {
    await using place = await open();
    const { bulk } = place.app;
    await bulk.sites(['site-1.example', 'site-3.example']).enableMaintenance({ reason: 'Move' });
    place.emulator.clearRequests();
    const again = await bulk.allSites().enableMaintenance({ reason: 'Move' });
    expect(skips(again)).toEqual([
      ['site-1.example', 'already_closed'],
      ['site-3.example', 'already_closed'],
    ]);
    expect(again.successful).toMatchObject([{ domain: 'site-2.example', outcome: 'done' }]);
    expect(requestLines(place.emulator)).toEqual(['POST /zones/:id/pagerules']);

    await bulk.sites(['site-2.example']).disableMaintenance();
    place.emulator.clearRequests();
    const reopened = await bulk.allSites().disableMaintenance();
    expect(skips(reopened)).toEqual([['site-2.example', 'already_open']]);
    expect(requestLines(place.emulator)).toHaveLength(2);
  });

  test('other terms are an update: reason, message, end or address', async () => {
    await using place = await open(1);
    const { bulk } = place.app;
    const until = new Date('2026-06-01T13:00:00.000Z');
    await bulk.allSites().enableMaintenance({ reason: 'Move', message: 'Soon', until });
    for (const terms of [
      { reason: 'Move', message: 'Later' },
      { reason: 'Another' },
      { reason: 'Another', until: null },
      { reason: 'Another', url: 'https://elsewhere.example.net/' },
      { reason: 'Another', hold: 'deploy' },
    ]) {
      expect((await bulk.allSites().enableMaintenance(terms)).successful).toHaveLength(1);
      expect((await bulk.allSites().enableMaintenance(terms)).skipped).toHaveLength(1);
    }
    const status = await place.app.maintenance(await place.site('site-1.example')).describe();
    expect(status).toMatchObject({ url: 'https://elsewhere.example.net/', message: 'Later', until: null });
  });

  test('a site that others hold stays closed and is a failure of the run; with force it opens', async () => {
    await using place = await open(2);
    const { bulk } = place.app;
    await bulk.allSites().enableMaintenance();
    await place.app.enableMaintenanceForDomain('site-2.example', 'Deploy', { hold: 'deploy' });
    const result = await bulk.allSites().disableMaintenance();
    expect(result.successful).toMatchObject([{ domain: 'site-1.example' }]);
    expect(result.failed).toMatchObject([
      { domain: 'site-2.example', error: { code: 'held_by_others' }, log: { status: 'failed' } },
    ]);
    expect(result.successRate).toBe(50);
    expect(await bulk.emergencyDisableAll('Enough')).toMatchObject({
      successful: [{ domain: 'site-2.example', log: { reason: 'Enough' } }],
      failed: [],
    });
    expect(await place.app.sites.inMaintenance().count()).toBe(0);
  });

  test('in an emergency every active site is closed, under a hold of its own', async () => {
    await using place = await open();
    await place.app.sites.update({ domain: 'site-2.example' }, { isActive: false });
    const result = await place.app.bulk.emergencyEnableAll('Data centre on fire');
    expect(result.successful.map(({ domain }) => domain).toSorted()).toEqual([
      'site-1.example',
      'site-3.example',
    ]);
    const report = await place.app.bulk.getMaintenanceStatusReport();
    expect(report).toMatchObject({ totalSites: 3, inMaintenance: 2, interrupted: 0, overdue: 0 });
    expect(report.sites.map(({ domain, holds }) => [domain, holds[0]?.name, holds[0]?.reason])).toEqual([
      ['site-1.example', 'emergency', 'Data centre on fire'],
      ['site-3.example', 'emergency', 'Data centre on fire'],
    ]);
  });

  test('several sites of one zone follow one another, and none waits for a lock of the same run', async () => {
    await using place = await open(1);
    const { app, emulator } = place;
    for (const label of ['a', 'b', 'c'])
      await app.sites.create({ domain: `${label}.site-1.example`, includeSubdomains: false });
    emulator.clearRequests();
    const plan = await app.bulk.sites().search('.site-1').plan('enable');
    expect(plan).toMatchObject({ total: 3, calls: 3 });
    const result = await app.bulk.sites().search('.site-1').enableMaintenance();
    expect(result.successful).toHaveLength(3);
    expect(result.calls).toBe(3);
    expect(await app.bulk.sites().search('.site-1').disableMaintenance()).toMatchObject({
      failed: [],
      calls: 3,
    });
  });
});
