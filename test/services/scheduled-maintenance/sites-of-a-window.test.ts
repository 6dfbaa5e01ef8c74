import { describe, expect, test } from 'vitest';
import type { WindowInput } from '../../../src/services/scheduled-maintenance/window-input.ts';
import { describeDatabases } from '../../support/describe-databases.ts';
import { failureOf } from '../../support/workplace.ts';
import { HOUR, MINUTE, openWindowPlace } from './window-place.ts';

const ONE = 'site-1.example';
const TWO = 'site-2.example';
const THREE = 'site-3.example';
const AWAY = { status: 503, code: 0, message: 'away', when: 'before' } as const;

describeDatabases((_kind, databases) => {
  const open = async (app = {}) =>
    openWindowPlace(await databases.migratedUrl(), { app: { maxRetries: 0, ...app } });

  describe('a site', () => {
    test('of two windows and a hold of a person reopens exactly when the last one ends', async () => {
      await using place = await open();
      await place.plan({ title: 'First', durationSeconds: 7200 });
      await place.plan({ title: 'Second', start: place.inHours(2), durationSeconds: 7200 });
      await place.after(HOUR);
      await place.app.enableMaintenanceForDomain(ONE, 'By hand', { until: place.inHours(1.5) });
      await place.after(HOUR);
      await place.after(HOUR);
      expect(place.isClosed(ONE)).toBe(true);
      expect(await place.history(1)).toContain(`still_held ${ONE}`);
      const { executionLog } = await place.app.schedule.get(1);
      expect(executionLog.find(({ event }) => event === 'still_held')?.text).toMatch(/held by .*window:2/);
      await place.after(HOUR - 1);
      expect(place.isClosed(ONE)).toBe(true);
      await place.after(1);
      expect(place.isClosed(ONE)).toBe(false);
      const statuses = await place.app.windows.all();
      expect(statuses.map(({ status }) => status)).toEqual(['completed', 'completed']);
    });

    test('that a person holds longer than its window stays closed', async () => {
      await using place = await open();
      const { id } = await place.plan();
      await place.app.enableMaintenanceForDomain(ONE, 'By hand');
      await place.after(HOUR);
      const { windows } = await place.after(HOUR);
      expect(windows).toMatchObject([{ id, status: 'completed', reopened: [], stillHeld: [ONE] }]);
      expect(place.isClosed(ONE)).toBe(true);
    });

    test('that somebody reopens by force stays open for the rest of the window', async () => {
      await using place = await open();
      const { id } = await place.plan({ sites: [ONE, TWO] });
      await place.after(HOUR);
      await place.app.disableMaintenanceForDomain(ONE, {
        force: true,
        actor: { name: 'alice', source: 'cli' },
      });
      await place.after(MINUTE);
      await place.after(MINUTE);
      expect([ONE, TWO].map(place.isClosed)).toEqual([false, true]);
      await place.app.schedule.extend(id, { bySeconds: 600 });
      await place.after(MINUTE);
      expect(place.isClosed(ONE)).toBe(false);
      await place.after(2 * HOUR);
      expect(await place.app.schedule.get(id)).toMatchObject({ status: 'completed' });
    });

    test('that cannot be closed at the start is tried again, while the others are closed', async () => {
      await using place = await open();
      const { id } = await place.plan({ sites: [ONE, TWO] });
      const broken = (await place.site(ONE)).zoneId ?? '';
      place.emulator.addFault({ kind: 'serverError', path: new RegExp(broken), ...AWAY });
      const { windows } = await place.after(HOUR);
      expect(windows).toMatchObject([{ id, status: 'active', closed: [TWO], failed: [{ domain: ONE }] }]);
      expect((await place.after(10_000)).windows).toEqual([]);
      place.emulator.clearFaults();
      expect((await place.after(20_000)).windows).toMatchObject([{ closed: [ONE], failed: [] }]);
      expect(await place.history(id)).toEqual([
        'started',
        `not_closed ${ONE}`,
        `closed ${TWO}`,
        `closed ${ONE}`,
      ]);
    });

    test('that never could be closed makes a window fail if it was the only one', async () => {
      await using place = await open();
      const { id } = await place.plan({ notifyBefore: 0 });
      place.emulator.addFault({ kind: 'serverError', ...AWAY });
      await place.after(HOUR);
      await place.after(HOUR);
      // While nobody answers, nobody knows whether it is open.
      expect((await place.app.schedule.get(id)).status).toBe('active');
      place.emulator.clearFaults();
      await place.after(5 * MINUTE);
      const window = await place.app.schedule.get(id);
      expect(window.status).toBe('failed');
      expect(window.outcome).toMatch(/^No site was closed: site-1\.example \(api_unavailable: /);
      expect((await place.told()).filter((event) => event !== 'operation.failed')).toEqual([
        'window.started',
        'site.not_reopened',
        'window.overdue',
        'window.failed',
      ]);
    });

    test('that does not reopen keeps its window active and overdue, is told of, and is tried again', async () => {
      await using place = await open();
      const { id } = await place.plan({ sites: [ONE, TWO], notifyBefore: 0 });
      await place.after(HOUR);
      const broken = (await place.site(ONE)).zoneId ?? '';
      place.emulator.addFault({ kind: 'serverError', path: new RegExp(broken), ...AWAY });
      const { windows } = await place.after(HOUR);
      expect(windows).toMatchObject([{ id, status: 'active', reopened: [TWO], failed: [{ domain: ONE }] }]);
      await place.after(5 * MINUTE);
      const told = await place.told();
      expect(told.filter((event) => event === 'site.not_reopened')).toHaveLength(1);
      expect(told.filter((event) => event === 'window.overdue')).toHaveLength(1);
      place.emulator.clearFaults();
      expect((await place.after(5 * MINUTE)).windows).toMatchObject([
        { status: 'completed', reopened: [ONE] },
      ]);
      expect(place.isClosed(ONE)).toBe(false);
    });

    test.each(['cancelled', 'completed'] as const)(
      'whose closing was left undone by Cloudflare is reopened before its window is %s',
      async (status) => {
        await using place = await open();
        const { id } = await place.plan({ sites: [ONE, TWO], notifyBefore: 0 });
        const broken = new RegExp((await place.site(ONE)).zoneId ?? '');
        place.emulator.addFault({ kind: 'dropReply', method: 'POST', path: broken, nth: 1 });
        for (const method of ['GET', 'DELETE'] as const)
          place.emulator.addFault({ kind: 'serverError', method, path: broken, ...AWAY });
        await place.after(HOUR);
        expect([ONE, TWO].map(place.isClosed)).toEqual([true, true]);
        if (status === 'cancelled') await place.app.schedule.cancel(id);
        else await place.after(HOUR);
        expect((await place.app.schedule.get(id)).status).toBe('active');
        expect(await place.told()).toContain('site.not_reopened');
        expect([ONE, TWO].map(place.isClosed)).toEqual([true, false]);
        place.emulator.clearFaults();
        await place.after(5 * MINUTE);
        expect((await place.app.schedule.get(id)).status).toBe(status);
        expect(place.isClosed(ONE)).toBe(false);
      },
    );

    test('that is removed meanwhile is no part of its window any more', async () => {
      await using place = await open();
      const { id } = await place.plan({ sites: [ONE, TWO] });
      await place.app.sites.remove({ domain: ONE });
      expect((await place.after(HOUR)).windows).toMatchObject([{ closed: [TWO], failed: [] }]);
      const other = await place.plan({ sites: [THREE] });
      await place.app.sites.remove({ domain: THREE });
      expect((await place.after(HOUR)).windows).toContainEqual(
        expect.objectContaining({ id: other.id, status: 'failed' }),
      );
      expect((await place.app.schedule.get(other.id)).outcome).toContain('no site');
      expect(await place.app.schedule.get(id)).toMatchObject({ status: 'completed' });
    });

    test('that is switched off before the start is not closed, and the log says why', async () => {
      await using place = await open();
      const { id } = await place.plan({ sites: [ONE, TWO] });
      await place.app.sites.update({ domain: ONE }, { isActive: false });
      await place.after(HOUR);
      const { windows } = await place.after(HOUR);
      expect(windows).toMatchObject([{ id, status: 'completed' }]);
      expect((await place.app.schedule.get(id)).outcome).toContain(`${ONE} (validation_failed: `);
    });

    test('that is chosen by a selection is looked for when the window starts', async () => {
      await using place = await open();
      const { id } = await place.plan({ selection: { search: 'site-' } });
      expect((await place.app.schedule.get(id)).affectedSitesCount()).toBe(3);
      await place.app.sites.update({ domain: TWO }, { isActive: false });
      place.emulator.addZone({ name: 'site-9.example' });
      await (await place.app.siteSync()).syncZones();
      const { windows } = await place.after(HOUR);
      expect(windows).toMatchObject([{ closed: [ONE, THREE, 'site-9.example'] }]);
      const { executionLog } = await place.app.schedule.get(id);
      expect(executionLog[0]).toMatchObject({
        event: 'sites_changed',
        text: `joined: site-9.example; left: ${TWO}`,
      });
    });

    test('whose window was ended while it was being closed is reopened by the next tick', async () => {
      await using place = await open();
      const { id } = await place.plan();
      await place.app.schedule.cancel(id);
      const { schedule } = place.app;
      // As a processor leaves it that was slow with a hold of the window.
      await place.app.enableMaintenanceForDomain(ONE, 'late', {
        hold: `window:${id}`,
        actor: { name: 'scheduler', source: 'schedule' },
      });
      expect((await schedule.findDue()).stray).toMatchObject([{ windowId: id, domain: ONE }]);
      expect((await place.tick()).expired).toMatchObject([{ domain: ONE, status: 'success' }]);
      expect(place.isClosed(ONE)).toBe(false);
    });

    test('that is held for too long is told of once', async () => {
      await using place = await open({ maxHours: 2 });
      await place.app.enableMaintenanceForDomain(ONE, 'By hand');
      await place.after(HOUR);
      expect(await place.told()).toEqual([]);
      await place.after(HOUR);
      await place.after(HOUR);
      expect(await place.told()).toEqual(['hold.overdue']);
    });
  });

  describe('a window is refused', () => {
    const cases: [string, Partial<WindowInput>, string][] = [
      ['that starts in the past', { start: new Date('2026-05-31T12:00:00Z') }, 'is in the past'],
      ['that starts at no time', { start: new Date(Number.NaN) }, 'not a time'],
      ['that ends when it starts', { durationSeconds: 0 }, 'not longer than nothing'],
      ['that ends before it starts', { durationSeconds: -60 }, 'not longer than nothing'],
      ['of 400 days', { durationSeconds: 400 * 86_400 }, 'longer than 365 days'],
      ['in an unknown zone', { timezone: 'Mars/Olympus' }, 'not a time zone'],
      ['in a zone that is an offset', { timezone: '+02:00' }, 'not a time zone'],
      ['with a recurrence that is none', { recurrence: 'every sunday' }, 'not a cron expression'],
      ['with a recurrence that never comes', { recurrence: '0 0 30 2 *' }, 'never comes'],
      [
        'that overlaps itself',
        { recurrence: '0 * * * *', durationSeconds: 3601 },
        'before the window has ended',
      ],
      ['without sites', { sites: [] }, 'no sites'],
      ['whose selection finds nothing', { selection: { search: 'nothing-like-it' } }, 'no active site'],
      ['without a title', { title: ' ' }, 'title is empty'],
      ['with a title that would move a terminal', { title: '\u001b[2J' }, 'control characters'],
    ];
    test.each(cases)('%s', async (_what, input, message) => {
      await using place = await open();
      const error = await failureOf(place.plan(input), 'validation_failed');
      expect(error.message).toContain(message);
      expect(await place.app.windows.count()).toBe(0);
    });

    test('with an unknown or an inactive site', async () => {
      await using place = await open();
      await failureOf(place.plan({ sites: ['unknown.example'] }), 'not_found');
      await place.app.sites.update({ domain: TWO }, { isActive: false });
      const error = await failureOf(place.plan({ sites: [ONE, TWO] }), 'validation_failed');
      expect(error.message).toBe(`Inactive sites are not closed: ${TWO}.`);
    });

    test('without leaving anything behind when it was only tried', async () => {
      await using place = await open();
      const input = { title: 'x', start: place.inHours(1), durationSeconds: 60, sites: [ONE] };
      const tried = await place.app.schedule.createScheduledMaintenance(input, { dryRun: true });
      expect(tried.affectedSitesCount()).toBe(1);
      expect(await place.app.windows.count()).toBe(0);
    });
  });

  describe('conflicts', () => {
    test('are the windows that share a site and a time', async () => {
      await using place = await open();
      const first = await place.plan({ sites: [ONE, TWO] });
      await place.plan({ title: 'Later', start: place.inHours(2), sites: [ONE] });
      await place.plan({ title: 'Elsewhere', sites: [THREE] });
      const mine = await place.plan({
        title: 'Mine',
        start: place.inHours(1.5),
        durationSeconds: 60,
        sites: [TWO, THREE],
      });
      const conflicts = await place.app.schedule.findConflicts(mine);
      expect(conflicts.map(({ window, sites }) => [window.title, sites])).toEqual([
        ['Upgrade', [TWO]],
        ['Elsewhere', [THREE]],
      ]);
      const cancelled = await place.app.schedule.cancelConflictingMaintenances(mine);
      expect(cancelled.map(({ title, status }) => [title, status])).toEqual([
        ['Upgrade', 'cancelled'],
        ['Elsewhere', 'cancelled'],
      ]);
      expect(await place.app.schedule.get(first.id)).toMatchObject({ status: 'cancelled' });
      expect(await place.app.schedule.findConflicts(mine)).toEqual([]);
    });
  });
});
