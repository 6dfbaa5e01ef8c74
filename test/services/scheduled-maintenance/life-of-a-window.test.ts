import { describe, expect, test } from 'vitest';
import { describeDatabases } from '../../support/describe-databases.ts';
import { failureOf } from '../../support/workplace.ts';
import { HOUR, MINUTE, openWindowPlace } from './window-place.ts';

const ONE = 'site-1.example';
const TWO = 'site-2.example';

describeDatabases((_kind, databases) => {
  const open = async () => openWindowPlace(await databases.migratedUrl());

  describe('a window', () => {
    test('closes its sites when it starts, reopens them when it ends, and tells of it', async () => {
      await using place = await open();
      const { id } = await place.plan({ sites: [ONE, TWO], message: 'Back at three.' });
      await place.tick();
      expect(place.isClosed(ONE)).toBe(false);
      const started = await place.after(HOUR);
      expect(started.windows).toMatchObject([{ id, status: 'active', closed: [ONE, TWO], failed: [] }]);
      expect([ONE, TWO].map(place.isClosed)).toEqual([true, true]);
      const status = await place.app.maintenance(await place.site(ONE)).describe();
      expect(status).toMatchObject({ message: 'Back at three.', until: place.inHours(1) });
      expect(status.holds).toMatchObject([{ name: `window:${id}`, actor: 'scheduler' }]);
      const ended = await place.after(HOUR);
      expect(ended.windows).toMatchObject([{ id, status: 'completed', reopened: [ONE, TWO], failed: [] }]);
      expect([ONE, TWO].map(place.isClosed)).toEqual([false, false]);
      expect(await place.history(id)).toEqual([
        'started',
        `closed ${ONE}`,
        `closed ${TWO}`,
        `reopened ${ONE}`,
        `reopened ${TWO}`,
        'ended',
      ]);
      expect(await place.told()).toEqual(['window.upcoming', 'window.started', 'window.completed']);
      const window = await place.app.schedule.get(id);
      expect(window.actualDuration(place.clock.now())).toBe(3600);
    });

    test('costs a tick nothing more while it is in order', async () => {
      await using place = await open();
      await place.plan();
      await place.after(HOUR);
      const { version } = await place.app.schedule.get(1);
      place.emulator.clearRequests();
      expect((await place.after(MINUTE)).windows).toEqual([]);
      expect(place.emulator.requests()).toEqual([]);
      expect((await place.app.schedule.get(1)).version).toBe(version);
    });

    test('that was missed has failed, and closes nothing', async () => {
      await using place = await open();
      const { id } = await place.plan();
      const { windows } = await place.after(3 * HOUR);
      expect(windows).toMatchObject([{ id, before: 'scheduled', status: 'failed', closed: [] }]);
      expect((await place.app.schedule.get(id)).outcome).toMatch(/^Missed/);
      expect(place.emulator.requests()).toEqual([]);
      expect(await place.told()).toEqual(['window.failed']);
    });

    test('that begins late still ends in time', async () => {
      await using place = await open();
      const { id } = await place.plan();
      await place.after(1.5 * HOUR);
      expect(place.isClosed(ONE)).toBe(true);
      await place.after(0.5 * HOUR);
      expect(place.isClosed(ONE)).toBe(false);
      expect(await place.app.schedule.get(id)).toMatchObject({ status: 'completed' });
    });

    test('with autoEnable off waits for a person, and tells of it once', async () => {
      await using place = await open();
      const { id } = await place.plan({ autoEnable: false, notifyBefore: 0 });
      await place.after(HOUR);
      await place.after(MINUTE);
      expect(place.isClosed(ONE)).toBe(false);
      expect(await place.told()).toEqual(['window.waiting']);
      const run = await place.app.schedule.start(id);
      expect(run).toMatchObject({ before: 'scheduled', status: 'active', closed: [ONE] });
      await place.after(HOUR);
      expect(place.isClosed(ONE)).toBe(false);
    });

    test('with autoEnable off asks again when it is moved, and says what it was missed by', async () => {
      await using place = await open();
      const { id } = await place.plan({ autoEnable: false, notifyBefore: 0 });
      await place.after(HOUR);
      await place.app.schedule.reschedule(id, { start: place.inHours(5) });
      await place.after(5 * HOUR);
      expect((await place.told()).filter((event) => event === 'window.waiting')).toHaveLength(2);
      await place.after(2 * HOUR);
      expect(await place.app.schedule.get(id)).toMatchObject({
        status: 'failed',
        outcome: 'Missed: it was for a person to start it, and nobody did before its end.',
      });
    });

    test('with autoDisable off stays closed past its end until a person completes it', async () => {
      await using place = await open();
      const { id } = await place.plan({ autoDisable: false, notifyBefore: 0 });
      await place.after(HOUR);
      expect((await place.app.maintenance(await place.site(ONE)).describe()).until).toBeNull();
      await place.after(2 * HOUR);
      await place.after(MINUTE);
      expect(place.isClosed(ONE)).toBe(true);
      const window = await place.app.schedule.get(id);
      expect(window.isOverdue(place.clock.now())).toBe(true);
      expect(await place.told()).toEqual(['window.started', 'window.overdue']);
      expect(await place.app.schedule.complete(id)).toMatchObject({ status: 'completed', reopened: [ONE] });
      expect(place.isClosed(ONE)).toBe(false);
    });

    test('can be started early and completed early', async () => {
      await using place = await open();
      const { id } = await place.plan();
      expect(await place.app.schedule.start(id)).toMatchObject({ status: 'active', closed: [ONE] });
      await place.after(MINUTE);
      expect(await place.app.schedule.complete(id)).toMatchObject({ status: 'completed', reopened: [ONE] });
      expect((await place.after(2 * HOUR)).windows).toEqual([]);
    });

    test('that is cancelled while active reopens first', async () => {
      await using place = await open();
      const { id } = await place.plan({ notifyBefore: 0 });
      await place.after(HOUR);
      expect(await place.app.schedule.cancel(id)).toMatchObject({
        before: 'active',
        status: 'cancelled',
        reopened: [ONE],
      });
      expect(place.isClosed(ONE)).toBe(false);
      expect(await place.told()).toEqual(['window.started', 'window.cancelled']);
    });

    test('that is cancelled before never closes', async () => {
      await using place = await open();
      const { id } = await place.plan({ notifyBefore: 0 });
      expect(await place.app.schedule.cancel(id)).toMatchObject({ before: 'scheduled', status: 'cancelled' });
      expect((await place.after(HOUR)).windows).toEqual([]);
      expect(place.isClosed(ONE)).toBe(false);
      expect(await place.told()).toEqual(['window.cancelled']);
    });

    test('that is extended takes its holds along, and ends then', async () => {
      await using place = await open();
      const { id } = await place.plan();
      await place.after(HOUR);
      place.emulator.clearRequests();
      await place.app.schedule.extend(id, { bySeconds: 3600 });
      expect(place.emulator.requests()).toEqual([]);
      const { until } = await place.app.maintenance(await place.site(ONE)).describe();
      expect(until).toEqual(place.inHours(2));
      await place.after(HOUR);
      expect(place.isClosed(ONE)).toBe(true);
      await place.after(HOUR);
      expect(place.isClosed(ONE)).toBe(false);
      expect(await place.told()).toContain('window.extended');
    });

    test('that is rescheduled is announced again, and starts then', async () => {
      await using place = await open();
      const { id } = await place.plan();
      await place.tick();
      await place.app.schedule.reschedule(id, { start: place.inHours(5), durationSeconds: 1800 });
      expect((await place.after(HOUR)).windows).toEqual([]);
      await place.after(3 * HOUR);
      await place.after(HOUR);
      expect(place.isClosed(ONE)).toBe(true);
      expect(await place.told()).toEqual([
        'window.upcoming',
        'window.rescheduled',
        'window.upcoming',
        'window.started',
      ]);
    });

    test('leaves a log row of every edit', async () => {
      await using place = await open();
      const by = { actor: { name: 'alice', source: 'cli' as const } };
      const { id } = await place.plan();
      await place.app.schedule.extend(id, { bySeconds: 60 }, by);
      await place.app.schedule.cancel(id, by);
      const rows = await place.app.logs.filter({ action: 'configure', reason: { $like: 'window %' } }).all();
      expect(rows.map(({ actor, reason }) => [actor, reason])).toEqual([
        ['alice', `window ${id} (Upgrade) edited`],
        ['alice', `window ${id} (Upgrade) edited`],
        ['library', `window ${id} (Upgrade) added`],
      ]);
      expect(rows[0]?.changed).toMatchObject({
        before: { status: 'scheduled' },
        after: { status: 'cancelled' },
      });
    });

    test('is cloned with everything but its time', async () => {
      await using place = await open();
      const { id } = await place.plan({ sites: [ONE, TWO], message: 'Soon back', priority: 'high' });
      const twin = await place.app.schedule.clone(id, { start: place.inHours(30) });
      expect(twin).toMatchObject({
        title: 'Upgrade',
        maintenanceMessage: 'Soon back',
        priority: 'high',
        status: 'scheduled',
        scheduledStart: place.inHours(30),
      });
      expect(twin.affectedSitesCount()).toBe(2);
    });

    test('that is asked for in vain says what is possible instead', async () => {
      await using place = await open();
      const { schedule } = place.app;
      const { id } = await place.plan();
      await failureOf(schedule.complete(id), 'validation_failed');
      await schedule.cancel(id);
      const refused = await failureOf(schedule.extend(id, { bySeconds: 60 }), 'validation_failed');
      expect(refused.message).toBe(`Window ${id} is cancelled, and does not change any more.`);
      expect(refused.hint).toContain(`schedule clone ${id}`);
      await failureOf(schedule.cancel(99), 'not_found');
    });
  });
});
