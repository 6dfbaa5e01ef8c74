import { expect, test } from 'vitest';
import { openDatabase } from '../../src/persistence/open-database.ts';
import { ZoneLockRepository } from '../../src/persistence/repositories/zone-lock-repository.ts';
import { databaseUrls } from '../support/describe-databases.ts';

const FULL = 2;
const urls = databaseUrls('sqlite');

test('commits wait for the disk, also after locks, which do not, and after a statement of them that failed', async () => {
  await using database = await openDatabase({ url: await urls.migrated(), autoMigrate: false });
  const em = database.read();
  const synchronous = async () => (await em.execute<{ synchronous: number }[]>('pragma synchronous'))[0];
  const locks = new ZoneLockRepository();
  const lock = { zoneId: 'z', token: 't', owner: 'o', leaseMs: 1_000 };
  expect(await synchronous()).toEqual({ synchronous: FULL });
  await locks.tryAcquire(em, lock);
  await locks.renew(em, 'z', 't', 1_000);
  expect(await synchronous()).toEqual({ synchronous: FULL });
  await database.transaction((inner) => locks.release(inner, 'z', 't'));
  await em.execute('drop table maintenance_lock');
  await em.execute(
    'create table maintenance_lock (zone_id text check (false), token, owner, acquired_at, renewed_at, expires_at)',
  );
  await em.execute('create unique index zone on maintenance_lock (zone_id)');
  await expect(locks.tryAcquire(em, lock)).rejects.toMatchObject({ code: 'internal' });
  expect(await synchronous()).toEqual({ synchronous: FULL });
});
