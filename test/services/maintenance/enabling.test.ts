import { describe, expect, test } from 'vitest';
import type { OperationPlan } from '../../../src/services/maintenance/operation.ts';
import { describeDatabases } from '../../support/describe-databases.ts';
import { essence, failureOf, openWorkplace, requestLines } from '../../support/workplace.ts';

const DOMAIN = 'site-1.example';
const PAGE = 'https://status.example.net/';
const actor = { name: 'ada', source: 'cli' as const };

describeDatabases((_kind, databases) => {
  const open = async (options: Parameters<typeof openWorkplace>[1] = {}) =>
    openWorkplace(await databases.migratedUrl(), options);

  describe('enabling', () => {
    test('closes the apex of a zone with one call and opens it with one', async () => {
      await using place = await open();
      const site = await place.site(DOMAIN);
      const log = await place.app.maintenance(site).enableMaintenance('Database upgrade', { actor });
      expect(requestLines(place.emulator)).toEqual(['POST /zones/:id/pagerules']);
      expect(log).toMatchObject({
        action: 'enable',
        status: 'success',
        reason: 'Database upgrade',
        actor: 'ada',
        source: 'cli',
      });
      expect((log.plan as unknown as OperationPlan).calls).toBe(1);
      const visit = await place.emulator.visit(`http://www.${DOMAIN}/shop?x=1`);
      expect(visit).toMatchObject({
        status: 302,
        location: `https://docs.djangocfg.com/maintenance?site=${DOMAIN}`,
      });

      place.emulator.clearRequests();
      const reopened = await place.app.maintenance(site).disableMaintenance({ actor });
      expect(requestLines(place.emulator)).toEqual(['DELETE /zones/:id/pagerules/:id']);
      expect(reopened).toMatchObject({
        action: 'disable',
        status: 'success',
        changed: { maintenanceActive: [true, false] },
      });
      expect((await place.emulator.visit(`http://${DOMAIN}/`)).status).toBe(200);
      await expect(place.app.maintenance(site).getStatus()).resolves.toBe(false);
    });

    test('covers the domain and each listed subdomain, and nothing else', async () => {
      await using place = await open({ emulator: { plan: 'pro' } });
      await place.app.sites.update(
        { domain: DOMAIN },
        { includeSubdomains: false, subdomainList: 'api, www' },
      );
      await place.app.enableMaintenanceForDomain(DOMAIN, 'x', { url: PAGE });
      for (const host of [DOMAIN, `api.${DOMAIN}`, `www.${DOMAIN}`]) {
        expect((await place.emulator.visit(`http://${host}/a`)).location).toBe(PAGE);
      }
      expect((await place.emulator.visit(`http://dev.${DOMAIN}/a`)).status).toBe(200);
      await place.app.disableMaintenanceForDomain(DOMAIN);
      expect(place.emulator.rules(DOMAIN)).toEqual([]);
    });

    test('fills {domain} into the URL and keeps every other $ from being replaced', async () => {
      await using place = await open();
      await place.app.enableMaintenanceForDomain(DOMAIN, 'x', {
        url: 'https://status.example.net/$/?d={domain}&p=$x',
      });
      const visit = await place.emulator.visit(`http://${DOMAIN}/a`);
      expect(visit.location).toBe(`https://status.example.net/$/?d=${DOMAIN}&p=$x`);
    });

    test('repeated, updates reason, end and URL in place and makes no second rule', async () => {
      await using place = await open();
      const service = place.app.maintenance(await place.site(DOMAIN));
      await service.enableMaintenance('first', { url: PAGE });
      const [rule] = place.emulator.rules(DOMAIN);
      const until = new Date(place.clock.now().getTime() + 3_600_000);
      await service.enableMaintenance('second', { url: 'https://other.example.net/', until });
      expect(place.emulator.rules(DOMAIN)).toMatchObject([{ id: rule?.id }]);
      expect((await place.emulator.visit(`http://${DOMAIN}/`)).location).toBe('https://other.example.net/');
      await expect(service.describe()).resolves.toMatchObject({
        until,
        holds: [{ name: 'manual', reason: 'second' }],
      });
    });

    test('repeated with nothing to change, reads rules and what may win over them, and writes nothing', async () => {
      await using place = await open();
      const service = place.app.maintenance(await place.site(DOMAIN));
      await service.enableMaintenance('x');
      place.emulator.clearRequests();
      await service.enableMaintenance('x');
      expect(requestLines(place.emulator)).toEqual([
        'GET /zones/:id/pagerules',
        'GET /zones/:id/rulesets/phases/http_request_dynamic_redirect/entrypoint',
      ]);
    });

    test('repairs a rule that was changed, disabled, outranked or removed by hand', async () => {
      await using place = await open({ emulator: { plan: 'pro' } });
      const service = place.app.maintenance(await place.site(DOMAIN));
      await service.enableMaintenance('x', { url: PAGE });
      const ours = () =>
        place.emulator.rules(DOMAIN).find(({ targets }) => targets[0]?.constraint.value === `*${DOMAIN}/*`)
          ?.id ?? '';
      const damages = [
        () => place.emulator.editRule(DOMAIN, ours(), { status: 'disabled' }),
        () => place.emulator.editRule(DOMAIN, ours(), { forwardTo: 'https://wrong.example/' }),
        () =>
          place.emulator.addRule(DOMAIN, {
            pattern: `${DOMAIN}/a*`,
            forwardTo: `https://${DOMAIN}/b`,
            priority: 9,
          }),
        () => place.emulator.removeRule(DOMAIN, ours()),
      ];
      for (const damage of damages) {
        damage();
        expect((await place.emulator.visit(`http://${DOMAIN}/a`)).location).not.toBe(PAGE);
        await service.enableMaintenance('x', { url: PAGE });
        expect((await place.emulator.visit(`http://${DOMAIN}/a`)).location).toBe(PAGE);
      }
    });

    test('warns when an end is given and nothing runs that would act on it', async () => {
      await using place = await open();
      const service = place.app.maintenance(await place.site(DOMAIN));
      const until = new Date(place.clock.now().getTime() + 60_000);
      const notes = async () =>
        ((await service.enableMaintenance('x', { until })).plan as unknown as OperationPlan).notes.map(
          ({ code }) => code,
        );
      expect(await notes()).toEqual(['no_scheduler']);
      await place.app.schedule.processScheduledMaintenances();
      expect(await notes()).toEqual([]);
    });
  });

  describe('a preview', () => {
    test('shows what would be done and changes nothing', async () => {
      await using place = await open();
      const service = place.app.maintenance(await place.site(DOMAIN));
      const preview = await service.previewEnable('x', { url: PAGE });
      expect(preview).toMatchObject({
        action: 'enable',
        engine: 'page_rules',
        url: PAGE,
        calls: 1,
        changes: [{ kind: 'create' }],
      });
      expect(place.emulator.requests({ write: true })).toEqual([]);
      expect(await place.app.logs.forDomain(DOMAIN).count()).toBe(0);
      await expect(
        service.enableMaintenance('x', { url: PAGE, expect: preview.digest }),
      ).resolves.toMatchObject({ status: 'success' });
    });

    test('that no longer fits is refused before anything is done', async () => {
      await using place = await open();
      const service = place.app.maintenance(await place.site(DOMAIN));
      const { digest } = await service.previewEnable('x', { url: PAGE });
      place.emulator.addRule(DOMAIN, { pattern: `*${DOMAIN}/*`, actions: [{ id: 'always_use_https' }] });
      const before = essence(place.emulator.rules(DOMAIN));
      await failureOf(service.enableMaintenance('x', { url: PAGE, expect: digest }), 'rule_conflict');
      expect(essence(place.emulator.rules(DOMAIN))).toEqual(before);
    });
  });
});
