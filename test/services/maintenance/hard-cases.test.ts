import { describe, expect, test } from 'vitest';
import { describeDatabases } from '../../support/describe-databases.ts';
import { failureOf, openWorkplace } from '../../support/workplace.ts';

const DOMAIN = 'site-1.example';
const PAGE = 'https://status.example.net/';
const settings = { pattern: `*${DOMAIN}/*`, actions: [{ id: 'always_use_https' }] };

describeDatabases((_kind, databases) => {
  const open = async (options: Parameters<typeof openWorkplace>[1] = {}) =>
    openWorkplace(await databases.migratedUrl(), {
      ...options,
      emulator: { plan: 'pro', ...options.emulator },
    });

  describe('a hold that ends while another operation runs', () => {
    test('is released by the next tick, which reopens the site', async () => {
      await using place = await open();
      const service = place.app.maintenance(await place.site(DOMAIN));
      await service.enableMaintenance('x', {
        until: new Date(place.clock.now().getTime() + 60_000),
        url: PAGE,
      });
      place.clock.advance(1000);
      await service.enableMaintenance('y', { hold: 'deploy', url: 'https://deploy.example.net/' });
      const hold = place.emulator.hold({ when: 'after', method: 'PUT' });
      const disabling = failureOf(service.disableMaintenance({ hold: 'deploy' }), 'held_by_others');
      await hold.reached;
      place.clock.advance(60_000);
      await hold.release();
      await disabling;
      const { expired } = await place.app.schedule.processScheduledMaintenances();
      expect(expired).toHaveLength(1);
      expect((await place.emulator.visit(`http://${DOMAIN}/`)).status).toBe(200);
      await expect(service.getStatus()).resolves.toBe(false);
    });
  });

  describe('a site that nothing holds any more', () => {
    test('is reopened by the tick', async () => {
      await using place = await open();
      const service = place.app.maintenance(await place.site(DOMAIN));
      await service.enableMaintenance('x', { url: PAGE });
      await place.app.database.transaction((em) => em.execute('delete from maintenance_hold', [], 'run'));
      await place.app.schedule.processScheduledMaintenances();
      expect(place.emulator.rules(DOMAIN)).toEqual([]);
      await expect(service.getStatus()).resolves.toBe(false);
    });
  });

  describe('putting a rule back', () => {
    test.each([
      ['an unreadable answer after it was done', { kind: 'invalidJson', method: 'PUT' } as const, 'success'],
      [
        'a proxy that answers for Cloudflare',
        { kind: 'html', method: 'PUT', status: 403 } as const,
        'failed',
      ],
    ])('is not given up for %s', async (_what, fault, status) => {
      await using place = await open({ app: { maxRetries: 0 } });
      const { id } = place.emulator.addRule(DOMAIN, settings);
      const service = place.app.maintenance(await place.site(DOMAIN));
      await service.enableMaintenance('x', { url: PAGE });
      place.emulator.addFault(fault);
      await service.disableMaintenance().catch((error: unknown) => error);
      expect((await place.app.logs.forDomain(DOMAIN).orderBy('id').all()).at(-1)?.status).toBe(status);
      place.emulator.clearFaults();
      await service.disableMaintenance();
      expect(place.emulator.rules(DOMAIN)).toMatchObject([
        { id, actions: settings.actions, status: 'active' },
      ]);
      expect(await place.app.logs.pending().count()).toBe(0);
    });

    test('that is refused while the coverage of a closed site shrinks is a failure, and is said', async () => {
      await using place = await open();
      await place.app.sites.update({ domain: DOMAIN }, { includeSubdomains: false, subdomainList: 'a' });
      const { id } = place.emulator.addRule(DOMAIN, { ...settings, pattern: `a.${DOMAIN}/*` });
      const service = place.app.maintenance(await place.site(DOMAIN));
      await service.enableMaintenance('x', { url: PAGE });
      await place.app.sites.update({ domain: DOMAIN }, { subdomainList: '' });
      place.emulator.addFault({
        kind: 'refuse',
        method: 'PUT',
        path: new RegExp(id),
        status: 400,
        code: 1004,
        message: 'no',
      });
      const error = await failureOf(service.enableMaintenance('x', { url: PAGE }), 'rule_conflict');
      expect(error.message).toContain('is closed, but Cloudflare did not take back');
      expect(error.log).toMatchObject({ status: 'failed' });
      await expect(service.describe()).resolves.toMatchObject({
        maintenanceActive: true,
        unrestored: [{ id }],
      });
    });
  });

  describe('a zone that is gone from Cloudflare', () => {
    test('lets its closed site be opened, with a replaced rule or without', async () => {
      await using place = await open();
      place.emulator.addRule('site-2.example', { ...settings, pattern: '*site-2.example/*' });
      for (const domain of [DOMAIN, 'site-2.example']) {
        await place.app.enableMaintenanceForDomain(domain, 'x', { url: PAGE });
        place.emulator.removeZone(domain);
        await expect(place.app.disableMaintenanceForDomain(domain)).resolves.toMatchObject({
          status: 'success',
        });
        expect((await place.site(domain)).edgeState).toBeNull();
      }
    });

    test('does not keep an interrupted operation pending for ever', async () => {
      await using place = await open({ app: { maxRetries: 0 } });
      place.emulator.addFault({ kind: 'dropReply', method: 'POST', nth: 1 });
      place.emulator.addFault({
        kind: 'serverError',
        method: 'GET',

        status: 503,
        code: 0,
        message: 'away',
        when: 'before',
      });
      await failureOf(place.app.enableMaintenanceForDomain(DOMAIN, 'x'), 'api_unavailable');
      place.emulator.clearFaults();
      place.emulator.removeZone(DOMAIN);
      const { recovered, failed } = await place.app.schedule.processScheduledMaintenances();
      expect(failed).toEqual([]);
      expect(recovered).toMatchObject([{ status: 'failed', errorCode: 'interrupted' }]);
      expect(await place.app.logs.pending().count()).toBe(0);
    });

    test('is not believed from an address that is not Cloudflare’s', async () => {
      await using place = await open();
      await place.app.enableMaintenanceForDomain(DOMAIN, 'x', { url: PAGE });
      await using elsewhere = await place.openAgain({ cloudflareBaseUrl: `${place.emulator.api}/v5` });
      await failureOf(elsewhere.disableMaintenanceForDomain(DOMAIN), 'not_found');
      await expect(place.app.maintenance(await place.site(DOMAIN)).getStatus()).resolves.toBe(true);
      expect(place.emulator.rules(DOMAIN)).toHaveLength(1);
    });
  });

  test('a site that is moved to another zone while its lock is waited for is closed in the new one', async () => {
    await using place = await open();
    const { app, emulator } = place;
    const [zone, other] = [
      emulator.zone(DOMAIN).id,
      emulator.addZone({ name: `sub.${DOMAIN}`, plan: 'pro' }).id,
    ];
    const site = await app.sites.create({
      domain: `x.sub.${DOMAIN}`,
      zoneId: other,
      includeSubdomains: false,
    });
    await app.database.transaction((em) =>
      em.execute('update cloudflare_site set zone_id = ? where id = ?', [zone, site.id], 'run'),
    );
    const hold = emulator.hold({ when: 'before', method: 'POST' });
    const first = app.enableMaintenanceForDomain(DOMAIN, 'x', { url: PAGE });
    await hold.reached;
    const second = app.maintenance(site).enableMaintenance('x', { url: PAGE });
    await app.database.transaction((em) =>
      em.execute('update cloudflare_site set zone_id = ? where id = ?', [other, site.id], 'run'),
    );
    await hold.release();
    await first;
    await expect(second).resolves.toMatchObject({ status: 'success' });
    expect(emulator.rules(other)).toHaveLength(1);
    expect(emulator.rules(zone)).toHaveLength(1);
  });

  test('what is stopped while it looks at Cloudflare changes nothing', async () => {
    await using place = await open();
    await place.app.sites.update({ domain: DOMAIN }, { includeSubdomains: false, subdomainList: 'a' });
    const stop = new AbortController();
    place.emulator.addFault({ kind: 'slow', method: 'GET', ms: 200 });
    const enabling = failureOf(
      place.app.enableMaintenanceForDomain(DOMAIN, 'x', { signal: stop.signal }),
      'interrupted',
    );
    await expect.poll(() => place.emulator.requests({ method: 'GET' }).length).toBeGreaterThan(0);
    stop.abort();
    await enabling;
    expect(place.emulator.requests({ write: true })).toEqual([]);
  });
});
