import type { SqlEntityManager } from '@mikro-orm/sql';

/**
 * Whether a `select` finds anything. For questions that are asked in every operation and mostly answered with no:
 * building a query of the ORM takes ten times as long.
 */
export async function hasRows(
  em: SqlEntityManager,
  select: string,
  parameters: readonly (string | number)[] = [],
): Promise<boolean> {
  const rows = await em.execute(`${select} limit 1`, [...parameters]);
  return rows.length > 0;
}
