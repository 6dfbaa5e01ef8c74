import { describe, expect, test } from 'vitest';
import { ENGINES } from '../../../src/domain/edge-state.ts';
import type { Emulator } from '../../../src/emulator/index.ts';
import { describeDatabases } from '../../support/describe-databases.ts';
import { essence, failureOf, openWorkplace } from '../../support/workplace.ts';

const DOMAIN = 'site-1.example';
const PAGE = 'https://status.example.net/';
const OTHER = 'https://other.example.net/';

/** What every engine must do, judged by visitors and by what is left in the zone. */
describeDatabases((_kind, databases) => {
  describe.each(ENGINES)('by %s', (engine) => {
    const open = async (options: Parameters<typeof openWorkplace>[1] = {}) => {
      const emulator = { plan: 'pro' as const, ...options.emulator };
      const place = await openWorkplace(await databases.migratedUrl(), { ...options, emulator, engine });
      place.emulator.addRule(DOMAIN, { pattern: `${DOMAIN}/blog/*`, forwardTo: 'https://blog.example.net/' });
      place.emulator.addRedirectRule(DOMAIN, {
        expression: 'http.host eq "elsewhere.example.org"',
        redirectTo: 'https://moved.example.net/',
      });
      const service = place.app.maintenance(await place.site(DOMAIN));
      const locationOf = async (host = DOMAIN, path = '/') =>
        (await place.emulator.visit(`https://${host}${path}`)).location ?? 'none';
      return { ...place, service, locationOf, [Symbol.asyncDispose]: () => place[Symbol.asyncDispose]() };
    };

    test('a site is closed and opened, its rules come and go, and those of others stay', async () => {
      await using at = await open();
      const before = rulesOf(at.emulator);
      const log = await at.service.enableMaintenance('x', { url: PAGE });
      expect(log).toMatchObject({ status: 'success', plan: { engine } });
      for (const host of [DOMAIN, `www.${DOMAIN}`]) expect(await at.locationOf(host, '/any?x=1')).toBe(PAGE);
      expect(await at.service.getLiveStatus()).toMatchObject({ configured: 'maintenance', drift: [] });
      await at.service.disableMaintenance();
      expect(rulesOf(at.emulator)).toEqual(before);
      expect(await at.service.getLiveStatus()).toMatchObject({
        configured: 'open',
        drift: [],
        differs: false,
      });
    });

    test('only the listed subdomains are closed with it', async () => {
      await using at = await open();
      await at.app.sites.update({ domain: DOMAIN }, { includeSubdomains: false, subdomainList: 'api' });
      await at.service.enableMaintenance('x', { url: PAGE });
      for (const host of [DOMAIN, `api.${DOMAIN}`]) expect(await at.locationOf(host)).toBe(PAGE);
      expect(await at.locationOf(`dev.${DOMAIN}`)).toBe('none');
      await at.app.sites.update({ domain: DOMAIN }, { subdomainList: 'dev' });
      expect(await at.service.getLiveStatus()).toMatchObject({ differs: true });
      await at.service.enableMaintenance('x', { url: PAGE });
      expect(await at.locationOf(`api.${DOMAIN}`)).toBe('none');
      expect(await at.locationOf(`dev.${DOMAIN}`)).toBe(PAGE);
      await at.service.disableMaintenance();
      expect(await at.locationOf()).toBe('none');
    });

    test('{domain} is filled into the URL, and no $ is replaced', async () => {
      await using at = await open();
      await at.service.enableMaintenance('x', { url: 'https://status.example.net/$/?d={domain}&p=$x' });
      expect(await at.locationOf()).toBe(`https://status.example.net/$/?d=${DOMAIN}&p=$x`);
    });

    test('the last of several holds opens it, and the newest decides where visitors go', async () => {
      await using at = await open();
      await at.service.enableMaintenance('x', { url: PAGE });
      at.clock.advance(1000);
      await at.service.enableMaintenance('y', { url: OTHER, hold: 'deploy' });
      expect(await at.locationOf()).toBe(OTHER);
      await failureOf(at.service.disableMaintenance({ hold: 'deploy' }), 'held_by_others');
      expect(await at.locationOf()).toBe(PAGE);
      await at.service.disableMaintenance();
      expect(await at.locationOf()).toBe('none');
    });

    test('a rule that was removed, edited or switched off by hand is reported, repaired, and no hindrance', async () => {
      await using at = await open();
      const before = rulesOf(at.emulator);
      for (const [kind, damage] of Object.entries(damages(at.emulator, engine))) {
        await at.service.enableMaintenance('x', { url: PAGE });
        damage();
        expect(await at.locationOf()).not.toBe(PAGE);
        expect(await at.service.getLiveStatus()).toMatchObject({ differs: true, drift: [{ kind }] });
        await at.service.enableMaintenance('repair', { url: PAGE });
        expect(await at.locationOf()).toBe(PAGE);
        damage();
        await at.service.disableMaintenance();
        expect(rulesOf(at.emulator)).toEqual(before);
      }
    });

    test.each(['dropReply', 'reset'] as const)(
      'a %s of the first write changes nothing in the end',
      async (kind) => {
        await using at = await open();
        const before = rulesOf(at.emulator);
        at.emulator.addFault({ kind, method: 'POST', nth: 1 });
        await at.service.enableMaintenance('x', { url: PAGE });
        expect(await at.locationOf()).toBe(PAGE);
        at.emulator.addFault({ kind, method: 'DELETE', nth: 1 });
        await at.service.disableMaintenance();
        expect(rulesOf(at.emulator)).toEqual(before);
      },
    );

    test('what cannot be taken back now stays pending, and the next command puts it in order', async () => {
      await using at = await open({ app: { maxRetries: 0 } });
      const before = rulesOf(at.emulator);
      await at.service.enableMaintenance('x', { url: PAGE });
      await at.service.disableMaintenance();
      at.emulator.addFault({ kind: 'dropReply', method: 'POST', nth: 1 });
      at.emulator.addFault({ kind: 'reset', method: 'GET' });
      await failureOf(at.service.enableMaintenance('x', { url: PAGE }), 'api_unavailable');
      expect(await at.app.logs.pending().count()).toBe(1);
      expect(await at.locationOf()).toBe(PAGE);
      at.emulator.clearFaults();
      await at.app.schedule.processScheduledMaintenances();
      expect(rulesOf(at.emulator)).toEqual(before);
      expect(await at.app.logs.pending().count()).toBe(0);
    });

    test('a token without permission is refused with what it needs, and nothing is left', async () => {
      await using at = await open();
      const apiToken = at.emulator.addToken({ permissions: ['Zone Read'] });
      await at.app.apiKeys.create({ name: 'reader', apiToken });
      await at.app.sites.update({ domain: DOMAIN }, { apiKey: 'reader' });
      const error = await failureOf(
        at.service.enableMaintenance('x', { url: PAGE }),
        'api_permission_denied',
      );
      expect(error.details['permission']).toBe(
        engine === 'page_rules' ? 'Page Rules Write' : 'Dynamic URL Redirects Write',
      );
      expect(await at.locationOf()).toBe('none');
    });

    test('a page that the site itself closes is refused', async () => {
      await using at = await open();
      const before = rulesOf(at.emulator);
      await failureOf(
        at.service.enableMaintenance('x', { url: `https://www.${DOMAIN}/down` }),
        'redirect_loop',
      );
      expect(rulesOf(at.emulator)).toEqual(before);
    });

    test('a site whose zone is gone can be opened', async () => {
      await using at = await open();
      await at.service.enableMaintenance('x', { url: PAGE });
      at.emulator.removeZone(DOMAIN);
      await expect(at.service.disableMaintenance()).resolves.toMatchObject({ status: 'success' });
      expect((await at.site(DOMAIN)).maintenanceActive).toBe(false);
    });

    test('several sites of one zone close and open by themselves', async () => {
      await using at = await open();
      const before = rulesOf(at.emulator);
      await at.app.sites.update({ domain: DOMAIN }, { includeSubdomains: false });
      const blog = await at.app.sites.create({ domain: `blog.${DOMAIN}`, engine });
      await at.service.enableMaintenance('x', { url: PAGE });
      await at.app.maintenance(blog).enableMaintenance('y', { url: OTHER });
      expect([await at.locationOf(), await at.locationOf(blog.domain)]).toEqual([PAGE, OTHER]);
      await at.service.disableMaintenance();
      expect([await at.locationOf(), await at.locationOf(blog.domain)]).toEqual(['none', OTHER]);
      await at.app.maintenance(blog).disableMaintenance();
      expect(rulesOf(at.emulator)).toEqual(before);
    });
  });
});

