import { type SqlEntityManager, SqlitePlatform } from '@mikro-orm/sql';

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
