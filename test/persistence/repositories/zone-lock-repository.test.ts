import { beforeEach, describe, expect, test } from 'vitest';
import type { Database } from '../../../src/persistence/database.ts';
import { steadyClockMs } from '../../../src/persistence/database-clock.ts';
import { ZoneLockRepository } from '../../../src/persistence/repositories/zone-lock-repository.ts';
import { runInParallel } from '../../support/child-processes.ts';
import { describeDatabases } from '../../support/describe-databases.ts';

const locks = new ZoneLockRepository();
const MINUTE = 60_000;
/** Tries for a lock as soon as the clock shows the given moment; prints whether it got it. */
const RACE = `import { openDatabase } from './src/persistence/open-database.ts';
  import { ZoneLockRepository } from './src/persistence/repositories/zone-lock-repository.ts';
  const [url, at, name] = process.argv.slice(1);
  await using database = await openDatabase({ url, autoMigrate: false });
  const em = database.read();
  while (Date.now() < Number(at));
  const answers = [];
  for (let zone = 0; zone < 20; zone += 1) {
    const request = { zoneId: 'z' + zone, token: name, owner: name, leaseMs: 60_000 };
    answers.push((await new ZoneLockRepository().tryAcquire(em, request)).acquired ? '1' : '0');
  }
  console.log(answers.join(''));`;

describeDatabases((kind, openTestDatabase) => {
  let database: Database;
  const acquire = (token: string, leaseMs = MINUTE, zoneId = 'z') =>
    locks.tryAcquire(database.read(), { zoneId, token, owner: `owner of ${token}`, leaseMs });
  /** As if `milliseconds` had passed since all locks were taken, or as if the clock had been set forward by so much. */
  const age = (milliseconds: number) =>
    database.transaction((em) =>
      em.execute(
        `update maintenance_lock set acquired_at = acquired_at - ?, renewed_at = renewed_at - ?,
         expires_at = expires_at - ?`,
        [milliseconds, milliseconds, milliseconds],
      ),
    );

  describe('the lock of a zone', () => {
    beforeEach(async () => {
      database = await openTestDatabase();
    });

    test('goes to the first who asks; others learn who has it and for how long', async () => {
      expect(await acquire('a')).toEqual({ acquired: true });
      await age(10_000);
      const answer = await acquire('b');
      expect(answer).toMatchObject({ acquired: false, owner: 'owner of a' });
      if (answer.acquired) return;
      expect(answer.ageMs).toBeGreaterThanOrEqual(10_000);
      expect(answer.ageMs).toBeLessThan(20_000);
      // Each is rounded by itself.
      expect(Math.abs(answer.ageMs + answer.expiresInMs - MINUTE)).toBeLessThanOrEqual(1);
      expect(await locks.isHeld(database.read(), 'z', 'a')).toBe(true);
      expect(await locks.isHeld(database.read(), 'z', 'b')).toBe(false);
    });

    test('does not keep other zones', async () => {
      await acquire('a', MINUTE, 'z1');
      expect(await acquire('b', MINUTE, 'z2')).toEqual({ acquired: true });
      expect(await locks.liveZoneIds(database.read())).toEqual(['z1', 'z2']);
    });

    test('can be taken over when its lease is over, and the late holder notices', async () => {
      await acquire('a');
      await age(MINUTE);
      expect(await locks.liveZoneIds(database.read())).toEqual([]);
      expect(await acquire('b')).toEqual({ acquired: true });
      expect(await locks.isHeld(database.read(), 'z', 'a')).toBe(false);
      expect(await locks.renew(database.read(), 'z', 'a', MINUTE)).toBe(false);
      await locks.release(database.read(), 'z', 'a');
      expect(await locks.isHeld(database.read(), 'z', 'b')).toBe(true);
    });

    test('is extended by its holder for as long as nobody else has had it, whatever the clock says', async () => {
      await acquire('a');
      await age(60 * MINUTE);
      expect(await locks.isHeld(database.read(), 'z', 'a')).toBe(true);
      expect(await locks.renew(database.read(), 'z', 'a', MINUTE)).toBe(true);
      expect(await acquire('b')).toMatchObject({ acquired: false, owner: 'owner of a' });
      await age(MINUTE);
      await acquire('b');
      await locks.release(database.read(), 'z', 'b');
      expect(await locks.renew(database.read(), 'z', 'a', MINUTE)).toBe(false);
      expect(await locks.isHeld(database.read(), 'z', 'a')).toBe(false);
    });

    test('goes by the clock that all its processes share', async () => {
      const shared = () => (kind === 'sqlite' ? steadyClockMs() : database.nowMs(database.read()));
      const before = await shared();
      await acquire('a');
      const after = await shared();
      const [row] = await database
        .read()
        .execute<{ acquired_at: number; renewed_at: number }[]>(
          'select acquired_at, renewed_at from maintenance_lock',
        );
      expect(row?.acquired_at).toBeGreaterThanOrEqual(before);
      expect(row?.acquired_at).toBeLessThanOrEqual(after);
      expect(row?.renewed_at).toBeLessThanOrEqual(after);
    });

    test('from the future is, on SQLite, of a process from before the machine was started', async () => {
      await acquire('a');
      await age(-60 * MINUTE);
      const isOver = kind === 'sqlite';
      expect(await locks.liveZoneIds(database.read())).toEqual(isOver ? [] : ['z']);
      expect(await acquire('b')).toMatchObject({ acquired: isOver });
    });

    test('is free at once when it is given back', async () => {
      await acquire('a');
      await locks.release(database.read(), 'z', 'a');
      expect(await acquire('b')).toEqual({ acquired: true });
    });

    test('cannot be taken while a transaction relies on it, even when its lease ends meanwhile', async () => {
      await acquire('a', 300);
      const events: string[] = [];
      const { promise: start, resolve: begin } = Promise.withResolvers<void>();
      const attempt = start
        .then(() => acquire('b'))
        .then(({ acquired }) => events.push(`taken: ${acquired}`));
      await database.transaction(async (em) => {
        expect(await locks.isHeld(em, 'z', 'a')).toBe(true);
        begin();
        while ((await locks.liveZoneIds(em)).length > 0);
        events.push('relied on to the end');
      });
      await attempt;
      expect(events).toEqual(['relied on to the end', 'taken: true']);
    });
  });

  test('of two processes that race for it exactly one wins, every time', async () => {
    const url = await openTestDatabase.migratedUrl();
    const start = Date.now() + 3_000;
    const [first = '', second = ''] = await runInParallel(2, RACE, [url, String(start)]);
    expect(first).toHaveLength(20);
    expect([...first].map((won, zone) => Number(won) + Number(second[zone]))).toEqual(Array(20).fill(1));
  });
});
