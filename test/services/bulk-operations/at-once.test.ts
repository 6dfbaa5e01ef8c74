import { expect, test } from 'vitest';
import { describeDatabases } from '../../support/describe-databases.ts';
import { openWorkplace } from '../../support/workplace.ts';

describeDatabases((_kind, openTestDatabase) => {
  test('two runs over the same sites at once close each site once', async () => {
    await using place = await openWorkplace(await openTestDatabase.migratedUrl(), {
      emulator: { zones: 12 },
    });
    await using other = await place.openAgain({
      wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    });
    const results = await Promise.all([
      place.app.bulk.allSites().enableMaintenance({ reason: 'One' }),
      other.bulk.allSites().enableMaintenance({ reason: 'Two' }),
    ]);
    for (const result of results) expect(result.failed).toEqual([]);
    expect(place.emulator.zones().map(({ rules }) => rules.length)).toEqual(Array(12).fill(1));
    expect(await place.app.sites.inMaintenance().count()).toBe(12);
    expect(await place.app.logs.pending().count()).toBe(0);
    expect(place.emulator.requests({ method: 'POST' })).toHaveLength(12);
  }, 60_000);

  test('closing and reopening the same sites at once leaves each as its records say', async () => {
    await using place = await openWorkplace(await openTestDatabase.migratedUrl(), { emulator: { zones: 8 } });
    await using other = await place.openAgain({
      wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    });
    await place.app.bulk.sites().search('site-1').enableMaintenance();
    await Promise.all([
      place.app.bulk.allSites().enableMaintenance({ concurrency: 3 }),
      other.bulk.allSites().disableMaintenance({ concurrency: 3 }),
    ]);
    const sites = new Map((await place.app.sites.all()).map((site) => [site.domain, site]));
    for (const { name, rules } of place.emulator.zones()) {
      expect([name, rules.length]).toEqual([name, sites.get(name)?.maintenanceActive ? 1 : 0]);
    }
    expect(await place.app.logs.pending().count()).toBe(0);
  }, 60_000);

  test('a key that is slow does not hold up the others', async () => {
    await using place = await openWorkplace(await openTestDatabase.migratedUrl(), { emulator: { zones: 6 } });
    const { app, emulator } = place;
    const { key } = await app.apiKeys.create({
      name: 'slow',
      apiToken: emulator.addToken({ user: 'another' }),
    });
    for (const number of [1, 2])
      await app.sites.update({ domain: `site-${number}.example` }, { apiKey: key.name });
    const { zoneId } = await place.site('site-1.example');
    const hold = emulator.hold({ when: 'before', nth: 1, writesOnly: true, path: zoneId ?? '' });
    let finished = 0;
    const run = app.bulk.allSites().enableMaintenance({ concurrency: 1 });
    for await (const event of run) {
      if (event.type !== 'finished') continue;
      finished += 1;
      // Everything of the other key, while the first site of this one is still waiting for its reply.
      if (finished === 4) await hold.reached.then(() => hold.release());
    }
    expect(finished).toBe(6);
    expect((await run).failed).toEqual([]);
  }, 60_000);
});
