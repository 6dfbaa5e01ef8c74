import { expect, test } from 'vitest';
import type { CloudflareSite } from '../../../src/domain/cloudflare-site.ts';
import type { ZoneFacts } from '../../../src/domain/zone-facts.ts';
import { IntermissionError } from '../../../src/errors.ts';
import { SiteSyncService } from '../../../src/services/site-sync/site-sync-service.ts';
import type { SyncResult } from '../../../src/services/sync-result.ts';
import { describeDatabases } from '../../support/describe-databases.ts';
import { failureOf, openWorkplace, requestLines, type Workplace } from '../../support/workplace.ts';

const actor = { name: 'ada', source: 'cli' as const };
const TWICE: Omit<ZoneFacts, 'id'> = {
  name: 'twice.example',
  status: 'active',
  paused: false,
  plan: 'free',
  accountId: 'a'.repeat(32),
  pageRuleQuota: 3,
};

/** Zones that the emulator cannot have: it has one of each name. */
function serviceFor({ app, clock }: Workplace, pages: ZoneFacts[][]): SiteSyncService {
  const zones = pages.flat();
  const source = {
    calls: 0,
    async *listZonePages() {
      for (const page of pages) yield { zones: page, unreadable: [], total: zones.length };
    },
    async getZone(zoneId: string) {
      const zone = zones.find(({ id }) => id === zoneId);
      if (zone === undefined)
        throw new IntermissionError('not_found', 'Gone.', { details: { what: 'zone' } });
      return zone;
    },
    findZone: async (name: string) => zones.find((zone) => zone.name === name),
  };
  return new SiteSyncService({ database: app.database, now: () => clock.now(), source, apiKey: null });
}

function plain(site: CloudflareSite): object {
  const { apiKey: _, ...fields } = { ...site };
  return fields;
}

function counts({ sites: _, ...rest }: SyncResult) {
  return rest;
}

