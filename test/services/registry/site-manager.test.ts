import { expect, test } from 'vitest';
import { CloudflareSite } from '../../../src/domain/cloudflare-site.ts';
import { MaintenanceLog } from '../../../src/domain/maintenance-log.ts';
import { describeDatabases } from '../../support/describe-databases.ts';
import { failureOf, openWorkplace, requestLines, type Workplace } from '../../support/workplace.ts';

const actor = { name: 'ada', source: 'cli' as const };
const DOMAIN = 'site-1.example';
const SHOP = `shop.${DOMAIN}`;

async function lastEdit({ app }: Workplace) {
  const row = await app.logs.byAction('configure').first();
  return row && { domain: row.domain, reason: row.reason, actor: row.actor, changed: row.changed };
}

describeDatabases((_kind, databases) => {
  const open = async (options: Parameters<typeof openWorkplace>[1] = {}) =>
    openWorkplace(await databases.migratedUrl(), options);

  test('a site is found by its domain in any spelling', async () => {
    await using place = await open({ emulator: { zones: [{ name: 'xn--bcher-kva.example' }] } });
    for (const domain of ['bücher.example', 'BÜCHER.Example.', 'xn--bcher-kva.example'])
      expect((await place.app.sites.get({ domain })).domain).toBe('xn--bcher-kva.example');
  });

  test('adding looks up the zone of the nearest parent and leaves a row', async () => {
    await using place = await open();
    const site = await place.app.sites.create({ domain: `a.b.${DOMAIN}`, name: 'Deep' }, { actor });
    const zone = place.emulator.zone(DOMAIN);
    expect(site).toMatchObject({
      zoneId: zone.id,
      zoneName: DOMAIN,
      accountId: zone.account.id,
      apiKey: null,
    });
    expect(await lastEdit(place)).toMatchObject({
      domain: `a.b.${DOMAIN}`,
      reason: `site a.b.${DOMAIN} added`,
      actor: 'ada',
      changed: { before: null, after: { name: 'Deep', zoneId: zone.id, includeSubdomains: true } },
    });
  });

  test('a given zone id is read with one call, and must be a zone of the domain that the key sees', async () => {
    await using place = await open();
    const { id } = place.emulator.zone(DOMAIN);
    const site = await place.app.sites.create({ domain: SHOP, zoneId: id });
    expect(site).toMatchObject({ zoneId: id, zoneName: DOMAIN, zonePlan: 'free' });
    expect(requestLines(place.emulator)).toEqual(['GET /zones/:id']);
    const add = (zoneId: string) => place.app.sites.create({ domain: `www.${DOMAIN}`, zoneId });
    await failureOf(add(place.emulator.zone('site-2.example').id), 'validation_failed');
    await failureOf(add('0'.repeat(32)), 'not_found');
    await failureOf(add('abc'), 'validation_failed');
    expect(await place.app.sites.byDomain(`www.${DOMAIN}`).count()).toBe(0);
  });

  test('without any token a site is stored without its zone, and closing it finds the zone', async () => {
    await using place = await open();
    await place.app.sites.remove({ domain: DOMAIN });
    for (const site of await place.app.sites.all()) await place.app.sites.remove(site);
    await place.app.apiKeys.remove({ name: 'main' });
    const site = await place.app.sites.create({ domain: DOMAIN });
    expect(site.zoneId ?? null).toBeNull();
    await place.app.apiKeys.create({ name: 'main', apiToken: place.emulator.token });
    await place.app.enableMaintenanceForDomain(DOMAIN);
    expect((await place.site(DOMAIN)).zoneId).toBe(place.emulator.zone(DOMAIN).id);
  });

  test('adding the same domain again, also in another spelling, is refused before Cloudflare is asked', async () => {
    await using place = await open();
    await failureOf(place.app.sites.create({ domain: 'SITE-1.example.' }), 'already_exists');
    expect(place.emulator.requests()).toEqual([]);
  });

  test('a maintenance page on the site itself is refused, also when the coverage grows over it', async () => {
    await using place = await open();
    const maintenanceUrl = `https://status.${DOMAIN}:8443/down`;
    await failureOf(place.app.sites.update({ domain: DOMAIN }, { maintenanceUrl }), 'redirect_loop');
    await place.app.sites.update({ domain: DOMAIN }, { maintenanceUrl, includeSubdomains: false });
    const grown = place.app.sites.update({ domain: DOMAIN }, { includeSubdomains: true });
    await failureOf(grown, 'redirect_loop');
    expect((await place.site(DOMAIN)).includeSubdomains).toBe(false);
    const listed = place.app.sites.update({ domain: DOMAIN }, { subdomainList: 'status' });
    await failureOf(listed, 'redirect_loop');
  });

  test('an edit leaves before and after of what is different, and none when nothing is', async () => {
    await using place = await open();
    await place.app.sites.update({ domain: DOMAIN }, { name: 'Shop', engine: 'auto' }, { actor });
    const edit = {
      domain: DOMAIN,
      reason: `site ${DOMAIN} edited`,
      actor: 'ada',
      changed: {
        before: { name: DOMAIN, engine: 'page_rules' },
        after: { name: 'Shop', engine: 'auto' },
      },
    };
    expect(await lastEdit(place)).toEqual(edit);
    const count = await place.app.logs.count();
    await place.app.sites.update({ domain: DOMAIN }, { name: 'Shop' });
    expect(await place.app.logs.count()).toBe(count);
  });

  test('two sites of one zone that need the same rule are refused, and nothing is stored', async () => {
    await using place = await open();
    await place.app.sites.update({ domain: DOMAIN }, { includeSubdomains: false, subdomainList: 'shop' });
    const error = await failureOf(place.app.sites.create({ domain: SHOP }), 'rule_conflict');
    expect(error.details).toMatchObject({ otherSite: DOMAIN });
    expect(await place.app.sites.byDomain(SHOP).count()).toBe(0);
    await place.app.sites.update({ domain: DOMAIN }, { subdomainList: '' });
    await place.app.sites.create({ domain: SHOP });
    await failureOf(place.app.sites.update({ domain: DOMAIN }, { subdomainList: 'shop' }), 'rule_conflict');
    expect((await place.site(DOMAIN)).subdomainList).toBe('');
  });

  test('an inactive or unknown key is refused', async () => {
    await using place = await open();
    await place.app.apiKeys.create({ name: 'old', apiToken: place.emulator.addToken({}) });
    await place.app.apiKeys.deactivate({ name: 'old' });
    await failureOf(place.app.sites.create({ domain: SHOP, apiKey: 'old' }), 'validation_failed');
    await failureOf(place.app.sites.update({ domain: DOMAIN }, { apiKey: 'old' }), 'validation_failed');
    await failureOf(place.app.sites.update({ domain: DOMAIN }, { apiKey: 'nobody' }), 'not_found');
  });

  test('a closed site is neither removed nor moved to another zone', async () => {
    await using place = await open({
      emulator: { zones: [{ name: DOMAIN }, { name: SHOP }] },
    });
    await place.app.enableMaintenanceForDomain(SHOP);
    const { id } = place.emulator.zone(DOMAIN);
    await failureOf(place.app.sites.remove({ domain: SHOP }), 'in_use');
    await failureOf(place.app.sites.update({ domain: SHOP }, { zoneId: id }), 'in_use');
    await place.app.disableMaintenanceForDomain(SHOP);
    const moved = await place.app.sites.update({ domain: SHOP }, { zoneId: id });
    expect(moved).toMatchObject({ zoneId: id, zoneName: DOMAIN });
    const back = await place.app.sites.update({ domain: SHOP }, { zoneId: '' });
    expect(back).toMatchObject({ zoneId: place.emulator.zone(SHOP).id, zoneName: SHOP });
  });

  test('a site with an operation that was interrupted is not removed: only its row knows what it left', async () => {
    await using place = await open();
    const site = await place.site(DOMAIN);
    await place.app.database.transaction(async (em) => {
      const [action, status, source] = ['enable', 'pending', 'cli'] as const;
      const fields = { site: site.id, domain: DOMAIN, action, status, source, createdAt: place.clock.now() };
      em.create(MaintenanceLog, fields);
    });
    const error = await failureOf(place.app.sites.remove({ domain: DOMAIN }), 'in_use');
    expect(error.hint).toContain('process_scheduled_maintenance');
  });

  test('a site that keeps rules of the user is removed only by force', async () => {
    await using place = await open();
    const rule = {
      id: 'a'.repeat(32),
      rule: {},
      order: [],
      reason: 'refused',
      since: '2026-01-01T00:00:00Z',
    };
    await place.app.database.transaction(async (em) => {
      const site = await em.findOneOrFail(CloudflareSite, { domain: DOMAIN });
      site.edgeState = { engine: 'page_rules', rules: [], replaced: [], unrestored: [rule] };
    });
    await failureOf(place.app.sites.remove({ domain: DOMAIN }), 'in_use');
    await place.app.sites.remove({ domain: DOMAIN }, { force: true });
    expect(await place.app.sites.byDomain(DOMAIN).count()).toBe(0);
  });

  test('a removed site leaves its log, which keeps the domain', async () => {
    await using place = await open();
    await place.app.enableMaintenanceForDomain(DOMAIN);
    await place.app.disableMaintenanceForDomain(DOMAIN);
    await place.app.sites.remove({ domain: DOMAIN }, { actor });
    const rows = await place.app.logs.forDomain(DOMAIN).all();
    expect(rows.map(({ action, site }) => [action, site])).toEqual([
      ['configure', null],
      ['disable', null],
      ['enable', null],
    ]);
    await failureOf(place.app.sites.get({ domain: DOMAIN }), 'not_found');
  });

  test('a dry run of every change is checked by the database and keeps nothing', async () => {
    await using place = await open();
    const before = [await place.app.sites.all(), await place.app.logs.count()];
    const dryRun = { dryRun: true };
    expect(await place.app.sites.create({ domain: SHOP }, dryRun)).toMatchObject({ zoneName: DOMAIN });
    const tried = await place.app.sites.update({ domain: DOMAIN }, { name: 'Shop' }, dryRun);
    expect(tried.name).toBe('Shop');
    await place.app.sites.remove({ domain: DOMAIN }, dryRun);
    expect([await place.app.sites.all(), await place.app.logs.count()]).toEqual(before);
  });
});
