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

    test('repeated with nothing to change, reads once and writes nothing', async () => {
      await using place = await open();
      const service = place.app.maintenance(await place.site(DOMAIN));
      await service.enableMaintenance('x');
      place.emulator.clearRequests();
      await service.enableMaintenance('x');
      expect(requestLines(place.emulator)).toEqual(['GET /zones/:id/pagerules']);
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

  describe('failure', () => {
    test('of the second rule leaves nothing behind and says what was undone', async () => {
      await using place = await open();
      place.emulator.setZone(DOMAIN, { pageRuleQuota: 1 });
      await place.app.sites.update({ domain: DOMAIN }, { includeSubdomains: false, subdomainList: 'api' });
      const service = place.app.maintenance(await place.site(DOMAIN));
      const error = await failureOf(service.enableMaintenance('x'), 'quota_exceeded');
      expect(error.message).toContain(`remove our rule ${DOMAIN}/*`);
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
