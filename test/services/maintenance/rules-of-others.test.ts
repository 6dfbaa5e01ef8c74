import { describe, expect, test } from 'vitest';
import type { OperationPlan } from '../../../src/services/maintenance/operation.ts';
import { describeDatabases } from '../../support/describe-databases.ts';
import { essence, failureOf, openWorkplace } from '../../support/workplace.ts';

const DOMAIN = 'site-1.example';
const PAGE = 'https://status.example.net/';

describeDatabases((_kind, databases) => {
  const open = async (options: Parameters<typeof openWorkplace>[1] = {}) =>
    openWorkplace(await databases.migratedUrl(), options);

  describe('a rule of the user on our pattern', () => {
    const settings = { pattern: `*${DOMAIN.toUpperCase()}/*`, actions: [{ id: 'always_use_https' }] };

    test('is replaced, and put back exactly, with its neighbours in order', async () => {
      await using place = await open({ emulator: { plan: 'pro' } });
      for (const pattern of [`${DOMAIN}/a`, `${DOMAIN}/b`])
        place.emulator.addRule(DOMAIN, { pattern, actions: settings.actions });
      place.emulator.addRule(DOMAIN, { ...settings, priority: 2 });
      place.emulator.setSwitches({ duplicateIgnoresCase: true });
      const before = essence(place.emulator.rules(DOMAIN));
      const service = place.app.maintenance(await place.site(DOMAIN));
      const log = await service.enableMaintenance('x', { url: PAGE });
      expect((log.plan as unknown as OperationPlan).changes).toMatchObject([{ kind: 'replace' }]);
      expect((await place.emulator.visit(`http://${DOMAIN}/b`)).location).toBe(PAGE);
      await service.disableMaintenance();
      expect(essence(place.emulator.rules(DOMAIN))).toEqual(before);
    });

    test('is left alone when the user changed it meanwhile, and that is said', async () => {
      await using place = await open();
      place.emulator.setSwitches({ duplicateIgnoresCase: true });
      const { id } = place.emulator.addRule(DOMAIN, settings);
      const service = place.app.maintenance(await place.site(DOMAIN));
      await service.enableMaintenance('x', { url: PAGE });
      place.emulator.editRule(DOMAIN, id, { forwardTo: `https://${DOMAIN}/new` });
      const changed = essence(place.emulator.rules(DOMAIN));
      const log = await service.disableMaintenance();
      expect(essence(place.emulator.rules(DOMAIN))).toEqual(changed);
      expect((log.plan as unknown as OperationPlan).notes).toMatchObject([{ code: 'rule_changed' }]);
    });

    test('that Cloudflare refuses to take back does not keep the site closed; its snapshot is kept', async () => {
      await using place = await open();
      place.emulator.setSwitches({ duplicateIgnoresCase: true });
      const { id } = place.emulator.addRule(DOMAIN, settings);
      const service = place.app.maintenance(await place.site(DOMAIN));
      await service.enableMaintenance('x', { url: PAGE });
      place.emulator.addFault({
        kind: 'refuse',
        method: 'PUT',
        status: 400,
        code: 1004,
        message: 'Page Rule validation failed: See messages for details.',
      });
      const error = await failureOf(service.disableMaintenance(), 'rule_conflict');
      expect(error.log).toMatchObject({ status: 'failed', errorCode: 'rule_conflict' });
      expect((await place.emulator.visit(`http://${DOMAIN}/`)).status).toBe(200);
      expect(place.emulator.rules(DOMAIN)).toEqual([]);
      const status = await service.describe();
      expect(status).toMatchObject({ maintenanceActive: false, unrestored: [{ id }] });
    });
  });

  test('a rule is not given up while Cloudflare takes no changes at all', async () => {
    await using place = await open();
    place.emulator.addRule(DOMAIN, { pattern: `*${DOMAIN}/*`, actions: [{ id: 'always_use_https' }] });
    const before = essence(place.emulator.rules(DOMAIN));
    const service = place.app.maintenance(await place.site(DOMAIN));
    await service.enableMaintenance('x', { url: PAGE });
    place.emulator.addFault({ kind: 'maintenanceMode', method: 'PUT' });
    const { hint } = await failureOf(service.disableMaintenance(), 'api_rejected');
    expect(hint).toContain('Try again later');
    expect(place.emulator.rules(DOMAIN)).toHaveLength(1);
    place.emulator.clearFaults();
    await service.disableMaintenance();
    expect(essence(place.emulator.rules(DOMAIN))).toEqual(before);
  });

  test('what somebody has made of a rule of ours is in the log when the rule is removed after reading', async () => {
    await using place = await open({ emulator: { plan: 'pro' } });
    await place.app.sites.update({ domain: DOMAIN }, { includeSubdomains: false, subdomainList: 'api' });
    const { pattern, actions } = { pattern: `api.${DOMAIN}/*`, actions: [{ id: 'always_use_https' }] };
    const taken = place.emulator.addRule(DOMAIN, { pattern, actions });
    const service = place.app.maintenance(await place.site(DOMAIN));
    await service.enableMaintenance('x', { url: PAGE });
    const own = place.emulator.rules(DOMAIN).find(({ id }) => id !== taken.id);
    place.emulator.editRule(DOMAIN, own?.id ?? '', { forwardTo: 'https://new.example.net/' });
    const { plan } = await service.disableMaintenance();
    expect(plan).toMatchObject({
      changes: [
        { kind: 'delete', found: { actions: [{ value: { url: 'https://new.example.net/' } }] } },
        { kind: 'restore' },
      ],
    });
    expect((plan as unknown as OperationPlan).changes[1]).not.toHaveProperty('found');
  });

  describe('doubtful rules', () => {
    const doubtful = { pattern: `*${DOMAIN}/*`, forwardTo: 'https://old.example.net/' };

    test('are refused by enable and by disable, and nothing is changed', async () => {
      await using place = await open();
      place.emulator.addRule(DOMAIN, doubtful);
      const before = essence(place.emulator.rules(DOMAIN));
      const service = place.app.maintenance(await place.site(DOMAIN));
      for (const attempt of [service.enableMaintenance('x'), service.disableMaintenance()]) {
        const error = await failureOf(attempt, 'rule_conflict');
        expect(error.message).toContain(doubtful.forwardTo);
        expect(error.log).toMatchObject({ status: 'failed' });
      }
      expect(essence(place.emulator.rules(DOMAIN))).toEqual(before);
      await expect(service.getStatus()).resolves.toBe(false);
    });

    test('are ours when said so: disable removes them', async () => {
      await using place = await open();
      place.emulator.addRule(DOMAIN, doubtful);
      await place.app.disableMaintenanceForDomain(DOMAIN, { existing: 'ours' });
      expect(place.emulator.rules(DOMAIN)).toEqual([]);
    });

    test('are ours when said so: enable takes them over, and disable removes them', async () => {
      await using place = await open();
      place.emulator.addRule(DOMAIN, doubtful);
      const service = place.app.maintenance(await place.site(DOMAIN));
      const log = await service.enableMaintenance('x', { url: PAGE, existing: 'ours' });
      expect((log.plan as unknown as OperationPlan).adopted).toMatchObject([
        { rule: { targets: expect.anything() } },
      ]);
      expect(place.emulator.rules(DOMAIN)).toHaveLength(1);
      expect((await place.emulator.visit(`http://${DOMAIN}/`)).location).toBe(PAGE);
      await service.disableMaintenance();
      expect(place.emulator.rules(DOMAIN)).toEqual([]);
    });

    test('that were taken over come back exactly when enabling fails later', async () => {
      await using place = await open();
      await place.app.sites.update({ domain: DOMAIN }, { includeSubdomains: false, subdomainList: 'api' });
      place.emulator.addRule(DOMAIN, {
        pattern: `${DOMAIN}/*`,
        actions: [{ id: 'forwarding_url', value: { url: 'https://old.example.net/', status_code: 301 } }],
      });
      place.emulator.setZone(DOMAIN, { pageRuleQuota: 1 });
      const before = essence(place.emulator.rules(DOMAIN));
      const service = place.app.maintenance(await place.site(DOMAIN));
      await failureOf(service.enableMaintenance('x', { url: PAGE, existing: 'ours' }), 'quota_exceeded');
      expect(essence(place.emulator.rules(DOMAIN))).toEqual(before);
      expect((await place.site(DOMAIN)).edgeState).toBeNull();
    });

    test('are theirs when said so: they come back', async () => {
      await using place = await open();
      place.emulator.addRule(DOMAIN, doubtful);
      const before = essence(place.emulator.rules(DOMAIN));
      const service = place.app.maintenance(await place.site(DOMAIN));
      await service.enableMaintenance('x', { url: PAGE, existing: 'theirs' });
      expect((await place.emulator.visit(`http://${DOMAIN}/`)).location).toBe(PAGE);
      await service.disableMaintenance();
      expect(essence(place.emulator.rules(DOMAIN))).toEqual(before);
    });
  });
});
