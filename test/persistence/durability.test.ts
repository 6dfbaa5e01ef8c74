import type { SqlEntityManager } from '@mikro-orm/sql';
import { expect, test } from 'vitest';
import { openDatabase } from '../../src/persistence/open-database.ts';
import { ZoneLockRepository } from '../../src/persistence/repositories/zone-lock-repository.ts';
import { databaseUrls } from '../support/describe-databases.ts';

const FULL = 2;
const urls = databaseUrls('sqlite');
const servers = databaseUrls('postgresql');

test.each([
  ['off', 'on'],
  ['remote_apply', 'remote_apply'],
])('a PostgreSQL whose commits wait by default: %s, waits for the disk at least: %s', async (set, found) => {
  const url = new URL(await servers.migrated());
  url.searchParams.set('options', `-c synchronous_commit=${set}`);
  await using database = await openDatabase({ url: url.href, autoMigrate: false });
  const setting = (em: SqlEntityManager) => em.execute('show synchronous_commit');
  const atOnce = await Promise.all([1, 2, 3].map(() => database.transaction(setting)));
  expect(atOnce).toEqual([1, 2, 3].map(() => [{ synchronous_commit: found }]));
});

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
