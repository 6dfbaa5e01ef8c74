import type { SqlEntityManager } from '@mikro-orm/sql';
import { isSqlite, leaseClockSql } from '../database-clock.ts';
import { FLEETING } from '../sqlite-dialect.ts';

export interface LockRequest {
  zoneId: string;
  /** Random and new for each attempt: whoever knows it holds the lock. */
  token: string;
  /** Who asks, for people. */
  owner: string;
  leaseMs: number;
}

export type LockAnswer =
  | { acquired: true }
  | { acquired: false; owner: string /** Held for so long. */; ageMs: number; expiresInMs: number };

/**
 * The locks of zones, as leases. Every method is one statement. Whoever asks for a lock may take it when its lease is
 * over. Its holder goes by the token instead: as long as that is in the row nobody else has had the lock, whatever
 * the clock says. In a power failure of the machine with a SQLite file all holders end as well, so locks are fleeting.
 */
export class ZoneLockRepository {
  /** Takes the lock if nobody has it or its lease is over; otherwise says who has it. */
  async tryAcquire(em: SqlEntityManager, request: LockRequest): Promise<LockAnswer> {
    const { zoneId, token, owner, leaseMs } = request;
    const now = leaseClockSql(em);
    const taken = await em.execute(
      `${FLEETING} insert into maintenance_lock (zone_id, token, owner, acquired_at, renewed_at, expires_at)
       values (?, ?, ?, ${now}, ${now}, ${now} + ?)
       on conflict (zone_id) do update
         set token = excluded.token, owner = excluded.owner,
             acquired_at = excluded.acquired_at, renewed_at = excluded.renewed_at, expires_at = excluded.expires_at
         where not (${runs(em)})
       returning zone_id`,
      [zoneId, token, owner, leaseMs],
    );
    return taken.length > 0 ? { acquired: true } : this.#holder(em, zoneId);
  }

  /** Extends the lease from now on. False: the lock is somebody else's, or nobody's. */
  async renew(em: SqlEntityManager, zoneId: string, token: string, leaseMs: number): Promise<boolean> {
    const now = leaseClockSql(em);
    const rows = await em.execute(
      `${FLEETING} update maintenance_lock set renewed_at = ${now}, expires_at = ${now} + ?
       where zone_id = ? and token = ? returning zone_id`,
      [leaseMs, zoneId, token],
    );
    return rows.length > 0;
  }

  /** Whether nobody else has had the lock. In a transaction nobody can take it before the transaction ends. */
  async isHeld(em: SqlEntityManager, zoneId: string, token: string): Promise<boolean> {
    const lock = isSqlite(em) || !em.isInTransaction() ? '' : 'for update';
    const rows = await em.execute(
      `select 1 as held from maintenance_lock
       where zone_id = ? and token = ? ${lock}`,
      [zoneId, token],
    );
    return rows.length > 0;
  }

  /** Gives the lock back. Nothing happens when it is somebody else's by now. */
  async release(em: SqlEntityManager, zoneId: string, token: string): Promise<void> {
    await em.execute(
      `${FLEETING} delete from maintenance_lock where zone_id = ? and token = ?`,
      [zoneId, token],
      'run',
    );
  }

  /** Zones that are locked now. */
  async liveZoneIds(em: SqlEntityManager): Promise<string[]> {
    const rows = await em.execute<{ zone_id: string }[]>(
      `select zone_id from maintenance_lock where ${runs(em)} order by zone_id`,
    );
    return rows.map((row) => row.zone_id);
  }

  async #holder(em: SqlEntityManager, zoneId: string): Promise<LockAnswer> {
    const [row] = await em.execute<{ owner: string; age: number; rest: number }[]>(
      `select owner, ${leaseClockSql(em)} - acquired_at as age, expires_at - ${leaseClockSql(em)} as rest
       from maintenance_lock where zone_id = ?`,
      [zoneId],
    );
    // Released between the two statements: as good as expired.
    const { owner, age, rest } = row ?? { owner: 'unknown', age: 0, rest: 0 };
    return {
      acquired: false,
      owner,
      ageMs: Math.max(0, Number(age)),
      expiresInMs: Math.max(0, Number(rest)),
    };
  }
}

/**
 * SQL condition: the lease of a row runs. The clock that SQLite's leases have begins anew when the machine is started,
 * so one that was renewed in its future is of a process from before. A server's clock that was set back looks the
 * same, but there the holder may be alive.
 */
function runs(em: SqlEntityManager): string {
  const now = leaseClockSql(em);
  const runs = `maintenance_lock.expires_at > ${now}`;
  return isSqlite(em) ? `${runs} and maintenance_lock.renewed_at <= ${now}` : runs;
}
