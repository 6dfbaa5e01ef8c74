import type { SqlEntityManager } from '@mikro-orm/sql';
import { beforeEach, expect, test } from 'vitest';
import type { CloudflareSite } from '../../../src/domain/cloudflare-site.ts';
import type { Database } from '../../../src/persistence/database.ts';
import {
  type HoldRequest,
  MaintenanceHoldRepository,
} from '../../../src/persistence/repositories/maintenance-hold-repository.ts';
import { describeDatabases } from '../../support/describe-databases.ts';
import { type FakeClock, fakeClock } from '../../support/fake-clock.ts';
import { addSite } from '../rows.ts';

const holds = new MaintenanceHoldRepository();
const actor = { name: 'ada', source: 'cli' } as const;

describeDatabases((_kind, openTestDatabase) => {
  let database: Database;
  let clock: FakeClock;
  let site: CloudflareSite;
  const within = <T>(work: (em: SqlEntityManager) => Promise<T>) => database.transaction(work);
  const place = (name: string, request: Partial<HoldRequest> = {}) =>
    within((em) => holds.place(em, { siteId: site.id, name, actor, ...request }, clock.now()));
  const names = async () =>
    (await holds.inForce(database.read(), site.id, clock.now())).map(({ name }) => name);

  beforeEach(async () => {
    database = await openTestDatabase();
    clock = fakeClock('2026-03-10T12:00:00.000Z');
    site = await addSite(database, clock.now, 'a.example');
  });

  test('a hold is in force until it is released', async () => {
    await place('manual', { reason: 'deploy' });
    clock.advance(1000);
    await place('other');
    expect(await names()).toEqual(['manual', 'other']);
    const released = await within((em) =>
      holds.release(em, { siteId: site.id, name: 'manual', by: 'bob' }, clock.now()),
    );
    expect(released).toMatchObject({ releasedBy: 'bob', releasedAt: clock.now(), reason: 'deploy' });
    expect(await names()).toEqual(['other']);
  });

  test('a hold with an end is in force up to it, and expired from that moment', async () => {
    await place('manual', { expiresAt: new Date('2026-03-10T12:00:10.000Z') });
    await place('endless');
    clock.advance(9_999);
    expect(await names()).toEqual(['manual', 'endless']);
    expect(await holds.expired(database.read(), clock.now())).toEqual([]);
    clock.advance(1);
    expect(await names()).toEqual(['endless']);
    const expired = await within((em) => holds.expired(em, clock.now()));
    expect(expired.map(({ name, site: { domain } }) => [name, domain])).toEqual([['manual', 'a.example']]);
  });

  test('placing it again changes it, and keeps when it was first placed', async () => {
    const first = await place('manual', { reason: 'one', url: 'https://x.example/', expiresAt: clock.now() });
    clock.advance(5000);
    const again = await place('manual', { reason: 'two' });
    expect(again).toMatchObject({ id: first.id, reason: 'two', url: null, expiresAt: null });
    expect(again.createdAt).toEqual(first.createdAt);
    expect(again.updatedAt).toEqual(clock.now());
    expect(await names()).toEqual(['manual']);
  });

  test('a released hold stays as history, and the name can be used anew', async () => {
    await place('manual');
    await within((em) => holds.release(em, { siteId: site.id, name: 'manual', by: 'bob' }, clock.now()));
    await place('manual');
    expect(await database.read().execute('select name from maintenance_hold')).toHaveLength(2);
    expect(await names()).toEqual(['manual']);
  });

  test('releasing what is not there says so and changes nothing', async () => {
    await place('manual');
    const nothing = await within((em) =>
      holds.release(em, { siteId: site.id, name: 'other', by: 'bob' }, clock.now()),
    );
    expect(nothing).toBeUndefined();
    expect(await names()).toEqual(['manual']);
  });

  test('all of a site can be released at once, those of other sites stay', async () => {
    const other = await addSite(database, clock.now, 'b.example');
    await place('manual');
    await place('deploy');
    await place('manual', { siteId: other.id });
    const released = await within((em) => holds.releaseAll(em, { siteId: site.id, by: 'bob' }, clock.now()));
    expect(released).toHaveLength(2);
    expect(await names()).toEqual([]);
    expect(await holds.inForce(database.read(), other.id, clock.now())).toHaveLength(1);
  });

  test('two that place the same hold at once make one', async () => {
    const results = await Promise.allSettled([place('manual'), place('manual'), place('manual')]);
    const refused = results.filter((result) => result.status === 'rejected').map(({ reason }) => reason.code);
    expect(refused.every((code) => code === 'already_exists')).toBe(true);
    expect(await names()).toEqual(['manual']);
  });
});
