import { describe, expect, test } from 'vitest';
import { describeDatabases } from '../../support/describe-databases.ts';
import { failureOf, openWorkplace } from '../../support/workplace.ts';

const DOMAIN = 'site-1.example';
const PAGE = 'https://status.example.net/';

describeDatabases((_kind, databases) => {
  const open = async (options: Parameters<typeof openWorkplace>[1] = {}) =>
    openWorkplace(await databases.migratedUrl(), options);

  describe('failure', () => {
    test('of the second rule leaves nothing behind and says what was undone', async () => {
      await using place = await open();
      place.emulator.setZone(DOMAIN, { pageRuleQuota: 1 });
      await place.app.sites.update({ domain: DOMAIN }, { includeSubdomains: false, subdomainList: 'api' });
      const service = place.app.maintenance(await place.site(DOMAIN));
      const error = await failureOf(service.enableMaintenance('x'), 'quota_exceeded');
      expect(error.message).toContain(`remove our rule ${DOMAIN}/*`);
      expect(error.message).toContain(`allows 1 page rule in this zone; ${DOMAIN} needs 2, and 0 are there`);
      expect(error.log).toMatchObject({
        status: 'failed',
        errorCode: 'quota_exceeded',
        errorMessage: error.message,
      });
      expect(place.emulator.rules(DOMAIN)).toEqual([]);
      await expect(service.getStatus()).resolves.toBe(false);
    });

    test.each(['dropReply', 'serverError'] as const)(
      'by %s after the rule was made gives neither a second rule nor a false failure',
      async (kind) => {
        await using place = await open();
        place.emulator.addFault(
          kind === 'dropReply'
            ? { kind, method: 'POST', times: 1 }
            : { kind, method: 'POST', times: 1, status: 502, code: 0, message: 'bad gateway', when: 'after' },
        );
        const log = await place.app.enableMaintenanceForDomain(DOMAIN, 'x', { url: PAGE });
        expect(log.status).toBe('success');
        expect(place.emulator.rules(DOMAIN)).toHaveLength(1);
        await place.app.disableMaintenanceForDomain(DOMAIN);
        expect(place.emulator.rules(DOMAIN)).toEqual([]);
      },
    );

    test('that cannot be taken back stays pending and is put in order by the next command', async () => {
      await using place = await open({ app: { maxRetries: 0 } });
      const service = place.app.maintenance(await place.site(DOMAIN));
      place.emulator.addFault({ kind: 'dropReply', method: 'POST', nth: 1 });
      place.emulator.addFault({
        kind: 'serverError',
        method: 'GET',

        status: 503,
        code: 0,
        message: 'away',
        when: 'before',
      });
      const error = await failureOf(service.enableMaintenance('x', { url: PAGE }), 'api_unavailable');
      expect(error.details).toMatchObject({ pending: true });
      expect(await place.app.logs.pending().count()).toBe(1);
      expect(place.emulator.rules(DOMAIN)).toHaveLength(1);

      place.emulator.clearFaults();
      await service.disableMaintenance();
      expect(place.emulator.rules(DOMAIN)).toEqual([]);
      expect(await place.app.logs.pending().count()).toBe(0);
      const rows = await place.app.logs.forDomain(DOMAIN).orderBy('id').all();
      expect(rows.map(({ action, status, errorCode }) => [action, status, errorCode])).toEqual([
        ['enable', 'failed', 'interrupted'],
        ['disable', 'success', null],
      ]);
    });

    test('whose way back Cloudflare refuses does not bar the next operation', async () => {
      await using place = await open({ emulator: { plan: 'pro' } });
      const service = place.app.maintenance(await place.site(DOMAIN));
      await place.app.sites.update({ domain: DOMAIN }, { includeSubdomains: false, subdomainList: 'api' });
      await service.enableMaintenance('x', { url: PAGE });
      const other = 'https://other.example.net/';
      const refused = { kind: 'refuse', method: 'PUT', status: 400, code: 1004, message: 'no' } as const;
      place.emulator.addFault({ ...refused, nth: 2 });
      place.emulator.addFault({ ...refused, nth: 3 });
      const error = await failureOf(service.enableMaintenance('x', { url: other }), 'api_rejected');
      expect(error.message).toContain('could not be undone wholly');
      expect(await place.app.logs.pending().count()).toBe(0);
      await service.disableMaintenance();
      expect(place.emulator.rules(DOMAIN)).toEqual([]);
    });

    test('of repairing one site does not keep another site of the zone closed', async () => {
      await using place = await open({ emulator: { plan: 'pro' }, app: { maxRetries: 0 } });
      const { app, emulator } = place;
      const zone = emulator.zone(DOMAIN).id;
      const blog = await app.sites.create({ domain: `blog.${DOMAIN}`, zoneId: zone });
      await app.sites.update({ domain: DOMAIN }, { includeSubdomains: false });
      await app.maintenance(blog).enableMaintenance('x', { url: PAGE });
      const weak = emulator.addToken();
      await app.apiKeys.create({ name: 'weak', apiToken: weak });
      await app.sites.update({ domain: DOMAIN }, { apiKey: 'weak' });
      emulator.addFault({ kind: 'dropReply', method: 'POST', nth: 1 });
      emulator.addFault({
        kind: 'serverError',
        method: 'GET',
        nth: 1,
        status: 503,
        code: 0,
        message: 'away',
        when: 'before',
      });
      await failureOf(app.enableMaintenanceForDomain(DOMAIN, 'x', { url: PAGE }), 'api_unavailable');
      emulator.setToken(weak, { permissions: [] });

      await expect(app.maintenance(blog).disableMaintenance()).resolves.toMatchObject({ status: 'success' });
      expect((await emulator.visit(`http://blog.${DOMAIN}/`)).status).toBe(200);
      await failureOf(app.disableMaintenanceForDomain(DOMAIN), 'api_permission_denied');
      emulator.setToken(weak, { permissions: 'all' });
      await expect(app.disableMaintenanceForDomain(DOMAIN)).resolves.toMatchObject({ status: 'success' });
      expect(emulator.rules(DOMAIN)).toEqual([]);
      expect(await app.logs.pending().count()).toBe(0);
    });

    test('of disabling keeps what is still there on record', async () => {
      await using place = await open({ app: { maxRetries: 0 }, emulator: { plan: 'pro' } });
      await place.app.sites.update({ domain: DOMAIN }, { includeSubdomains: false, subdomainList: 'api' });
      const service = place.app.maintenance(await place.site(DOMAIN));
      await service.enableMaintenance('x', { url: PAGE });
      place.emulator.addFault({
        kind: 'serverError',
        method: 'DELETE',
        nth: 2,
        status: 503,
        code: 0,
        message: 'away',
        when: 'before',
      });
      const error = await failureOf(service.disableMaintenance(), 'api_unavailable');
      expect(error.log).toMatchObject({ status: 'failed' });
      expect(place.emulator.rules(DOMAIN)).toHaveLength(1);
      expect((await place.site(DOMAIN)).edgeState?.rules).toHaveLength(1);
      await service.disableMaintenance();
      expect(place.emulator.rules(DOMAIN)).toEqual([]);
    });
  });
});