describeDatabases((_kind, databases) => {
  const open = async (options: Parameters<typeof openWorkplace>[1] = {}) =>
    openWorkplace(await databases.migratedUrl(), options);

  test('discoverZones reads the zones and changes nothing', async () => {
    await using place = await open();
    place.emulator.addZone({ name: 'new.example' });
    const zones = await (await place.app.siteSync()).discoverZones();
    expect(zones.map(({ name }) => name)).toEqual([
      'new.example',
      'site-1.example',
      'site-2.example',
      'site-3.example',
    ]);
    expect(await place.app.sites.count()).toBe(3);
  });

  test('a run creates what is new, refreshes what differs, and leaves one row for each change and one for the run, which names what is new', async () => {
    await using place = await open();
    place.emulator.addZone({ name: 'new.example', plan: 'pro' });
    place.emulator.setZone('site-2.example', { paused: true });
    const rows = await place.app.logs.count();
    const result = await (await place.app.siteSync()).syncZones({ actor });
    expect(counts(result)).toEqual({
      discovered: 4,
      created: 1,
      updated: 1,
      skipped: 2,
      deactivated: 0,
      conflicts: 0,
      unreachable: 0,
      errors: 0,
      unchecked: 0,
      calls: 1,
    });
    expect(await place.site('new.example')).toMatchObject({
      name: 'new.example',
      zonePlan: 'pro',
      pageRuleQuota: 20,
      apiKey: { name: 'main' },
      includeSubdomains: true,
    });
    expect(await place.site('site-2.example')).toMatchObject({ zonePaused: true });
    expect(await place.app.logs.count()).toBe(rows + 2);
    expect(await place.app.logs.byAction('sync').first()).toMatchObject({
      status: 'success',
      actor: 'ada',
      source: 'cli',
      reason: 'Zones of the API key main',
      domain: null,
      changed: { discovered: 4, created: 1, updated: 1, skipped: 2, createdSites: ['new.example'] },
    });
    expect(await place.app.logs.forDomain('site-2.example').first()).toMatchObject({
      action: 'sync',
      status: 'success',
      actor: 'ada',
      reason: 'Cloudflare is paused for the zone: no rule works there.',
      changed: { before: { zonePaused: false }, after: { zonePaused: true } },
    });
  });

  test('a second run writes no site row and one log row', async () => {
    await using place = await open();
    const before = await place.app.sites.all();
    const rows = await place.app.logs.count();
    place.clock.advance(3_600_000);
    const result = await (await place.app.siteSync()).syncZones();
    expect(counts(result)).toMatchObject({ created: 0, updated: 0, skipped: 3 });
    expect(await place.app.sites.all()).toEqual(before);
    expect(await place.app.logs.count()).toBe(rows + 1);
  });

  test('what still holds after half a day is noted, and nothing else of the site is written', async () => {
    await using place = await open();
    const before = await place.app.sites.all();
    const rows = await place.app.logs.count();
    place.clock.advance(13 * 3_600_000);
    const zoneCheckedAt = place.clock.now();
    expect(counts(await (await place.app.siteSync()).syncZones())).toMatchObject({ updated: 0, skipped: 3 });
    const asBefore = before.map((site) => expect.objectContaining({ ...plain(site), zoneCheckedAt }));
    expect((await place.app.sites.all()).map(plain)).toEqual(asBefore);
    expect(await place.app.logs.count()).toBe(rows + 1);
  });

  test('force writes what Cloudflare owns although nothing is different, and never what the user owns', async () => {
    await using place = await open();
    const own = {
      name: 'Shop',
      includeSubdomains: false,
      subdomainList: 'www',
      maintenanceUrl: 'https://status.example.net/',
      engine: 'page_rules' as const,
      isActive: false,
    };
    await place.app.sites.update({ domain: 'site-1.example' }, own);
    place.emulator.setZone('site-1.example', { plan: 'business' });
    place.clock.advance(60_000);
    const result = await (await place.app.siteSync()).syncZones({ force: true });
    expect(counts(result)).toMatchObject({ updated: 3, skipped: 0 });
    expect(await place.site('site-1.example')).toMatchObject({ ...own, zonePlan: 'business' });
    expect((await place.site('site-3.example')).zoneCheckedAt).toEqual(place.clock.now());
  });

  test('a dry run says the same and keeps nothing', async () => {
    await using place = await open();
    place.emulator.addZone({ name: 'new.example' });
    place.emulator.setZone('site-2.example', { paused: true });
    const before = [await place.app.sites.all(), await place.app.logs.count()];
    const sync = await place.app.siteSync();
    const tried = await sync.syncZones({ dryRun: true });
    expect([await place.app.sites.all(), await place.app.logs.count()]).toEqual(before);
    expect(await sync.syncZones()).toEqual(tried);
  });

  test('sites below the apex are refreshed with their zone, which still gets its own site', async () => {
    await using place = await open({ emulator: { zones: [{ name: 'site-1.example' }] } });
    await place.app.sites.remove({ domain: 'site-1.example' });
    await place.app.sites.create({ domain: 'shop.site-1.example' });
    place.emulator.setZone('site-1.example', { plan: 'pro' });
    const { sites } = await (await place.app.siteSync()).syncZones();
    expect(sites.map(({ domain, action }) => [domain, action])).toEqual([
      ['site-1.example', 'created'],
      ['shop.site-1.example', 'updated'],
    ]);
    expect((await place.site('shop.site-1.example')).zonePlan).toBe('pro');
  });

  test('of two zones of one name the active one becomes the site, in every run', async () => {
    await using place = await open({ emulator: { zones: 0 } });
    const pending = { ...TWICE, id: '1'.repeat(32), status: 'pending' };
    const active = { ...TWICE, id: '2'.repeat(32) };
    const sync = async (...pages: ZoneFacts[][]) => counts(await serviceFor(place, pages).syncZones());
    expect(await sync([pending, active])).toMatchObject({ created: 1, updated: 0, conflicts: 1 });
    expect(await sync([pending, active])).toMatchObject({ created: 0, updated: 0, conflicts: 1, skipped: 1 });
    expect(await sync([pending], [active])).toMatchObject({ updated: 0, conflicts: 1, skipped: 1 });
    expect(await place.app.sites.count()).toBe(1);
    expect(await place.site('twice.example')).toMatchObject({ zoneId: active.id, zoneStatus: 'active' });
  });

  test('an active zone takes the place of one that does not serve', async () => {
    await using place = await open({ emulator: { zones: 0 } });
    const pending = { ...TWICE, id: '1'.repeat(32), status: 'pending' };
    const active = { ...TWICE, id: '2'.repeat(32) };
    await serviceFor(place, [[pending]]).syncZones();
    expect(counts(await serviceFor(place, [[pending], [active]]).syncZones())).toMatchObject({ updated: 1 });
    expect(await place.site('twice.example')).toMatchObject({ zoneId: active.id, zoneStatus: 'active' });
  });

  test('a closed site keeps its zone, where its rules are, when Cloudflare shows another of that name', async () => {
    await using place = await open({ emulator: { zones: [{ name: 'site-1.example' }] } });
    await place.app.enableMaintenanceForDomain('site-1.example');
    const { zoneId } = await place.site('site-1.example');
    place.emulator.setZone('site-1.example', { status: 'moved' });
    await place.app.syncZones();
    place.emulator.removeZone('site-1.example');
    place.emulator.addZone({ name: 'site-1.example', id: '2'.repeat(32) });
    const [outcome] = await place.app.syncZones();
    expect(outcome?.result).toMatchObject({
      conflicts: 1,
      updated: 0,
      sites: [
        { domain: 'site-1.example', action: 'conflict', zoneId: '2'.repeat(32), maintenanceActive: true },
        { domain: 'site-1.example', action: 'unreachable', zoneId, maintenanceActive: true },
      ],
    });
    expect((await place.site('site-1.example')).zoneId).toBe(zoneId);
  });

  test('the zones come in pages of 50, each stored for itself; a failure keeps those before and leaves a failed row', async () => {
    await using place = await open({ emulator: { zones: 0 } });
    for (let n = 100; n < 220; n++) place.emulator.addZone({ name: `z${n}.example` });
    const sync = await place.app.siteSync();
    place.emulator.addFault({ kind: 'serverError', path: '^/zones\\b', nth: 3, times: 4 });
    await failureOf(sync.syncZones({ actor }), 'api_unavailable');
    expect(await place.app.sites.count()).toBe(100);
    expect(await place.app.logs.byAction('sync').first()).toMatchObject({
      status: 'failed',
      errorCode: 'api_unavailable',
      errorMessage: expect.stringContaining('Cloudflare'),
      actor: 'ada',
      changed: { discovered: 100, created: 100 },
    });
    place.emulator.clearFaults();
    place.emulator.clearRequests();
    expect(counts(await sync.syncZones())).toMatchObject({ created: 20, skipped: 100, calls: 3 });
    expect(requestLines(place.emulator)).toEqual(['GET /zones', 'GET /zones', 'GET /zones']);
  });

  test('a zone that two keys see keeps the key it has; one key that fails does not stop the others', async () => {
    await using place = await open();
    await place.app.apiKeys.create({ name: 'blind', apiToken: place.emulator.addToken({ permissions: [] }) });
    await place.app.apiKeys.create({ name: 'second', apiToken: place.emulator.addToken({}) });
    place.emulator.addZone({ name: 'new.example' });
    const outcomes = await place.app.syncZones();
    expect(outcomes.map(({ apiKey, result }) => [apiKey, result?.created])).toEqual([
      ['blind', undefined],
      ['main', 1],
      ['second', 0],
    ]);
    expect(outcomes[0]?.error).toMatchObject({
      code: 'api_permission_denied',
      message: expect.stringMatching(/^API key "blind": /),
    });
    expect((await place.site('new.example')).apiKey?.name).toBe('main');
    expect(await place.app.logs.byAction('sync').failed().count()).toBe(1);
  });

  test('an aborted run stops and says so', async () => {
    await using place = await open();
    await place.app.apiKeys.create({ name: 'second', apiToken: place.emulator.addToken({}) });
    await failureOf(place.app.syncZones({ signal: AbortSignal.abort() }), 'interrupted');
  });

  test('a key that is named and cannot be used throws', async () => {
    await using place = await open();
    await failureOf(place.app.syncZones({ apiKey: 'nobody' }), 'not_found');
    await failureOf(place.app.syncZones({ apiKey: 'env' }), 'not_found');
    await place.app.apiKeys.deactivate({ name: 'main' });
    await failureOf(place.app.syncZones({ apiKey: 'main' }), 'validation_failed');
    await failureOf(place.app.syncZones(), 'not_found');
  });
});
