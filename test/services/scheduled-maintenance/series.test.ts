import { describe, expect, test } from 'vitest';
import type { Intermission } from '../../../src/intermission.ts';
import { describeDatabases } from '../../support/describe-databases.ts';
import { HOUR, openWindowPlace, type WindowPlace } from './window-place.ts';

const ONE = 'site-1.example';
const DAY = 24 * HOUR;
const WEEKLY = { recurrence: '0 2 * * 0', timezone: 'Europe/Berlin', durationSeconds: 7200 };

/** Status and start of every window, by start. */
async function windowsOf({ app }: WindowPlace): Promise<string[]> {
  const windows = await app.windows.all();
  return windows.map(
    ({ status, scheduledStart }) => `${status} ${scheduledStart.toISOString().slice(0, 16)}`,
  );
}

describeDatabases((kind, databases) => {
  const open = async () => openWindowPlace(await databases.migratedUrl());

  describe('a series', () => {
    test('plans the first window for the first time that it comes', async () => {
      await using place = await open();
      const window = await place.plan(WEEKLY);
      expect(await windowsOf(place)).toEqual(['scheduled 2026-06-07T00:00']);
      const next = await place.app.schedule.nextOccurrences(window);
      expect(next.map((time) => time.toISOString().slice(0, 10))).toEqual([
        '2026-06-14',
        '2026-06-21',
        '2026-06-28',
        '2026-07-05',
        '2026-07-12',
      ]);
    });

    test('plans the next window when one begins, with the same sites', async () => {
      await using place = await open();
      await place.plan({ ...WEEKLY, message: 'Backup' });
      await place.after(5.5 * DAY);
      expect(await windowsOf(place)).toEqual(['active 2026-06-07T00:00', 'scheduled 2026-06-14T00:00']);
      const next = await place.app.schedule.get(2);
      expect(next.sites.getItems().map(({ domain }) => domain)).toEqual([ONE]);
      expect(next).toMatchObject({ maintenanceMessage: 'Backup', recurrence: WEEKLY.recurrence });
    });

    test('has no backlog: what was missed is one window that failed', async () => {
      await using place = await open();
      await place.plan(WEEKLY);
      await place.after(30 * DAY);
      expect(await windowsOf(place)).toEqual(['failed 2026-06-07T00:00', 'scheduled 2026-07-05T00:00']);
    });

    test('goes on when one window of it is cancelled', async () => {
      await using place = await open();
      const { id } = await place.plan(WEEKLY);
      await place.app.schedule.cancel(id);
      expect(await windowsOf(place)).toEqual(['cancelled 2026-06-07T00:00', 'scheduled 2026-06-14T00:00']);
    });

    test('goes on as always when one window of it is moved', async () => {
      await using place = await open();
      const { id } = await place.plan(WEEKLY);
      await place.app.schedule.reschedule(id, { start: new Date('2026-06-05T00:00Z') });
      await place.after(3.5 * DAY);
      expect(await windowsOf(place)).toEqual(['active 2026-06-05T00:00', 'scheduled 2026-06-14T00:00']);
    });

    test('ends with everything that would follow', async () => {
      await using place = await open();
      const { id } = await place.plan(WEEKLY);
      await place.after(5.5 * DAY);
      await place.app.schedule.cancel(id, { series: true });
      expect(await windowsOf(place)).toEqual(['cancelled 2026-06-07T00:00', 'cancelled 2026-06-14T00:00']);
      expect(place.isClosed(ONE)).toBe(false);
      await place.after(30 * DAY);
      expect(await place.app.windows.count()).toBe(2);
    });

    test('shows in the calendar what it will bring', async () => {
      await using place = await open();
      await place.plan(WEEKLY);
      const calendar = await place.app.schedule.getMaintenanceCalendar(21, { timezone: 'Europe/Berlin' });
      expect(calendar.map(({ date, entries }) => [date, entries.map(({ expected }) => expected)])).toEqual([
        ['2026-06-07', [false]],
        ['2026-06-14', [true]],
        ['2026-06-21', [true]],
      ]);
    });

    test('is continued once by three processors that see it at the same time', async () => {
      await using place = await open();
      await place.plan(WEEKLY);
      await using second = await place.openAgain();
      await using third = await place.openAgain();
      const apps = [place.app, second, third];
      const tick = (app: Intermission) => app.schedule.processScheduledMaintenances({ verify: false });
      const ticks = async () => {
        // Two connections to a SQLite file in one process stop each other; processes do not.
        if (kind === 'postgresql') await Promise.all(apps.map(tick));
        else for (const app of apps) await tick(app);
      };
      place.clock.advance(5.5 * DAY - 2 * HOUR);
      for (let week = 0; week < 3; week += 1) {
        place.clock.advance(2 * HOUR);
        await ticks();
        // Where no channel is configured, the outbox keeps a notice for a day.
        expect((await place.told()).filter((event) => event === 'window.started')).toHaveLength(1);
        place.clock.advance(2 * HOUR);
        await ticks();
        place.clock.advance(7 * DAY - 4 * HOUR);
      }
      expect(await windowsOf(place)).toEqual([
        'completed 2026-06-07T00:00',
        'completed 2026-06-14T00:00',
        'completed 2026-06-21T00:00',
        'scheduled 2026-06-28T00:00',
      ]);
      const posts = place.emulator.requests().filter(({ method }) => method === 'POST');
      expect(posts).toHaveLength(3);
    });
  });

  describe('windows that are planned together', () => {
    test('are each planned or refused by themselves', async () => {
      await using place = await open();
      const start = place.inHours(1);
      const { created, failed } = await place.app.schedule.bulkScheduleMaintenance([
        { title: 'A', start, durationSeconds: 60, sites: [ONE] },
        { title: 'B', start, durationSeconds: 60, sites: ['unknown.example'] },
        { title: 'C', start, durationSeconds: 60, sites: [ONE] },
      ]);
      expect(created.map(({ title }) => title)).toEqual(['A', 'C']);
      expect(failed).toMatchObject([{ input: { title: 'B' }, error: { code: 'not_found' } }]);
    });

    test('are acted on by what they are due for', async () => {
      await using place = await open();
      const { schedule } = place.app;
      await place.plan({ title: 'Ends', durationSeconds: 1800 });
      await place.after(HOUR);
      await place.plan({
        title: 'Begins',
        start: place.inHours(0.5),
        sites: ['site-2.example'],
        priority: 'critical',
      });
      place.clock.advance(0.5 * HOUR);
      expect((await schedule.findDue()).windows.map(({ title }) => title)).toEqual(['Begins', 'Ends']);
      expect(await schedule.processDueMaintenances()).toMatchObject([{ title: 'Begins', status: 'active' }]);
      expect(await schedule.processOverdueMaintenances()).toMatchObject([
        { title: 'Ends', status: 'completed' },
      ]);
      expect(await schedule.getActiveMaintenances()).toMatchObject([{ title: 'Begins' }]);
    });
  });
});
