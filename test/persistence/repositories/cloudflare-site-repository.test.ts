import { beforeEach, describe, expect, test } from 'vitest';
import type { CloudflareSite } from '../../../src/domain/cloudflare-site.ts';
import type { Database } from '../../../src/persistence/database.ts';
import { CloudflareSiteRepository } from '../../../src/persistence/repositories/cloudflare-site-repository.ts';
import { describeDatabases } from '../../support/describe-databases.ts';
import { type FakeClock, fakeClock } from '../../support/fake-clock.ts';
import { addKey, addLog, addSite } from '../rows.ts';

const DAY = 86_400_000;
const domains = (sites: CloudflareSite[]) => sites.map(({ domain }) => domain);

describeDatabases((_kind, openTestDatabase) => {
  let database: Database;
  let clock: FakeClock;
  const sites = () => new CloudflareSiteRepository(database.read(), clock.now);

  beforeEach(async () => {
    database = await openTestDatabase();
    clock = fakeClock('2026-03-01T12:00:00.123Z');
  });

  describe('one site', () => {
    test('comes back as it was stored, with defaults, JSON and milliseconds', async () => {
      await addSite(database, clock.now, 'Shop.Example', {
        brand: { colour: '#fff', list: [1] },
        openPaths: ['/a'],
      });
      expect(await sites().get({ domain: 'shop.example' })).toMatchObject({
        name: 'Shop.Example',
        domain: 'shop.example',
        brand: { colour: '#fff', list: [1] },
        openPaths: ['/a'],
        bypassIps: [],
        engine: 'auto',
        includeSubdomains: true,
        isActive: true,
        maintenanceActive: false,
        createdAt: clock.now(),
      });
    });

    test('is found without regard to the case of the domain, and by id', async () => {
      const { id } = await addSite(database, clock.now, 'a.example');
      expect((await sites().get({ domain: 'A.EXAMPLE' })).id).toBe(id);
      expect((await sites().get({ id })).domain).toBe('a.example');
      expect(await sites().find({ domain: 'b.example' })).toBeUndefined();
    });

    test('that does not exist is not_found, and the hint names what is spelt alike', async () => {
      await addSite(database, clock.now, 'shop.example');
      await addSite(database, clock.now, 'other.test');
      await expect(sites().get({ domain: 'shpo.example' })).rejects.toMatchObject({
        code: 'not_found',
        hint: 'Did you mean shop.example?',
        details: { closeMatches: ['shop.example'] },
      });
      await expect(sites().get({ id: 99 })).rejects.toMatchObject({ code: 'not_found' });
    });

    test('with a domain that is taken already_exists, and nothing is stored', async () => {
      await addSite(database, clock.now, 'a.example');
      await expect(addSite(database, clock.now, 'a.example')).rejects.toMatchObject({
        code: 'already_exists',
        details: { table: 'cloudflare_site', columns: ['domain'], constraint: 'cloudflare_site(domain)' },
      });
      expect(await sites().count()).toBe(1);
    });

    test('that is changed gets a new time of change and the next version', async () => {
      const { id } = await addSite(database, clock.now, 'a.example');
      clock.advance(5000);
      await database.transaction(async (em) => {
        const repository = new CloudflareSiteRepository(em, clock.now);
        await repository.update(await repository.get({ id }), { maintenanceActive: true, edgeState: null });
      });
      expect(await sites().get({ id })).toMatchObject({
        version: 2,
        maintenanceActive: true,
        updatedAt: clock.now(),
      });
    });

    test('that is removed leaves its log behind, with the domain', async () => {
      const site = await addSite(database, clock.now, 'a.example');
      await addLog(database, clock.now, { site: site.id, domain: 'a.example' });
      await database.transaction(async (em) => {
        const repository = new CloudflareSiteRepository(em, clock.now);
        await repository.remove(await repository.get({ id: site.id }));
      });
      const rows = await database.read().execute('select site_id, domain from maintenance_log');
      expect(rows).toEqual([{ site_id: null, domain: 'a.example' }]);
    });
  });

  describe('queries', () => {
    beforeEach(async () => {
      await addSite(database, clock.now, 'c.example', { name: '100% Shop', lastMaintenanceAt: clock.now() });
      clock.advance(3 * DAY);
      await addSite(database, clock.now, 'a.example', { isActive: false, name: 'Alpha_1' });
      await addSite(database, clock.now, 'b.example', {
        maintenanceActive: true,
        name: 'AlphaX1',
        zoneId: 'z1',
      });
    });

    test('come in the order of domains, unless another is asked for', async () => {
      expect(domains(await sites().all())).toEqual(['a.example', 'b.example', 'c.example']);
      expect(domains(await sites().orderBy('name').all())).toEqual(['c.example', 'b.example', 'a.example']);
      expect(domains(await sites().orderBy('isActive', '-domain').all())).toEqual([
        'a.example',
        'c.example',
        'b.example',
      ]);
    });

    test('are immutable: narrowing one leaves it as it was', async () => {
      const all = sites();
      const active = all.active();
      expect(domains(await active.inMaintenance().all())).toEqual(['b.example']);
      expect(domains(await active.all())).toEqual(['b.example', 'c.example']);
      expect(await all.count()).toBe(3);
    });

    test.each([
      ['active', (query: CloudflareSiteRepository) => query.active(), 'bc'],
      ['inactive', (query: CloudflareSiteRepository) => query.inactive(), 'a'],
      ['inMaintenance', (query: CloudflareSiteRepository) => query.inMaintenance(), 'b'],
      ['notInMaintenance', (query: CloudflareSiteRepository) => query.notInMaintenance(), 'ac'],
      ['byDomain', (query: CloudflareSiteRepository) => query.byDomain('C.example'), 'c'],
      ['byName', (query: CloudflareSiteRepository) => query.byName('Alpha_1'), 'a'],
      ['inZone', (query: CloudflareSiteRepository) => query.inZone('z1'), 'b'],
      ['recent', (query: CloudflareSiteRepository) => query.recent(1), 'ab'],
      [
        'since',
        (query: CloudflareSiteRepository) => query.since(new Date('2026-03-01T12:00:00.123Z')),
        'abc',
      ],
      [
        'since, a millisecond later',
        (query: CloudflareSiteRepository) => query.since(new Date('2026-03-01T12:00:00.124Z')),
        'ab',
      ],
      ['recentlyMaintained', (query: CloudflareSiteRepository) => query.recentlyMaintained(4), 'c'],
      [
        'recentlyMaintained, too long ago',
        (query: CloudflareSiteRepository) => query.recentlyMaintained(2),
        '',
      ],
      [
        'filter',
        (query: CloudflareSiteRepository) => query.filter({ isActive: true, maintenanceActive: false }),
        'c',
      ],
      ['search in domains', (query: CloudflareSiteRepository) => query.search('B.EXA'), 'b'],
      ['search in names', (query: CloudflareSiteRepository) => query.search('alpha'), 'ab'],
      ['search with %', (query: CloudflareSiteRepository) => query.search('100%'), 'c'],
      ['search with _ as itself', (query: CloudflareSiteRepository) => query.search('alpha_1'), 'a'],
      ['search with a quote and a backslash', (query: CloudflareSiteRepository) => query.search("x'\\%"), ''],
      ['search with ?', (query: CloudflareSiteRepository) => query.search('?'), ''],
      ['two searches', (query: CloudflareSiteRepository) => query.search('alpha').search('b.'), 'b'],
      ['limit and offset', (query: CloudflareSiteRepository) => query.limit(1).offset(1), 'b'],
    ])('%s finds exactly what it says', async (_name, narrow, expected) => {
      const wanted = [...expected].map((letter) => `${letter}.example`);
      const query = narrow(sites());
      expect(domains(await query.all())).toEqual(wanted);
      expect((await query.first())?.domain).toBe(wanted[0]);
    });

    test('count what matches, whatever the limit', async () => {
      expect(await sites().search('alpha').limit(1).count()).toBe(2);
    });

    test('can be streamed, also more than once', async () => {
      const query = sites().search('alpha');
      for (const _round of [1, 2]) {
        const seen: string[] = [];
        for await (const site of query) seen.push(site.domain);
        expect(seen).toEqual(['a.example', 'b.example']);
      }
    });

    test('by key find the sites of that key, and those without one for the default', async () => {
      const standard = await addKey(database, clock.now, 'standard');
      const other = await addKey(database, clock.now, 'other');
      await addSite(database, clock.now, 'd.example', { apiKey: other.id });
      expect(domains(await sites().byApiKey(standard).all())).toEqual([
        'a.example',
        'b.example',
        'c.example',
      ]);
      expect(domains(await sites().byApiKey(other).all())).toEqual(['d.example']);
      expect((await sites().byApiKey(other).withApiKey().first())?.apiKey?.name).toBe('other');
    });
  });
});