/** All rules of the zone, but for when and how often they were changed. */
function rulesOf(emulator: Emulator): object {
  const redirects = emulator.redirectRules(DOMAIN);
  return [
    essence(emulator.rules(DOMAIN)),
    redirects.map(({ last_updated: _, version: __, ...rest }) => rest),
  ];
}

/** What a person does to our rule in the dashboard, by the name that the status gives it. */
function damages(emulator: Emulator, engine: (typeof ENGINES)[number]): Record<string, () => void> {
  const page = () =>
    emulator.rules(DOMAIN).find(({ targets }) => !targets[0]?.constraint.value.includes('blog'));
  const redirect = () => emulator.redirectRules(DOMAIN).find(({ ref }) => ref.startsWith('intermission:'));
  const changed = 'https://changed.example.net/';
  return engine === 'page_rules'
    ? {
        missing: () => emulator.removeRule(DOMAIN, page()?.id ?? ''),
        disabled: () => emulator.editRule(DOMAIN, page()?.id ?? '', { status: 'disabled' }),
        changed: () => emulator.editRule(DOMAIN, page()?.id ?? '', { forwardTo: changed }),
      }
    : {
        missing: () => emulator.removeRedirectRule(DOMAIN, redirect()?.id ?? ''),
        disabled: () => emulator.editRedirectRule(DOMAIN, redirect()?.id ?? '', { enabled: false }),
        changed: () => emulator.editRedirectRule(DOMAIN, redirect()?.id ?? '', { redirectTo: changed }),
      };
}
