import { expect, test } from 'vitest';
import { describeDatabases } from '../../support/describe-databases.ts';
import { openWorkplace, requestLines } from '../../support/workplace.ts';

const AWAY = { kind: 'serverError', status: 503 } as const;

describeDatabases((_kind, openTestDatabase) => {
  const open = async (zones = 3) =>
    openWorkplace(await openTestDatabase.migratedUrl(), { emulator: { zones }, app: { maxRetries: 0 } });

  test('the states of many sites are read once per zone, and compared with what is intended', async () => {
    await using place = await open();
    const { app, emulator } = place;
    await app.sites.create({ domain: 'a.site-1.example', includeSubdomains: false });
    await app.enableMaintenanceForDomain('site-2.example', 'Move');
    emulator.removeRule('site-2.example', emulator.rules('site-2.example')[0]?.id ?? '');
    const broken = (await place.site('site-3.example')).zoneId ?? '';
    emulator.addFault({ ...AWAY, path: new RegExp(broken) });
    emulator.clearRequests();
    const result = await app.bulk.allSites().checkStatus();
    expect(result).toMatchObject({ operation: 'status', total: 4, skipped: [], stopped: null });
    expect(result.failed).toMatchObject([
      { domain: 'site-3.example', error: { code: 'api_unavailable' }, status: { configured: 'unknown' } },
    ]);
    const found = result.successful.map(({ domain, status }) => [
      domain,
      status?.intended,
      status?.configured,
    ]);
    expect(found.toSorted()).toEqual([
      ['a.site-1.example', 'open', 'open'],
      ['site-1.example', 'open', 'open'],
      ['site-2.example', 'maintenance', 'open'],
    ]);
    expect(result.calls).toBe(requestLines(emulator).length);
    const reads = emulator.requests().map(({ path }) => path);
    expect(new Set(reads).size).toBe(reads.length);
  });

  test('what visitors get is looked at where that is asked for', async () => {
    await using place = await open(2);
    await place.app.enableMaintenanceForDomain('site-2.example', 'Move');
    const { successful } = await place.app.bulk.allSites().checkStatus({ observe: true });
    expect(successful.map(({ domain, status }) => [domain, status?.observed]).toSorted()).toEqual([
      ['site-1.example', 'open'],
      ['site-2.example', 'maintenance'],
    ]);
  });

  test('a sync of some sites refreshes these and creates none; a dry run says what it would do', async () => {
    await using place = await open();
    const { app, emulator } = place;
    emulator.addZone({ name: 'new.example' });
    for (const name of ['site-1.example', 'site-2.example']) emulator.setZone(name, { paused: true });
    const one = app.bulk.sites(['site-1.example']);
    const dry = await one.syncFromCloudflare({ dryRun: true });
    expect(dry.successful).toMatchObject([{ domain: 'site-1.example', outcome: 'planned' }]);
    expect((await place.site('site-1.example')).zonePaused).toBe(false);
    const result = await one.syncFromCloudflare();
    expect(result).toMatchObject({ operation: 'sync', total: 1, failed: [], calls: 1 });
    expect(result.successful).toMatchObject([{ domain: 'site-1.example', outcome: 'done' }]);
    expect((await place.site('site-1.example')).zonePaused).toBe(true);
    expect((await place.site('site-2.example')).zonePaused).toBe(false);
    expect(await app.sites.count()).toBe(3);
  });

  test('a key that cannot be read fails its sites, and those of the others are synced', async () => {
    await using place = await open(2);
    const { app, emulator } = place;
    const { key } = await app.apiKeys.create({
      name: 'second',
      apiToken: emulator.addToken({ user: 'two' }),
    });
    await app.sites.update({ domain: 'site-2.example' }, { apiKey: key.name });
    emulator.addFault({ ...AWAY, path: /\/zones$/, times: 1 });
    const result = await app.bulk.allSites().syncFromCloudflare();
    expect([result.successful.length, result.failed.length, result.total]).toEqual([1, 1, 2]);
    expect(result.failed).toMatchObject([{ error: { code: 'api_unavailable' } }]);
  });

  test('zones become sites, and a repeat creates none', async () => {
    await using place = await open(1);
    place.emulator.addZone({ name: 'new.example' });
    expect(await place.app.bulk.discoverAndCreateSites()).toMatchObject([
      { apiKey: 'main', result: { discovered: 2, created: 1 } },
    ]);
    expect((await place.site('new.example')).isActive).toBe(true);
    expect(await place.app.bulk.discoverAndCreateSites()).toMatchObject([{ result: { created: 0 } }]);
  });

  test('the numbers of sites are told by key; sites without one count with the default one', async () => {
    await using place = await open();
    const { app } = place;
    expect(await app.bulk.getStatistics()).toMatchObject({ total: 3, active: 3, inMaintenance: 0 });
    await app.apiKeys.create({ name: 'other', apiToken: place.emulator.addToken() });
    await app.sites.update({ domain: 'site-1.example' }, { apiKey: 'other' });
    await app.sites.update({ domain: 'site-2.example' }, { apiKey: null, isActive: false });
    await app.enableMaintenanceForDomain('site-1.example', 'Move');
    expect(await app.bulk.getStatistics()).toEqual({
      total: 3,
      active: 2,
      inMaintenance: 1,
      byApiKey: [
        { apiKey: 'main', total: 2, active: 1, inMaintenance: 0 },
        { apiKey: 'other', total: 1, active: 1, inMaintenance: 1 },
      ],
    });
  });

  test('the report names closed sites, and counts what a tick has to do', async () => {
    await using place = await open();
    const { app, clock, emulator } = place;
    await app.enableMaintenanceForDomain('site-1.example', 'Move');
    const until = new Date(clock.now().getTime() + 60_000);
    await app.enableMaintenanceForDomain('site-2.example', 'Short', { until });
    clock.advance(120_000);
    const broken = (await place.site('site-3.example')).zoneId ?? '';
    emulator.addFault({ ...AWAY, method: 'GET', path: new RegExp(broken) });
    emulator.addFault({ kind: 'dropReply', method: 'POST', path: new RegExp(broken) });
    await app.enableMaintenanceForDomain('site-3.example', 'Lost').catch(() => undefined);
    const report = await app.bulk.getMaintenanceStatusReport();
    expect(report).toMatchObject({ totalSites: 3, inMaintenance: 2, overdue: 1, interrupted: 1 });
    expect(report.sites.map(({ domain, holds }) => [domain, holds.map(({ reason }) => reason)])).toEqual([
      ['site-1.example', ['Move']],
      ['site-2.example', []],
    ]);
  });

  test('with verify each site is proven: where visitors get something else the site is done and says so', async () => {
    await using place = await open(3);
    const { app, emulator } = place;
    emulator.setZone('site-2.example', { paused: true });
    const result = await app.bulk.allSites().enableMaintenance({ verify: true, timeoutMs: 50 });
    expect(result).toMatchObject({ total: 3, failed: [], skipped: [] });
    expect(result.successful.map(({ domain, proof }) => [domain, proof?.state]).toSorted()).toEqual([
      ['site-1.example', 'proven'],
      ['site-2.example', 'unproven'],
      ['site-3.example', 'proven'],
    ]);
    for (const { log, proof } of result.successful)
      expect(log).toMatchObject({ proof: proof?.state, evidence: proof?.evidence });
  });
});
