import { describe, expect, test } from 'vitest';
import {
  acquireZoneLock,
  type ZoneLockOptions,
  type ZoneLockStore,
} from '../../../src/services/maintenance/zone-lock.ts';
import { failureOf } from '../../support/workplace.ts';

/** A lease in memory, by the same clock that the lock reads: what a database would answer. */
class Lease implements ZoneLockStore<null> {
  time = 0;
  /** What the time of day shows beside it. */
  wall = 0;
  renewals = 0;
  reachable = true;
  holder: { token: string; owner: string; since: number; until: number } | undefined;

  async tryAcquire(_zone: string, lock: { token: string; owner: string; leaseMs: number }) {
    if (this.holder !== undefined && this.holder.until > this.time) {
      return { acquired: false as const, owner: this.holder.owner, ageMs: this.time - this.holder.since };
    }
    this.holder = { ...lock, since: this.time, until: this.time + lock.leaseMs };
    return { acquired: true as const };
  }

  async renew(_zone: string, token: string, leaseMs: number) {
    this.renewals += 1;
    if (!this.reachable) throw new Error('away');
    if (!(await this.isHeld(null, '', token)) || this.holder === undefined) return false;
    this.holder.until = this.time + leaseMs;
    return true;
  }

  async isHeld(_transaction: null, _zone: string, token: string) {
    return this.holder?.token === token;
  }

  async release(_zone: string, token: string) {
    if (this.holder?.token === token) this.holder = undefined;
  }
}

function setUp() {
  const store = new Lease();
  const options: ZoneLockOptions = {
    leaseMs: 20_000,
    monotonic: () => store.time,
    clock: { now: () => new Date(store.time + store.wall) },
    wait: async (ms) => {
      store.time += ms;
    },
  };
  const acquire = (owner: string) => acquireZoneLock(store, { zoneId: 'z', owner }, options);
  return { store, options, acquire };
}

describe('the lock of a zone', () => {
  test('is waited for, for a lease and five seconds; then its holder is named', async () => {
    const { store, acquire } = setUp();
    const first = await acquire('ada');
    if (store.holder !== undefined) store.holder.until = Number.POSITIVE_INFINITY;
    const error = await failureOf(acquire('bob'), 'site_locked');
    expect(error.details).toMatchObject({ owner: 'ada' });
    expect(store.time).toBeGreaterThanOrEqual(25_000);
    expect(store.time).toBeLessThan(25_500);
    await first.release();
  });

  test('that is waited for longer than a second says so once, with its holder and how long at most', async () => {
    const { store, options, acquire } = setUp();
    const first = await acquire('ada');
    if (store.holder !== undefined) store.holder.until = 3_000;
    const told: unknown[] = [];
    const request = { zoneId: 'z', owner: 'bob', onWaiting: (waiting: unknown) => told.push(waiting) };
    const second = await acquireZoneLock(store, request, options);
    expect(told).toEqual([{ owner: 'ada', ageMs: 1_050, leftMs: 23_950 }]);
    await first.release();
    await second.release();
  });

  test('is taken over when its lease has ended', async () => {
    const { store, acquire } = setUp();
    const first = await acquire('ada');
    store.time += 20_000;
    const second = await acquire('bob');
    await expect(first.assertHeld()).rejects.toMatchObject({ code: 'interrupted' });
    await expect(first.assertHeldIn(null)).rejects.toMatchObject({ code: 'interrupted' });
    await expect(second.assertHeld()).resolves.toBeUndefined();
    // What has lost the lock must not release it for the one who has it now.
    await first.release();
    expect(store.holder?.owner).toBe('bob');
    await second.release();
  });

  test('asks the database before a write when less than half a lease may be left', async () => {
    const { store, acquire } = setUp();
    const lock = await acquire('ada');
    store.time += 10_000;
    await lock.assertHeld();
    expect(store.renewals).toBe(0);
    store.time += 1;
    await lock.assertHeld();
    expect(store.renewals).toBe(1);
    expect(store.holder?.until).toBe(30_001);
    await lock.release();
  });

  test('that was held by a process asleep for longer than its lease allows no further write', async () => {
    const { store, acquire } = setUp();
    const lock = await acquire('ada');
    store.time += 20_001;
    await expect(lock.assertHeld()).rejects.toMatchObject({ code: 'interrupted' });
    await lock.release();
  });

  test('may still be used to commit what is done, however late, as long as nobody else has had it', async () => {
    const { store, acquire } = setUp();
    const lock = await acquire('ada');
    store.time += 20_001;
    await expect(lock.assertHeldIn(null)).resolves.toBeUndefined();
    await lock.release();
  });

  test.each([
    ['forward', 3_600_000],
    ['back', -3_600_000],
  ])('is kept when the time of day is set %s by an hour', async (_, jump) => {
    const { store, acquire } = setUp();
    const lock = await acquire('ada');
    store.wall += jump;
    await lock.assertHeld();
    store.time += 10_001;
    await lock.assertHeld();
    expect(store.renewals).toBe(jump > 0 ? 2 : 1);
    await lock.release();
  });

  test('that somebody else took while this machine slept allows no further write', async () => {
    const { store, acquire } = setUp();
    const lock = await acquire('ada');
    // The clock that leases are measured with stands still meanwhile; that of the database's server does not.
    store.wall += 60_000;
    if (store.holder !== undefined) store.holder.until = 0;
    const other = await acquire('bob');
    await expect(lock.assertHeld()).rejects.toMatchObject({ code: 'interrupted' });
    await lock.release();
    await other.release();
  });

  test('allows no write while the database cannot say that it is held', async () => {
    const { store, acquire } = setUp();
    const lock = await acquire('ada');
    store.time += 10_001;
    store.reachable = false;
    await expect(lock.assertHeld()).rejects.toMatchObject({ code: 'interrupted' });
    store.reachable = true;
    await expect(lock.assertHeld()).resolves.toBeUndefined();
    await lock.release();
  });
});
