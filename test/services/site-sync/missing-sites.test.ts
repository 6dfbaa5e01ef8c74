import { expect, test } from 'vitest';
import { describeDatabases } from '../../support/describe-databases.ts';
import { openWorkplace, requestLines, type Workplace } from '../../support/workplace.ts';

const SITE = 'site-1.example';
const OTHER_ID = '2'.repeat(32);

async function sync(place: Workplace) {
  return (await place.app.siteSync()).syncZones();
}

/** The zone is deleted at Cloudflare and added again: it has another id then. */
function addAgain({ emulator }: Workplace): void {
  emulator.removeZone(SITE);
  emulator.addZone({ name: SITE, id: OTHER_ID });
}

describeDatabases((_kind, databases) => {
  const open = async (options: Parameters<typeof openWorkplace>[1] = {}) =>
    openWorkplace(await databases.migratedUrl(), options);

  test('a site whose zone is gone is deactivated, with a logged reason, and not asked about again', async () => {
    await using place = await open();
    place.emulator.removeZone(SITE);
    const result = await sync(place);
    expect(result).toMatchObject({ discovered: 2, deactivated: 1, skipped: 2, calls: 2 });
    expect(result.sites.at(-1)).toMatchObject({
      domain: SITE,
      action: 'deactivated',
      changes: { zoneStatus: { from: 'active', to: 'deleted' }, isActive: { from: true, to: false } },
    });
    expect(await place.site(SITE)).toMatchObject({ isActive: false, zoneStatus: 'deleted' });
    expect(await place.app.logs.forDomain(SITE).first()).toMatchObject({
      action: 'sync',
      status: 'success',
      reason: 'Its zone is gone from Cloudflare.',
      changed: {
        before: { zoneStatus: 'active', isActive: true },
        after: { zoneStatus: 'deleted', isActive: false },
      },
    });
    expect(await sync(place)).toMatchObject({ deactivated: 0, calls: 1 });
  });

  test('a zone that is back is refreshed; whether its site is active belongs to the user', async () => {
    await using place = await open();
    const { id } = place.emulator.zone(SITE);
    place.emulator.removeZone(SITE);
    await sync(place);
    place.emulator.addZone({ name: SITE, id });
    const { sites } = await sync(place);
    expect(sites.find(({ domain }) => domain === SITE)).toMatchObject({
      action: 'updated',
      reason: expect.stringContaining(`intermission site edit ${SITE} --active`),
    });
    expect(await place.site(SITE)).toMatchObject({ isActive: false, zoneStatus: 'active' });
  });

  test('a zone that the key may not read any more leaves its site as it is, and that is said', async () => {
    await using place = await open();
    const before = await place.site(SITE);
    place.emulator.setToken(place.emulator.token, { zones: ['site-2.example', 'site-3.example'] });
    const result = await sync(place);
    expect(result).toMatchObject({ discovered: 2, unreachable: 1, deactivated: 0, errors: 0 });
    expect(result.sites.at(-1)).toMatchObject({
      domain: SITE,
      action: 'unreachable',
      error: { code: 'api_permission_denied' },
    });
    expect(await place.site(SITE)).toEqual(before);
  });

  test('a zone that cannot be read for another reason is an error of that site alone', async () => {
    await using place = await open();
    await place.app.enableMaintenanceForDomain(SITE);
    const { id } = place.emulator.zone(SITE);
    place.emulator.removeZone(SITE);
    place.emulator.addFault({ kind: 'serverError', path: `^/zones/${id}$` });
    const result = await sync(place);
    expect(result).toMatchObject({ skipped: 2, errors: 1, deactivated: 0 });
    expect(result.sites.at(-1)).toMatchObject({
      domain: SITE,
      maintenanceActive: true,
      error: { code: 'api_unavailable' },
    });
    expect(await place.site(SITE)).toMatchObject({ isActive: true, zoneStatus: 'active' });
    expect(await place.app.logs.byAction('sync').first()).toMatchObject({
      status: 'success',
      changed: { errors: 1, failed: [[SITE, expect.stringContaining('Cloudflare')]] },
    });
  });

  test('a closed site whose zone is gone stays active until it is reopened, and can be', async () => {
    await using place = await open();
    await place.app.enableMaintenanceForDomain(SITE);
    place.emulator.removeZone(SITE);
    const result = await sync(place);
    expect(result).toMatchObject({ unreachable: 1, deactivated: 0 });
    expect(result.sites.at(-1)).toMatchObject({
      action: 'unreachable',
      maintenanceActive: true,
      changes: { zoneStatus: { to: 'deleted' } },
      error: { code: 'not_found', hint: expect.stringContaining(`maintenance disable ${SITE}`) },
    });
    expect(await place.site(SITE)).toMatchObject({ isActive: true, maintenanceActive: true });
    await place.app.database
      .read()
      .execute(`update cloudflare_site set is_active = false where domain = '${SITE}'`);
    expect(await sync(place)).toMatchObject({ unreachable: 1, deactivated: 0 });
    await place.app.database
      .read()
      .execute(`update cloudflare_site set is_active = true where domain = '${SITE}'`);
    await place.app.disableMaintenanceForDomain(SITE);
    expect(await sync(place)).toMatchObject({ deactivated: 1, unreachable: 0 });
    expect(await place.site(SITE)).toMatchObject({ isActive: false, maintenanceActive: false });
  });

  test('a site that is being closed keeps its zone and stays active when that zone is replaced meanwhile', async () => {
    await using place = await open();
    const { zoneId } = await place.site(SITE);
    const hold = place.emulator.hold({ when: 'after', method: 'POST' });
    const closing = place.app.enableMaintenanceForDomain(SITE);
    await hold.reached;
    addAgain(place);
    const first = await sync(place);
    place.emulator.removeZone(SITE);
    const second = await sync(place);
    await hold.release();
    await closing;
    for (const { sites, updated, deactivated } of [first, second]) {
      expect({ updated, deactivated }).toEqual({ updated: 0, deactivated: 0 });
      expect(sites.at(-1)).toMatchObject({
        action: 'unreachable',
        error: { message: expect.stringContaining('an operation on the site is running') },
      });
    }
    expect(await place.site(SITE)).toMatchObject({ zoneId, isActive: true, maintenanceActive: true });
  });

  test('a domain that was added to Cloudflare again keeps its site, in the new zone, after one run', async () => {
    await using place = await open();
    await place.app.sites.create({ domain: `shop.${SITE}` });
    addAgain(place);
    const result = await sync(place);
    expect(result).toMatchObject({ updated: 2, conflicts: 0, deactivated: 0 });
    for (const domain of [SITE, `shop.${SITE}`]) {
      expect(await place.site(domain)).toMatchObject({ zoneId: OTHER_ID, isActive: true });
    }
    expect(await sync(place)).toMatchObject({ updated: 0, conflicts: 0, calls: 1 });
  });

  test.each(['also', 'zone'])(
    'a zone that is added again where only the key "%s" sees it is a conflict that names the key',
    async (other) => {
      await using place = await open();
      const { app, emulator } = place;
      const { account } = emulator.zone(SITE);
      const { zoneId } = await place.site(SITE);
      // A token of an account sees no zone of another.
      const ownToken = emulator.addToken({ kind: 'account', account: account.id });
      await app.apiKeys.rotate({ name: 'main' }, ownToken, { force: true });
      emulator.removeZone(SITE);
      const elsewhere = { id: 'e'.repeat(32), name: 'Elsewhere' };
      emulator.addZone({ name: SITE, id: OTHER_ID, account: elsewhere });
      const apiToken = emulator.addToken({ kind: 'account', account: elsewhere.id });
      await app.apiKeys.create({ name: other, apiToken });
      for (const isFirst of [true, false]) {
        const outcomes = await place.app.syncZones();
        const ofKey = (name: string) => outcomes.find(({ apiKey }) => apiKey === name)?.result?.sites;
        expect(ofKey(other)).toMatchObject([
          {
            action: 'conflict',
            zoneId: OTHER_ID,
            reason: expect.stringContaining(`site edit ${SITE} --zone-id ${OTHER_ID} --api-key ${other}`),
          },
        ]);
        expect(ofKey('main')?.at(-1)).toMatchObject({
          domain: SITE,
          action: isFirst ? 'updated' : 'skipped',
          reason: `Its zone is gone from Cloudflare; the API key ${other} sees another of its name.`,
        });
        expect(await place.site(SITE)).toMatchObject({ zoneId, isActive: true, zoneStatus: 'deleted' });
      }
    },
  );

  test('a zone that moves to a page that has been read is not taken for missing', async () => {
    await using place = await open({ emulator: { zones: 0 } });
    for (let n = 100; n < 250; n++) place.emulator.addZone({ name: `z${n}.example` });
    await sync(place);
    const third = place.emulator.hold({ when: 'before', path: /^\/zones$/, nth: 3, writesOnly: false });
    const second = place.emulator.hold({ when: 'after', path: /^\/zones$/, nth: 2, writesOnly: false });
    const running = sync(place);
    await Promise.all([second.reached, third.reached]);
    // z200 was the first of page 3 and is the last of page 2 from now on, which has been read.
    place.emulator.removeZone('z100.example');
    await Promise.all([second.release(), third.release()]);
    const result = await running;
    expect(result).toMatchObject({
      discovered: 149,
      skipped: 150,
      deactivated: 0,
      unreachable: 0,
      errors: 0,
    });
    expect(await place.site('z200.example')).toMatchObject({ isActive: true });
    expect(requestLines(place.emulator).at(-1)).toBe('GET /zones/:id');
    // Gone for real: the run that sees it missing asks, and knows.
    expect(await sync(place)).toMatchObject({ deactivated: 1 });
    expect(await place.site('z100.example')).toMatchObject({ isActive: false });
  });

  test('of very many missing sites only some are asked about in one run, others in the next', async () => {
    await using place = await open({ emulator: { zones: 0 } });
    for (let n = 0; n < 210; n++) place.emulator.addZone({ name: `z${n}.example` });
    await sync(place);
    place.emulator.setToken(place.emulator.token, { zones: [] });
    const first = await sync(place);
    expect(first).toMatchObject({ discovered: 0, unreachable: 200, unchecked: 10, calls: 201 });
    place.clock.advance(20_000);
    const next = await sync(place);
    const asked = new Set([...first.sites, ...next.sites].map(({ domain }) => domain));
    expect(asked.size).toBe(210);
  });

  test('sites of other keys, and those without a zone, are not asked about', async () => {
    await using place = await open();
    const token = place.emulator.addToken({ zones: ['site-2.example'] });
    await place.app.apiKeys.create({ name: 'second', apiToken: token });
    await place.app.database
      .read()
      .execute("update cloudflare_site set zone_id = null where domain = 'site-3.example'");
    place.emulator.clearRequests();
    const result = await (await place.app.siteSync('second')).syncZones();
    expect(result).toMatchObject({ discovered: 1, skipped: 1, unreachable: 0, calls: 1 });
  });

  test('one site is checked and synced with its own key, by one call each', async () => {
    await using place = await open();
    place.emulator.setZone(SITE, { plan: 'pro' });
    const service = await place.app.siteSync();
    const site = await place.site(SITE);
    expect(await service.checkSiteStatus(site)).toMatchObject({
      domain: SITE,
      state: 'found',
      zone: { plan: 'pro' },
      changes: { zonePlan: { from: 'free', to: 'pro' } },
    });
    expect((await place.site(SITE)).zonePlan).toBe('free');
    const rows = await place.app.logs.count();
    const tried = await place.app.sites.syncSiteFromCloudflare(site, { dryRun: true });
    const synced = await place.app.sites.syncSiteFromCloudflare(site);
    expect(synced).toEqual(tried);
    expect(synced).toMatchObject({ action: 'updated', reason: 'The plan of its zone is pro now.' });
    expect((await place.site(SITE)).zonePlan).toBe('pro');
    expect(await place.app.logs.count()).toBe(rows + 1);
    expect(requestLines(place.emulator)).toEqual(Array(3).fill('GET /zones/:id'));
  });

  test('one site: gone, gone and added again, not readable', async () => {
    await using place = await open();
    const service = await place.app.siteSync();
    const once = async () => place.app.sites.syncSiteFromCloudflare(await place.site(SITE));
    place.emulator.setToken(place.emulator.token, { zones: ['site-2.example'] });
    expect(await once()).toMatchObject({ action: 'unreachable', error: { code: 'api_permission_denied' } });
    place.emulator.setToken(place.emulator.token, { zones: 'all' });
    addAgain(place);
    expect(await once()).toMatchObject({ action: 'updated', zoneId: OTHER_ID });
    place.emulator.removeZone(SITE);
    expect(await service.checkSiteStatus(await place.site(SITE))).toMatchObject({
      state: 'gone',
      zone: null,
    });
    expect(await once()).toMatchObject({ action: 'deactivated' });
  });
});
