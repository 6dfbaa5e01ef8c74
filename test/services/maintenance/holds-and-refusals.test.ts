import { describe, expect, test } from 'vitest';
import { describeDatabases } from '../../support/describe-databases.ts';
import { failureOf, openWorkplace, requestLines } from '../../support/workplace.ts';

const DOMAIN = 'site-1.example';
const PAGE = 'https://status.example.net/';
const actor = { name: 'ada', source: 'cli' as const };

describeDatabases((_kind, databases) => {
  const open = async (options: Parameters<typeof openWorkplace>[1] = {}) =>
    openWorkplace(await databases.migratedUrl(), options);

  describe('holds', () => {
    test('of others keep the site closed, and are named', async () => {
      await using place = await open();
      const service = place.app.maintenance(await place.site(DOMAIN));
      await service.enableMaintenance('by hand', { actor });
      await service.enableMaintenance('deploy', { hold: 'deploy-7', actor: { name: 'ci', source: 'cli' } });
      const error = await failureOf(service.disableMaintenance(), 'held_by_others');
      expect(error.details).toMatchObject({
        holders: [{ name: 'deploy-7', actor: 'ci', reason: 'deploy', until: null }],
      });
      expect(error.log).toMatchObject({ status: 'failed', errorCode: 'held_by_others' });
      await expect(service.describe()).resolves.toMatchObject({
        maintenanceActive: true,
        holds: [{ name: 'deploy-7' }],
      });
      await service.disableMaintenance({ hold: 'deploy-7' });
      expect(place.emulator.rules(DOMAIN)).toEqual([]);
    });

    test('are all released by force', async () => {
      await using place = await open();
      const service = place.app.maintenance(await place.site(DOMAIN));
      for (const hold of ['manual', 'a', 'b']) await service.enableMaintenance('x', { hold });
      await service.disableMaintenance({ force: true });
      await expect(service.describe()).resolves.toMatchObject({ maintenanceActive: false, holds: [] });
      expect(place.emulator.rules(DOMAIN)).toEqual([]);
    });

    test('decide the URL together: the newest that has one, and back again when it is released', async () => {
      await using place = await open();
      const service = place.app.maintenance(await place.site(DOMAIN));
      await service.enableMaintenance('x', { url: PAGE });
      place.clock.advance(1000);
      await service.enableMaintenance('y', { hold: 'deploy', url: 'https://deploy.example.net/' });
      expect((await place.emulator.visit(`http://${DOMAIN}/`)).location).toBe('https://deploy.example.net/');
      await failureOf(service.disableMaintenance({ hold: 'deploy' }), 'held_by_others');
      expect((await place.emulator.visit(`http://${DOMAIN}/`)).location).toBe(PAGE);
    });

    test('that have ended are released by the tick, which reopens the site', async () => {
      await using place = await open();
      const service = place.app.maintenance(await place.site(DOMAIN));
      await service.enableMaintenance('x', { until: new Date(place.clock.now().getTime() + 60_000) });
      expect(await place.app.schedule.processScheduledMaintenances()).toMatchObject({ expired: [] });
      place.clock.advance(60_000);
      const { expired } = await place.app.schedule.processScheduledMaintenances();
      expect(expired).toMatchObject([{ action: 'disable', status: 'success', source: 'schedule' }]);
      expect(place.emulator.rules(DOMAIN)).toEqual([]);
      await expect(service.getStatus()).resolves.toBe(false);
    });

    test('that have ended leave the site closed for those that have not', async () => {
      await using place = await open();
      const service = place.app.maintenance(await place.site(DOMAIN));
      await service.enableMaintenance('x', { until: new Date(place.clock.now().getTime() + 60_000) });
      await service.enableMaintenance('y', { hold: 'other' });
      place.clock.advance(60_000);
      const { expired, failed } = await place.app.schedule.processScheduledMaintenances();
      expect(failed).toEqual([]);
      expect(expired).toHaveLength(1);
      await expect(service.describe()).resolves.toMatchObject({
        maintenanceActive: true,
        holds: [{ name: 'other' }],
      });
    });
  });

  describe('refusals', () => {
    test.each([
      ['the site itself', `https://${DOMAIN}/down`],
      ['a subdomain', `https://status.${DOMAIN}/`],
      ['another port', `https://${DOMAIN}:8443/`],
      ['other case', `https://STATUS.${DOMAIN.toUpperCase()}/`],
      ['a trailing dot', `https://${DOMAIN}./`],
    ])('closing a site for a page on %s would be a loop', async (_what, url) => {
      await using place = await open();
      const error = await failureOf(
        place.app.enableMaintenanceForDomain(DOMAIN, 'x', { url }),
        'redirect_loop',
      );
      expect(error.log).toMatchObject({ status: 'failed', errorCode: 'redirect_loop' });
      expect(requestLines(place.emulator)).toEqual([]);
    });

    test('a loop through another closed site is found', async () => {
      await using place = await open();
      await place.app.enableMaintenanceForDomain('site-2.example', 'x', { url: `https://${DOMAIN}/down` });
      await failureOf(
        place.app.enableMaintenanceForDomain(DOMAIN, 'x', { url: 'https://www.site-2.example/' }),
        'redirect_loop',
      );
    });

    test('our own public address is not closed, unless by force', async () => {
      await using place = await open({ app: { publicUrl: `https://admin.${DOMAIN}`, maintenanceUrl: PAGE } });
      await failureOf(place.app.enableMaintenanceForDomain(DOMAIN, 'x'), 'self_lockout');
      await expect(place.app.enableMaintenanceForDomain(DOMAIN, 'x', { force: true })).resolves.toMatchObject(
        { status: 'success' },
      );
    });

    test.each([{ paused: true }, { status: 'pending' as const }])(
      'a zone that does not serve (%o) is not closed',
      async (edit) => {
        await using place = await open();
        place.emulator.setZone(DOMAIN, edit);
        place.clock.advance(25 * 3_600_000);
        const error = await failureOf(place.app.enableMaintenanceForDomain(DOMAIN, 'x'), 'zone_not_serving');
        expect(error.log).toMatchObject({ status: 'failed' });
        expect(place.emulator.requests({ write: true })).toEqual([]);
      },
    );

    test('an inactive site and an inactive key cannot be closed, but can be opened', async () => {
      await using place = await open();
      const service = place.app.maintenance(await place.site(DOMAIN));
      await service.enableMaintenance('x');
      await place.app.sites.update({ domain: DOMAIN }, { isActive: false });
      await failureOf(service.enableMaintenance('x'), 'validation_failed');
      await expect(service.disableMaintenance()).resolves.toMatchObject({ status: 'success' });
    });

    test('what is not accepted leaves no trace', async () => {
      await using place = await open();
      const service = place.app.maintenance(await place.site(DOMAIN));
      const now = place.clock.now();
      const attempts = [
        service.enableMaintenance('x'.repeat(10_000_000)),
        service.enableMaintenance('x', { url: '/relative' }),
        service.enableMaintenance('x', { url: 'ftp://files.example.net/' }),
        service.enableMaintenance('x', { url: 'https://status.example.net/$1' }),
        service.enableMaintenance('x', { url: 'https://status.example.net/{site}' }),
        service.enableMaintenance('x', { until: now }),
        service.enableMaintenance('x', { hold: 'window:7' }),
        service.enableMaintenance('x', { hold: 'two words' }),
      ];
      for (const attempt of attempts) {
        const error = await failureOf(attempt, 'validation_failed');
        expect(error.hint).toBeTruthy();
      }
      expect(requestLines(place.emulator)).toEqual([]);
      expect(await place.app.logs.forDomain(DOMAIN).count()).toBe(0);
    });
  });
});
