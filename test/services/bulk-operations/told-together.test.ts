import { expect, test } from 'vitest';
import type { NoticeFacts } from '../../../src/domain/notices.ts';
import { Notification } from '../../../src/domain/supporting.ts';
import { describeDatabases } from '../../support/describe-databases.ts';
import { openWorkplace, type Workplace } from '../../support/workplace.ts';

const MINUTE = 60_000;

async function notices({ app }: Pick<Workplace, 'app'>): Promise<Notification[]> {
  return app.database.read().find(Notification, {}, { orderBy: { id: 'asc' } });
}

function refuse({ emulator }: Workplace, ...domains: string[]): void {
  for (const { id } of emulator.zones().filter(({ name }) => domains.includes(name)))
    emulator.addFault({ kind: 'refuse', path: id, code: 9_999, message: 'No.' });
}

describeDatabases((_kind, openTestDatabase) => {
  const open = async (zones: number) =>
    openWorkplace(await openTestDatabase.migratedUrl(), { emulator: { zones } });

  test('the failures of a run are one notice, due as soon as it has ended', async () => {
    await using place = await open(30);
    const domains = Array.from({ length: 27 }, (_, index) => `site-${index + 1}.example`);
    refuse(place, ...domains.slice(1));
    await place.app.sites.update({ domain: 'site-1.example' }, { isActive: false });
    const result = await place.app.bulk.allSites().enableMaintenance({ reason: 'Move' });
    expect(result.failed).toHaveLength(26);
    const [notice, ...others] = await notices(place);
    expect(others).toEqual([]);
    expect(notice).toMatchObject({ event: 'operation.failed', nextAttemptAt: place.clock.now() });
    expect(notice?.payload).toMatchObject({ action: 'enable', reason: 'Move', failureCount: 26 });
    const { failures = [] } = (notice?.payload ?? {}) as NoticeFacts;
    expect(failures.map(({ site }) => site).toSorted()).toEqual(domains.slice(1).toSorted());
    expect(failures[0]?.error).toMatch(/^api_rejected: /);
    const [shown] = await place.app.notices.undelivered();
    expect(shown?.subject).toBe('Intermission: 26 sites could not be closed');
  });

  test('a run of which one site failed tells of it as if it had been alone, and one that succeeds says nothing', async () => {
    await using place = await open(3);
    refuse(place, 'site-2.example');
    const { failed } = await place.app.bulk.allSites().enableMaintenance();
    expect((await notices(place)).map(({ payload }) => payload)).toMatchObject([
      { site: 'site-2.example', logId: failed[0]?.logId, error: { code: 'api_rejected' } },
    ]);
    place.emulator.clearFaults();
    await place.app.bulk.allSites().enableMaintenance();
    expect(await notices(place)).toHaveLength(1);
  });

  test('what is refused before anything is changed is told of with the rest', async () => {
    await using place = await open(3);
    place.emulator.setZone('site-1.example', { pageRuleQuota: 0 });
    await (await place.app.siteSync()).syncZones();
    refuse(place, 'site-3.example');
    expect((await place.app.bulk.allSites().enableMaintenance()).failed).toHaveLength(2);
    expect((await notices(place)).map(({ payload }) => payload)).toMatchObject([{ failureCount: 2 }]);
  });

  test('while a run goes on its notice waits for the end, and for ten minutes if none comes', async () => {
    await using place = await open(3);
    refuse(place, 'site-1.example', 'site-2.example');
    const hold = place.emulator.hold({ when: 'before', nth: 3, writesOnly: true });
    const run = place.app.bulk.allSites().enableMaintenance({ concurrency: 1 });
    void run.then(() => undefined);
    await hold.reached;
    const due = new Date(place.clock.now().getTime() + 10 * MINUTE);
    expect(await notices(place)).toMatchObject([{ nextAttemptAt: due, payload: { failureCount: 2 } }]);
    await hold.release();
    await run;
    expect(await notices(place)).toMatchObject([{ nextAttemptAt: place.clock.now() }]);
  });

  test('what fails after the notice is on its way is told in another, and nothing twice', async () => {
    await using place = await open(3);
    refuse(place, 'site-1.example', 'site-2.example');
    const hold = place.emulator.hold({ when: 'before', nth: 2, writesOnly: true });
    const run = place.app.bulk.allSites().enableMaintenance({ concurrency: 1 });
    void run.then(() => undefined);
    await hold.reached;
    await place.app.database.transaction((em) => em.nativeUpdate(Notification, {}, { channel: 'mail' }));
    await hold.release();
    await run;
    expect((await notices(place)).map(({ payload }) => payload)).toMatchObject([
      { site: 'site-1.example' },
      { site: 'site-2.example' },
    ]);
  });

  test('the ends of many holds that fail in one tick are told of together', async () => {
    await using place = await open(3);
    const until = new Date(place.clock.now().getTime() + MINUTE);
    await place.app.bulk.allSites().enableMaintenance({ until });
    refuse(place, 'site-1.example', 'site-2.example', 'site-3.example');
    place.clock.advance(2 * MINUTE);
    const tick = () => place.app.schedule.processScheduledMaintenances({ verify: false });
    expect((await tick()).failed).toHaveLength(3);
    expect((await notices(place)).map(({ payload }) => payload)).toMatchObject([
      { action: 'disable', failureCount: 3 },
    ]);
    await tick();
    expect(await notices(place)).toHaveLength(1);
  });

  test('the sites of a window that cannot be closed are told of together, however many steps that takes', async () => {
    await using place = await open(55);
    const sites = place.emulator.zones().map(({ name }) => name);
    refuse(place, ...sites);
    const start = new Date(place.clock.now().getTime() + 2 * MINUTE);
    const plan = { title: 'Upgrade', durationSeconds: 3600, start, sites, notifyBefore: 0 };
    await place.app.schedule.createScheduledMaintenance(plan);
    place.clock.advance(3 * MINUTE);
    await place.app.schedule.processScheduledMaintenances({ verify: false });
    const failed = (await notices(place)).filter(({ event }) => event === 'operation.failed');
    expect(failed.map(({ payload }) => payload)).toMatchObject([{ action: 'enable', failureCount: 55 }]);
  });
});
