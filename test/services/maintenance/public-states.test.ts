import { expect, test } from 'vitest';
import { MaintenanceLog } from '../../../src/domain/maintenance-log.ts';
import { ScheduledMaintenance } from '../../../src/domain/scheduled-maintenance.ts';
import { describeDatabases } from '../../support/describe-databases.ts';
import { openWorkplace, requestLines } from '../../support/workplace.ts';

const A = 'site-1.example';

describeDatabases((_, databases) => {
  test('a closed site is public by message, end and brand; its reason and its holders are not', async () => {
    await using place = await openWorkplace(await databases.migratedUrl());
    const { app, clock } = place;
    await app.sites.update({ domain: A }, { brand: { color: '#0a7f5a', template: 'premium' } });
    const until = new Date(clock.now().getTime() + 600_000);
    await app.enableMaintenanceForDomain(A, 'Secret reason', { message: 'Back soon', until });
    const states = await app.publicStates();
    expect(states).toEqual([
      {
        domain: A,
        state: 'closed',
        message: 'Back soon',
        until,
        template: null,
        brand: { color: '#0a7f5a', template: 'premium' },
      },
    ]);
    expect(JSON.stringify(states)).not.toContain('Secret');
  });

  test('an end that has passed stays the end while nothing has reopened the site', async () => {
    await using place = await openWorkplace(await databases.migratedUrl());
    const until = new Date(place.clock.now().getTime() + 60_000);
    await place.app.enableMaintenanceForDomain(A, 'x', { message: 'Back soon', until });
    const before = await place.app.publicStatesVersion();
    place.clock.advance(90_000);
    expect(await place.app.publicStatesVersion()).not.toBe(before);
    expect(await place.app.publicStates()).toMatchObject([{ state: 'closed', until, message: 'Back soon' }]);
  });

  test('a reopened site is said to be reopening for 90 seconds, then nothing is said of it', async () => {
    await using place = await openWorkplace(await databases.migratedUrl());
    await place.app.enableMaintenanceForDomain(A);
    await place.app.disableMaintenanceForDomain(A);
    const reopening = { domain: A, state: 'reopening', message: null, until: null };
    expect(await place.app.publicStates()).toMatchObject([reopening]);
    place.clock.advance(89_000);
    const version = await place.app.publicStatesVersion();
    expect(await place.app.publicStates()).toMatchObject([reopening]);
    place.clock.advance(2_000);
    expect(await place.app.publicStates()).toEqual([]);
    expect(await place.app.publicStatesVersion()).not.toBe(version);
  });

  test('a reopening that visits have proven is over at once; the proof of an earlier one does not count', async () => {
    await using place = await openWorkplace(await databases.migratedUrl());
    const { app } = place;
    await app.enableMaintenanceForDomain(A);
    const { id } = await app.disableMaintenanceForDomain(A);
    const version = await app.publicStatesVersion();
    await app.database.transaction((em) => em.nativeUpdate(MaintenanceLog, { id }, { proof: 'proven' }));
    expect(await app.publicStatesVersion()).not.toBe(version);
    expect(await app.publicStates()).toEqual([]);
    await app.enableMaintenanceForDomain(A);
    await app.disableMaintenanceForDomain(A);
    expect(await app.publicStates()).toMatchObject([{ state: 'reopening' }]);
  });

  test('the version changes with whatever the page shows, and only then', async () => {
    await using place = await openWorkplace(await databases.migratedUrl());
    const { app, clock } = place;
    const versions: string[] = [];
    const changesBy = async (change: () => Promise<unknown>) => {
      clock.advance(1_000);
      await change();
      const version = await app.publicStatesVersion();
      const isNew = !versions.includes(version);
      versions.push(version);
      return isNew;
    };
    const until = new Date(clock.now().getTime() + 3_600_000);
    expect(await changesBy(async () => undefined)).toBe(true);
    expect(await changesBy(async () => undefined)).toBe(false);
    expect(await changesBy(() => app.sites.update({ domain: A }, { name: 'Open still' }))).toBe(false);
    expect(await changesBy(() => app.enableMaintenanceForDomain(A))).toBe(true);
    expect(await changesBy(() => app.enableMaintenanceForDomain(A, 'x', { message: 'Hello' }))).toBe(true);
    expect(await changesBy(() => app.enableMaintenanceForDomain(A, 'x', { until }))).toBe(true);
    expect(await changesBy(() => app.sites.update({ domain: A }, { brand: { color: '#aabbcc' } }))).toBe(
      true,
    );
    expect(await changesBy(async () => undefined)).toBe(false);
    expect(await changesBy(() => app.disableMaintenanceForDomain(A))).toBe(true);
  });

  test('a window that holds the site gives the template', async () => {
    await using place = await openWorkplace(await databases.migratedUrl());
    const { app, clock } = place;
    const now = clock.now();
    const id = await app.database.transaction(async (em) => {
      const window = em.create(ScheduledMaintenance, {
        title: 'Upgrade',
        scheduledStart: now,
        scheduledEnd: now,
        estimatedDuration: 60,
        template: 'minimal',
        status: 'active',
        executionLog: [],
        createdAt: now,
        updatedAt: now,
      });
      await em.flush();
      return window.id;
    });
    const actor = { name: 'schedule', source: 'schedule' } as const;
    await app.enableMaintenanceForDomain(A, 'x', { hold: `window:${id}`, actor });
    expect(await app.publicStates()).toMatchObject([{ template: 'minimal' }]);
  });
});

for (const engine of ['page_rules', 'redirect_rules'] as const) {
  describeDatabases((_, databases) => {
    test(`${engine}: an address with {until} follows the end by one call; one without it needs none`, async () => {
      await using place = await openWorkplace(await databases.migratedUrl(), { engine });
      const { app, clock, emulator } = place;
      const until = new Date(clock.now().getTime() + 600_000);
      const later = new Date(clock.now().getTime() + 1_200_000);
      const url = 'https://pages.example.net/?site={domain}&until={until}';
      await app.sites.update({ domain: A }, { maintenanceUrl: url });
      const log = await app.enableMaintenanceForDomain(A, 'x', { until });
      expect(log.plan).toMatchObject({
        url: `https://pages.example.net/?site=${A}&until=2026-06-01T12:10:00Z`,
      });
      const isClean = async () => {
        const [status] = await app.getLiveStatuses([await place.site(A)]);
        expect(status).toMatchObject({ configured: 'maintenance', drift: [], differs: false });
      };
      await isClean();
      emulator.clearRequests();
      await app.enableMaintenanceForDomain(A, 'x', { until: later });
      const writes = () => requestLines(emulator).filter((line) => !line.startsWith('GET '));
      expect(writes()).toHaveLength(1);
      await isClean();
      expect((await app.describeSites([await place.site(A)]))[0]?.url).toContain(
        'until=2026-06-01T12:20:00Z',
      );
      await app.sites.update({ domain: A }, { maintenanceUrl: 'https://pages.example.net/?site={domain}' });
      await app.enableMaintenanceForDomain(A);
      emulator.clearRequests();
      await app.enableMaintenanceForDomain(A, 'x', { until });
      expect(writes()).toEqual([]);
      await isClean();
      await app.disableMaintenanceForDomain(A);
      expect(emulator.rules(A)).toEqual([]);
    });
  });
}
