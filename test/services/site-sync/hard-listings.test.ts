import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Zone } from '../../../src/cloudflare/types.ts';
import type { FaultSeed } from '../../../src/emulator/index.ts';
import { SiteSyncService } from '../../../src/services/site-sync/site-sync-service.ts';
import type { ZonePage } from '../../../src/services/site-sync/sync-run.ts';
import { gateway } from '../../cloudflare/scripted-server.ts';
import { describeDatabases } from '../../support/describe-databases.ts';
import { openWorkplace, type Workplace } from '../../support/workplace.ts';

/** The zones of the emulator as the gateway lists them, each page changed by `change` on its way. */
function serviceOver(place: Workplace, change: (page: ZonePage, index: number) => ZonePage): SiteSyncService {
  const real = gateway(place.emulator.api, { token: place.emulator.token });
  const source = {
    get calls() {
      return real.calls;
    },
    async *listZonePages() {
      let index = 0;
      for await (const page of real.listZonePages()) yield change(page, index++);
    },
    getZone: (zoneId: string) => real.getZone(zoneId),
    findZone: (domain: string) => real.findZone(domain),
  };
  const { app, clock } = place;
  return new SiteSyncService({ database: app.database, now: () => clock.now(), source, apiKey: null });
}

describeDatabases((kind, databases) => {
  /** 150 zones on three pages, none of them known. */
  const open = async () => {
    const place = await openWorkplace(await databases.migratedUrl(), { emulator: { zones: 0 } });
    for (let n = 100; n < 250; n++) place.emulator.addZone({ name: `z${n}.example` });
    return place;
  };

  test.each<[string, FaultSeed[], number]>([
    ['429 in the middle', [{ kind: 'rateLimited', path: /^\/zones$/, nth: 2, retryAfter: 5 }], 4],
    ['a page that fails twice', [{ kind: 'serverError', path: /^\/zones$/, nth: 2, times: 2 }], 5],
    ['HTML in the place of a page', [{ kind: 'html', path: /^\/zones$/, nth: 3 }], 4],
    ['`errors: null`', [{ kind: 'nullErrors', path: /^\/zones$/ }], 3],
  ])('%s: every zone becomes a site', async (_, faults, calls) => {
    await using place = await open();
    for (const fault of faults) place.emulator.addFault(fault);
    const result = await (await place.app.siteSync()).syncZones();
    expect(result).toMatchObject({ discovered: 150, created: 150, errors: 0, calls });
    expect(await place.app.sites.count()).toBe(150);
  });

  test('an empty page in the middle takes no site away', async () => {
    await using place = await open();
    await place.app.syncZones();
    const emptied = serviceOver(place, (page, index) => (index === 1 ? { ...page, zones: [] } : page));
    // Sites of a stored key are not the business of the token of the environment.
    expect(await emptied.syncZones()).toMatchObject({ discovered: 100, skipped: 100, deactivated: 0 });
    await place.app.database.read().execute('update cloudflare_site set api_key_id = null');
    await place.app.database.read().execute('delete from cloudflare_api_key');
    const result = await emptied.syncZones();
    expect(result).toMatchObject({ discovered: 100, skipped: 150, deactivated: 0, calls: 53 });
    expect(await place.app.sites.active().count()).toBe(150);
  });

  test('entries that cannot be a site are errors of their own; all others are stored', async () => {
    await using place = await open();
    // Of those that the emulator takes and no host has.
    place.emulator.addZone({ name: '-odd-.example' });
    const strange = serviceOver(place, (page, index) => ({
      ...page,
      unreadable: index === 0 ? [{ id: null, name: null, problem: 'no id' }] : [],
    }));
    const result = await strange.syncZones();
    expect(result).toMatchObject({ discovered: 152, created: 150, errors: 2 });
    expect(result.sites.filter(({ action }) => action === 'error')).toMatchObject([
      { domain: 'unknown', zoneId: null, error: { code: 'api_rejected' } },
      { domain: '-odd-.example', error: { code: 'validation_failed' } },
    ]);
    expect(await place.app.logs.byAction('sync').first()).toMatchObject({ status: 'success' });
  });

  test('a zone that the database refuses is left out; the others of its page are stored', async () => {
    await using place = await open();
    const tooLong = { accountId: 'f'.repeat(33) };
    const spoil = (zone: Zone) => (zone.name === 'z120.example' ? { ...zone, ...tooLong } : zone);
    const spoilt = serviceOver(place, (page) => ({ ...page, zones: (page.zones as Zone[]).map(spoil) }));
    const result = await spoilt.syncZones();
    // SQLite does not look at lengths.
    const refused = kind === 'sqlite' ? 0 : 1;
    expect(result).toMatchObject({ created: 150 - refused, errors: refused });
    expect(await place.app.sites.count()).toBe(150 - refused);
  });

  test('two runs at the same time make one site of each zone', async () => {
    await using place = await open();
    await using other = await place.openAgain();
    const both = await Promise.all([place.app.syncZones(), other.syncZones()]);
    const results = both.flatMap((outcomes) => outcomes.flatMap(({ result }) => result ?? []));
    expect(results.map(({ errors }) => errors)).toEqual([0, 0]);
    expect(results.reduce((sum, { created }) => sum + created, 0)).toBe(150);
    expect(await place.app.sites.count()).toBe(150);
  });

  test('killed in the middle: the next run completes, without duplicates', async () => {
    const databaseUrl = await databases.migratedUrl();
    await using place = await openWorkplace(databaseUrl, { emulator: { zones: 0 } });
    for (let n = 100; n < 250; n++) place.emulator.addZone({ name: `z${n}.example` });
    const hold = place.emulator.hold({ when: 'before', path: /^\/zones$/, nth: 3, writesOnly: false });
    const child = spawn(process.execPath, ['--input-type=module-typescript', '-e', VICTIM], {
      cwd: join(import.meta.dirname, '../../..'),
      env: {
        DATABASE_URL: databaseUrl,
        CLOUDFLARE_BASE_URL: place.emulator.api,
        INTERMISSION_DATA_DIR: place.app.config.dataDir,
      },
    });
    await hold.reached;
    // The first two pages, but for the last zone: others of its name could be on the page to come.
    while ((await place.app.sites.count()) < 99) await new Promise((resolve) => setTimeout(resolve, 20));
    child.kill('SIGKILL');
    await once(child, 'close');
    await hold.release({ discard: true });
    expect(await place.app.sites.count()).toBe(99);
    expect(await place.app.logs.byAction('sync').count()).toBe(1);
    const [outcome] = await place.app.syncZones();
    expect(outcome?.result).toMatchObject({ discovered: 150, created: 51, skipped: 99, updated: 0 });
    expect(await place.app.sites.count()).toBe(150);
    expect(await place.app.logs.byAction('sync').count()).toBe(2);
  });
});

const VICTIM = `
import { Intermission } from './src/intermission.ts';
await using app = await Intermission.open();
await app.syncZones();`;
