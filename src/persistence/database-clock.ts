import { type SqlEntityManager, SqlitePlatform } from '@mikro-orm/sql';

/** The function that every SQLite connection of ours has; see {@link leaseClockSql}. */
export const STEADY_CLOCK_FUNCTION = 'steady_clock_ms';

/**
 * SQL expression for the clock of leases, in milliseconds; only differences mean something. PostgreSQL has one clock
 * for all, its server's. SQLite has none of its own: its `unixepoch()` is this machine's clock, which people and time
 * servers set. All processes on a SQLite file run on one machine (its write-ahead log demands that), so there the
 * time since this machine was started is the clock: it is the same for all of them and never jumps. While the
 * machine sleeps it stands still, and so do all who could want the lock.
 */
export function leaseClockSql(em: SqlEntityManager): string {
  return isSqlite(em) ? `${STEADY_CLOCK_FUNCTION}()` : clockSql(em);
}

/** Milliseconds since this machine was started, whole. Comparable between processes: CLOCK_MONOTONIC and its like. */
export function steadyClockMs(): number {
  return Number(process.hrtime.bigint() / 1_000_000n);
}

/**
 * SQL expression for the database's own clock: whole milliseconds since 1970. On PostgreSQL it is not `now()`,
 * which stands still during a transaction.
 */
export function clockSql(em: SqlEntityManager): string {
  return isSqlite(em)
    ? "cast(round(unixepoch('subsec') * 1000) as integer)"
    : 'cast(floor(extract(epoch from clock_timestamp()) * 1000) as double precision)';
}

export function isSqlite(em: SqlEntityManager): boolean {
  return em.getPlatform() instanceof SqlitePlatform;
}
