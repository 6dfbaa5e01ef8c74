import { describe, expect, test } from 'vitest';
import type { OperationPlan } from '../../../src/services/maintenance/operation.ts';
import { describeDatabases } from '../../support/describe-databases.ts';
import { failureOf, openWorkplace } from '../../support/workplace.ts';

const DOMAIN = 'site-1.example';
const PAGE = 'https://status.example.net/';

describeDatabases((_kind, databases) => {
  const open = async (options: Parameters<typeof openWorkplace>[1] = {}) =>
    openWorkplace(await databases.migratedUrl(), options);

  describe('enable on a closed site', () => {
    test('keeps end, URL and message that are not given again, and clears what is given empty', async () => {
      await using place = await open();
      const service = place.app.maintenance(await place.site(DOMAIN));
      const until = new Date(place.clock.now().getTime() + 3_600_000);
      await service.enableMaintenance('first', { url: PAGE, message: 'Back soon', until });
      await service.enableMaintenance('second');
      await expect(service.describe()).resolves.toMatchObject({
        url: PAGE,
        message: 'Back soon',
        until,
        holds: [{ reason: 'second' }],
      });
      const log = await service.enableMaintenance('third', { url: '', message: null, until: null });
      await expect(service.describe()).resolves.toMatchObject({
        url: `https://docs.djangocfg.com/maintenance?site=${DOMAIN}`,
        message: null,
        until: null,
      });
      expect(log.changed).toMatchObject({ holds: [{ hold: 'manual', updated: true, until: null }] });
    });

    test('keeps nothing of a hold whose end has come', async () => {
      await using place = await open();
      const service = place.app.maintenance(await place.site(DOMAIN));
      const until = new Date(place.clock.now().getTime() + 60_000);
      await service.enableMaintenance('first', { url: PAGE, message: 'Back soon', until });
      place.clock.advance(60_000);
      await service.enableMaintenance('second');
      await expect(service.describe()).resolves.toMatchObject({ message: null, until: null });
      expect((await place.emulator.visit(`http://${DOMAIN}/`)).location).toContain('docs.djangocfg.com');
    });
  });

  test('releasing one of several holds does not move the time of the last maintenance', async () => {
    await using place = await open();
    const service = place.app.maintenance(await place.site(DOMAIN));
    await service.enableMaintenance('x');
    await service.enableMaintenance('y', { hold: 'deploy' });
    const { lastMaintenanceAt } = await service.describe();
    place.clock.advance(60_000);
    await failureOf(service.disableMaintenance(), 'held_by_others');
    expect((await service.describe()).lastMaintenanceAt).toEqual(lastMaintenanceAt);
  });

  test('a refused operation says how many requests it has made', async () => {
    await using place = await open();
    place.emulator.addRule(DOMAIN, { pattern: `*${DOMAIN}/*`, forwardTo: PAGE });
    const { length } = await failureOf(place.app.disableMaintenanceForDomain(DOMAIN), 'rule_conflict').then(
      ({ log }) => Array.from({ length: ((log as { plan: OperationPlan }).plan as OperationPlan).calls }),
    );
    expect(length).toBe(place.emulator.requests().length);
    expect(length).toBe(1);
  });

  describe('a tick that cannot reopen a site', () => {
    const closeForAMinute = async (place: Awaited<ReturnType<typeof open>>) => {
      const until = new Date(place.clock.now().getTime() + 60_000);
      await place.app.enableMaintenanceForDomain(DOMAIN, 'x', { until });
      place.clock.advance(60_000);
    };
    const tick = async (place: Awaited<ReturnType<typeof open>>) => {
      const { failed } = await place.app.schedule.processScheduledMaintenances();
      place.clock.advance(60_000);
      return failed.map(({ error }) => error.code);
    };

    test('for a dead token leaves one row, another for another reason, and reopens it at last', async () => {
      await using place = await open({ app: { maxRetries: 0 } });
      await closeForAMinute(place);
      const rows = () => place.app.logs.filter({ source: 'schedule' }).count();
      place.emulator.setToken(place.emulator.token, { status: 'disabled' });
      const first = await tick(place);
      expect([first, await tick(place), await tick(place)]).toEqual([first, first, first]);
      expect(first).toHaveLength(1);
      expect(await rows()).toBe(1);
      place.emulator.setToken(place.emulator.token, { status: 'active' });
      place.emulator.addFault({ kind: 'refuse', method: 'DELETE', status: 400, code: 1004, message: 'no' });
      expect(await tick(place)).toEqual(['api_rejected']);
      expect(await tick(place)).toEqual(['api_rejected']);
      expect(await rows()).toBe(2);
      expect(await place.app.logs.pending().count()).toBe(0);
      place.emulator.clearFaults();
      expect(await tick(place)).toEqual([]);
      expect(place.emulator.rules(DOMAIN)).toEqual([]);
      expect(await rows()).toBe(3);
    });

    test('for want of a key leaves one row', async () => {
      await using place = await open();
      await closeForAMinute(place);
      await place.app.database.transaction((em) => em.execute('delete from cloudflare_api_key', [], 'run'));
      expect([await tick(place), await tick(place)]).toEqual([['not_found'], ['not_found']]);
      expect(await place.app.logs.filter({ source: 'schedule' }).count()).toBe(1);
    });
  });

  describe('a preview', () => {
    test('stores nothing, also of a zone that is not known yet or was last seen long ago', async () => {
      await using place = await open();
      await place.app.database.transaction((em) =>
        em.execute(
          'update cloudflare_site set zone_id = null, zone_name = null where domain = ?',
          [DOMAIN],
          'run',
        ),
      );
      place.clock.advance(2 * 86_400_000);
      for (const domain of [DOMAIN, 'site-2.example']) {
        const before = { ...(await place.site(domain)) };
        const shown = await place.app.maintenance(await place.site(domain)).previewEnable();
        expect(shown.changes).toMatchObject([{ kind: 'create', pattern: `*${domain}/*` }]);
        expect({ ...(await place.site(domain)) }).toEqual(before);
      }
    });

    test('of adding a site does not even note that the key was used', async () => {
      await using place = await open();
      const before = { ...(await place.app.apiKeys.getDefault()) };
      place.clock.advance(60_000);
      await place.app.sites.create({ domain: `shop.${DOMAIN}` }, { dryRun: true });
      expect({ ...(await place.app.apiKeys.getDefault()) }).toEqual(before);
    });
  });
});
