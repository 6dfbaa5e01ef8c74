import { expect, test } from 'vitest';
import { CloudflareSite } from '../../../src/domain/cloudflare-site.ts';
import { describeDatabases } from '../../support/describe-databases.ts';
import { openWorkplace, type Workplace } from '../../support/workplace.ts';

const SITE = 'site-1.example';

/** Each field that belongs to the user, with a value that no new site has. */
const OWNED = {
  name: 'Shop',
  includeSubdomains: false,
  subdomainList: 'www,api',
  maintenanceUrl: 'https://status.example.net/',
  engine: 'redirect_rules',
  openPaths: ['/health'],
  bypassIps: ['192.0.2.0/24'],
  brand: { color: '#123456' },
  isActive: false,
  apiKey: null,
} as const;

/** What happens to the zone meanwhile. */
const EVENTS: Record<string, (place: Workplace, zoneId: string) => void> = {
  'nothing has changed': () => undefined,
  'everything that Cloudflare owns has changed': ({ emulator }) =>
    emulator.setZone(SITE, { status: 'moved', paused: true, plan: 'business', pageRuleQuota: 77 }),
  'the zone is another one of that name': ({ emulator }) => {
    emulator.removeZone(SITE);
    emulator.addZone({ name: SITE, id: '2'.repeat(32), plan: 'pro' });
  },
  'the zone is gone': ({ emulator }) => emulator.removeZone(SITE),
};

const SYNCS: Record<string, (place: Workplace, force: boolean) => Promise<unknown>> = {
  syncZones: async ({ app }, force) => (await app.siteSync()).syncZones({ force }),
  bulkSyncAll: ({ app }, force) => app.sites.bulkSyncAll({ force }),
  discoverAllSites: ({ app }, force) => app.sites.discoverAllSites({ force }),
  syncSiteFromCloudflare: async ({ app, site }, force) =>
    app.sites.syncSiteFromCloudflare(await site(SITE), { force }),
};

const MATRIX = Object.keys(EVENTS).flatMap((event) =>
  Object.keys(SYNCS).flatMap((sync) => [false, true].map((force) => ({ event, sync, force }))),
);

/** The site and its zone as they were at the beginning, but for what the user has set. */
async function startOver(place: Workplace, zoneId: string, before: object): Promise<void> {
  const { emulator, app } = place;
  if (emulator.zones().some(({ name }) => name === SITE)) emulator.removeZone(SITE);
  emulator.addZone({ name: SITE, id: zoneId });
  await app.database.transaction((em) =>
    em.nativeUpdate(CloudflareSite, { domain: SITE }, { ...before, ...OWNED } as never),
  );
}

async function stored({ app }: Workplace): Promise<CloudflareSite> {
  return app.database.read().findOneOrFail(CloudflareSite, { domain: SITE });
}

describeDatabases((_kind, databases) => {
  test('what the user owns is the same after every sync, whatever has happened to the zone', async () => {
    await using place = await openWorkplace(await databases.migratedUrl());
    const { id: zoneId } = place.emulator.zone(SITE);
    const { id: _, version: _version, ...before } = { ...(await stored(place)) };
    const fields = Object.keys(OWNED) as (keyof typeof OWNED)[];
    const overwritten: string[] = [];
    for (const { event, sync, force } of MATRIX) {
      await startOver(place, zoneId, before);
      EVENTS[event]?.(place, zoneId);
      await SYNCS[sync]?.(place, force);
      const after = await stored(place);
      const others = fields.filter(
        (field) => JSON.stringify(after[field] ?? null) !== JSON.stringify(OWNED[field]),
      );
      overwritten.push(...others.map((field) => `${event}, ${sync}, force ${force}: ${field}`));
    }
    expect(overwritten).toEqual([]);
    expect(MATRIX.length * fields.length).toBe(320);
  });

  test('force writes what Cloudflare owns where nothing has changed', async () => {
    await using place = await openWorkplace(await databases.migratedUrl());
    place.clock.advance(60_000);
    const site = await place.site(SITE);
    expect(await place.app.sites.bulkSyncAll({ force: true })).toMatchObject({ updated: 3, skipped: 0 });
    const { zoneCheckedAt, apiKey: _, ...rest } = await place.site(SITE);
    expect(zoneCheckedAt).toEqual(place.clock.now());
    expect(site).toMatchObject(rest);
  });

  test('bulkSyncAll and discoverAllSites count what several keys have done, and tell what failed', async () => {
    await using place = await openWorkplace(await databases.migratedUrl());
    const { app, emulator } = place;
    await app.apiKeys.create({ name: 'second', apiToken: emulator.addToken({}) });
    await app.apiKeys.create({ name: 'blind', apiToken: emulator.addToken({ permissions: [] }) });
    emulator.addZone({ name: 'new.example' });
    expect(await app.sites.discoverAllSites()).toMatchObject({
      discovered: 4,
      created: 1,
      skipped: 3,
      synced: 4,
      errors: 1,
      errorDetails: [{ apiKey: 'blind', domain: null, code: 'api_permission_denied' }],
    });
    expect(await app.sites.bulkSyncAll()).toMatchObject({ synced: 4, created: 0, errors: 1 });
    await app.apiKeys.deactivate({ name: 'second' });
    await app.apiKeys.deactivate({ name: 'blind' });
    emulator.setToken(emulator.token, { status: 'expired' });
    expect(await app.sites.bulkSyncAll()).toMatchObject({
      synced: 0,
      errors: 1,
      errorDetails: [{ apiKey: 'main', code: 'api_token_invalid' }],
    });
  });
});
