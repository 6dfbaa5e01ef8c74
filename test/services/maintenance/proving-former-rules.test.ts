import { describe, expect, test } from 'vitest';
import type { SiteInput } from '../../../src/services/registry/site-input.ts';
import { describeDatabases } from '../../support/describe-databases.ts';
import { openProving } from './proving-rig.ts';

const DOMAIN = 'site-1.example';
const PAGE = 'https://status.example.net/down';
const SOON = { verify: true, timeoutMs: 2_000 };

describeDatabases((_kind, databases) => {
  const open = async (changes: SiteInput = {}) => {
    const at = await openProving(await databases.migratedUrl(), { engine: 'redirect_rules' });
    const edit = (more: SiteInput) => at.app.sites.update({ domain: DOMAIN }, more);
    await edit(changes);
    return { ...at, edit, slow: () => at.emulator.setPropagation(10_000) };
  };
  const listed: SiteInput = { includeSubdomains: false, subdomainList: 'api' };

  describe('a site that was edited while it was closed', () => {
    test.each<[string, SiteInput, SiteInput]>([
      ['lets this machine through', { bypassIps: ['127.0.0.1'] }, { bypassIps: [] }],
      ['lets the front page through', { openPaths: ['/'] }, { openPaths: [] }],
    ])('is not open as long as the edge follows a rule that %s', async (_what, closed, edited) => {
      await using at = await open(closed);
      await at.service.enableMaintenance('x', { url: PAGE });
      await at.edit(edited);
      at.slow();
      expect(await at.service.disableMaintenance(SOON)).toMatchObject({ proof: 'unproven' });
    });

    test('is open when the hosts are that it was closed with, and those that it has now', async () => {
      await using at = await open(listed);
      await at.service.enableMaintenance('x', { url: PAGE });
      await at.edit({ subdomainList: '' });
      const opened = await at.service.disableMaintenance({ verify: true });
      const hosts = [{ host: DOMAIN }, { host: `api.${DOMAIN}`, verdict: 'open', asWanted: true }];
      expect(opened).toMatchObject({ proof: 'proven', evidence: { hosts } });
      // The edge is past those rules: they are not asked about again.
      expect((await at.service.verify()).hosts).toMatchObject([{ host: DOMAIN }]);
    });

    test('is closed when the hosts that left it are open', async () => {
      await using at = await open(listed);
      await at.service.enableMaintenance('x', { url: PAGE });
      await at.edit({ subdomainList: '' });
      at.slow();
      const log = await at.service.enableMaintenance('x', { url: PAGE, ...SOON });
      const left = { host: `api.${DOMAIN}`, verdict: 'closed', asWanted: false };
      expect(log).toMatchObject({ proof: 'unproven', evidence: { hosts: [left, { asWanted: true }] } });
      const proof = await at.service.verify();
      expect(proof).toMatchObject({ state: 'proven', observed: 'maintenance' });
      expect(proof.message).toBe(`${DOMAIN} redirects visitors to the maintenance page.`);
    });

    test('is closed when a path that was open is closed', async () => {
      await using at = await open({ openPaths: ['/health', '/hooks/*'] });
      await at.service.enableMaintenance('x', { url: PAGE, verify: true });
      await at.edit({ openPaths: ['/hooks/*'] });
      at.slow();
      const log = await at.service.enableMaintenance('x', { url: PAGE, ...SOON });
      expect(log).toMatchObject({ proof: 'unproven' });
      const proof = await at.service.verify();
      const paths = [
        { path: '/hooks/*', verdict: 'open', asWanted: true },
        { path: '/health', verdict: 'closed', asWanted: true },
      ];
      expect(proof).toMatchObject({ state: 'proven', hosts: [{ openPaths: paths }, {}, {}] });
    });

    test('keeps what it was closed with through refused attempts, until it is open', async () => {
      await using at = await open({ openPaths: ['/'] });
      await at.service.enableMaintenance('x', { url: PAGE });
      await at.edit({ openPaths: [] });
      for (let attempt = 0; attempt < 12; attempt += 1)
        await at.service.enableMaintenance('x', { url: `https://${DOMAIN}/` }).catch(() => undefined);
      at.slow();
      expect(await at.service.disableMaintenance(SOON)).toMatchObject({ proof: 'unproven' });
      expect((await at.site(DOMAIN)).edgeState).not.toHaveProperty('closes');
    });
  });

  test('a site whose open paths take the front page and what is asked for instead is proven all the same', async () => {
    await using at = await open({ openPaths: ['/', '/i*'] });
    const closed = await at.service.enableMaintenance('x', { url: PAGE, verify: true });
    expect(closed).toMatchObject({ proof: 'proven' });
    at.slow();
    expect(await at.service.disableMaintenance(SOON)).toMatchObject({ proof: 'unproven' });
    expect(await at.service.verify()).toMatchObject({ state: 'proven', wanted: 'open' });
  });

  test('a row and a site of before that do not say what was closed are proven by the site as it is', async () => {
    await using at = await open();
    const log = await at.service.enableMaintenance('x', { url: PAGE });
    const { closes: _, ...plan } = log.plan as { closes: unknown };
    const { closes: __, ...edge } = (await at.site(DOMAIN)).edgeState as unknown as { closes: unknown };
    await at.app.database.transaction(async (em) => {
      await em.execute('update maintenance_log set plan = ? where id = ?', [JSON.stringify(plan), log.id]);
      await em.execute('update cloudflare_site set edge_state = ? where domain = ?', [
        JSON.stringify(edge),
        DOMAIN,
      ]);
    });
    expect(await at.service.proveOperation(log)).toMatchObject({ proof: { state: 'proven' } });
    expect(await at.service.disableMaintenance({ verify: true })).toMatchObject({ proof: 'proven' });
  });

  describe('a site below another closed one', () => {
    const below = async () => {
      const at = await open();
      const shop = `shop.${DOMAIN}`;
      await at.app.sites.create({ domain: shop, engine: 'redirect_rules', openPaths: ['/health'] });
      await at.service.enableMaintenance('x', { url: 'https://parent.example.net/' });
      const service = at.app.maintenance(await at.site(shop));
      return { ...at, parent: at.service, service };
    };

    test('is not proven closed while the other takes its open path', async () => {
      await using at = await below();
      at.emulator.addRedirectRule(DOMAIN, {
        expression: 'http.request.uri.path eq "/health"',
        redirectTo: 'https://parent.example.net/',
        statusCode: 302,
      });
      const log = await at.service.enableMaintenance('x', { url: PAGE, ...SOON });
      expect(log).toMatchObject({ proof: 'unproven' });
    });

    test('is not open as long as the other takes its visitors', async () => {
      await using at = await below();
      await at.service.enableMaintenance('x', { url: PAGE });
      expect(await at.service.disableMaintenance(SOON)).toMatchObject({ proof: 'unproven' });
      await at.parent.disableMaintenance();
      expect(await at.service.verify()).toMatchObject({ state: 'proven', wanted: 'open' });
    });

    test('says nothing of the one above it, when that one opens', async () => {
      await using at = await below();
      await at.app.sites.create({ domain: `www.${DOMAIN}`, engine: 'redirect_rules' });
      const www = at.app.maintenance(await at.site(`www.${DOMAIN}`));
      await www.enableMaintenance('x', { url: PAGE });
      const opened = await at.parent.disableMaintenance({ verify: true });
      expect(opened).toMatchObject({ proof: 'proven', evidence: { hosts: [{ host: DOMAIN }, {}] } });
    });
  });
});
