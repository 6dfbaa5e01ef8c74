import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { BulkEvent } from '../../../src/services/bulk-operations/types.ts';
import { describeDatabases } from '../../support/describe-databases.ts';
import { openWorkplace } from '../../support/workplace.ts';

const SITES = 90;
/** The real thing in small: what is not kept for reopening lets some fifty sites through. */
const LIMIT = { requests: 60, windowSeconds: 4, blockSeconds: 4 };
const REAL_TIME = {
  clock: { now: () => new Date() },
  wait: async (ms: number, signal?: AbortSignal) => {
    await delay(ms, undefined, signal === undefined ? {} : { signal });
  },
};

describeDatabases((_kind, openTestDatabase) => {
  const open = async () =>
    openWorkplace(await openTestDatabase.migratedUrl(), {
      emulator: { zones: SITES, rateLimit: LIMIT },
      app: REAL_TIME,
    });

  test('a run that has used up the budget says until when it pauses, and goes on by itself; others can reopen meanwhile', async () => {
    await using place = await open();
    await using other = await place.openAgain();
    const run = place.app.bulk.allSites().enableMaintenance();
    const events: BulkEvent[] = [];
    let reopened: string | undefined;
    for await (const event of run) {
      events.push(event);
      const done = events.find((each) => each.type === 'finished');
      if (event.type !== 'paused' || done === undefined || reopened !== undefined) continue;
      expect(event.apiKey).toBe('main');
      expect(event.until.getTime()).toBeGreaterThan(Date.now());
      const before = events.length;
      await other.disableMaintenanceForDomain(done.site.domain);
      expect(events).toHaveLength(before);
      reopened = done.site.domain;
    }
    const result = await run;
    expect(result).toMatchObject({ total: SITES, failed: [], skipped: [] });
    expect(place.emulator.requests({ status: 429 })).toEqual([]);
    expect(events[0]).toMatchObject({
      type: 'planned',
      plan: { calls: SITES, warnings: [{ code: 'pauses' }], keys: [{ apiKey: 'main', sites: SITES }] },
    });
    const [planned] = events;
    if (planned?.type !== 'planned') throw new Error('The first event is not the plan.');
    expect(planned.plan.seconds).toBeGreaterThan(1);
    expect(planned.plan.keys[0]?.pausesUntil).toBeInstanceOf(Date);
    expect(reopened).toBeDefined();
    const closed = await place.app.sites.inMaintenance().count();
    expect(closed).toBe(SITES - 1);
    expect((await place.site(reopened ?? '')).maintenanceActive).toBe(false);
  }, 60_000);

  test('a pause holds no lock and ends at once when the run is cancelled', async () => {
    await using place = await open();
    const cancel = new AbortController();
    const run = place.app.bulk.allSites().enableMaintenance({ signal: cancel.signal });
    for await (const event of run) {
      if (event.type !== 'paused') continue;
      const locks = await place.app.database.read().execute('select zone_id from maintenance_lock');
      expect(locks).toEqual([]);
      cancel.abort();
    }
    const result = await run;
    expect(result.stopped?.code).toBe('cancelled');
    expect(result.failed).toEqual([]);
    expect(result.skipped.length).toBeGreaterThan(0);
    expect(await place.app.sites.inMaintenance().count()).toBe(result.successful.length);
  }, 60_000);

  test('many sites of one zone pause between two of them, without the lock of the zone', async () => {
    await using place = await openWorkplace(await openTestDatabase.migratedUrl(), {
      emulator: { zones: 1, rateLimit: { requests: 30, windowSeconds: 3, blockSeconds: 3 } },
      app: REAL_TIME,
    });
    const { app, emulator } = place;
    emulator.setZone('site-1.example', { pageRuleQuota: 100 });
    await app.siteSync().then((sync) => sync.syncZones());
    const zoneId = (await place.site('site-1.example')).zoneId ?? '';
    for (let number = 1; number <= 40; number += 1) {
      const domain = `s${number}.site-1.example`;
      await app.sites.create({ domain, zoneId, includeSubdomains: false, engine: 'page_rules' });
    }
    const run = app.bulk.sites().search('.site-1').enableMaintenance();
    let pauses = 0;
    for await (const event of run) {
      if (event.type !== 'paused') continue;
      pauses += 1;
      expect(await app.database.read().execute('select zone_id from maintenance_lock')).toEqual([]);
    }
    expect(await run).toMatchObject({ total: 40, failed: [], skipped: [] });
    expect(pauses).toBeGreaterThan(0);
    expect(await app.logs.failed().count()).toBe(0);
    expect(emulator.requests({ status: 429 })).toEqual([]);
  }, 60_000);

  test('a key whose budget is used up pauses alone', async () => {
    await using place = await open();
    const { app, emulator } = place;
    const { key } = await app.apiKeys.create({ name: 'other', apiToken: emulator.addToken({ user: 'two' }) });
    await app.sites.update({ domain: 'site-90.example' }, { apiKey: key.name });
    // The order of the run is that of the selection: this one comes last.
    const all = emulator.zones().map(({ name }) => name);
    const last = [...all.filter((name) => name !== 'site-90.example'), 'site-90.example'];
    const paused = new Set<string>();
    let rank = 0;
    for await (const event of app.bulk.sites(last).enableMaintenance()) {
      if (event.type === 'paused') paused.add(event.apiKey);
      if (event.type === 'finished' && event.site.domain === 'site-90.example') rank = event.finished;
    }
    expect([...paused]).toEqual(['main']);
    // Had it waited for the others, it would have been the ninetieth.
    expect(rank).toBeLessThan(70);
    expect(await app.sites.inMaintenance().count()).toBe(SITES);
  }, 60_000);

  test('a process that does not know the budget asks before it begins with many sites', async () => {
    await using place = await open();
    await using other = await place.openAgain();
    const plan = await other.bulk.allSites().plan('enable');
    expect(plan.keys[0]?.room).toBeTypeOf('number');
    expect(plan.keys[0]?.pausesUntil).toBeInstanceOf(Date);
  });
});
