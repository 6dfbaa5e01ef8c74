import type { SqlEntityManager } from '@mikro-orm/sql';
import { MaintenanceLog } from '../../domain/maintenance-log.ts';

/** The rows of operations that never ended, in some zones or everywhere; oldest first. Their sites are loaded along. */
export async function findPending(
  em: SqlEntityManager,
  zoneIds?: readonly string[],
): Promise<MaintenanceLog[]> {
  const places = zoneIds?.map(() => '?').join(', ');
  const inZones = places === undefined ? '' : `and plan ->> 'zoneId' in (${places})`;
  // Asked in every operation and mostly answered with no: building a query of the ORM takes ten times as long.
  const rows = await em.execute<{ id: number }[]>(
    `select id from maintenance_log where status = 'pending' ${inZones}`,
    [...(zoneIds ?? [])],
  );
  const ids = rows.map(({ id }) => id);
  if (ids.length === 0) return [];
  return em.find(
    MaintenanceLog,
    { id: { $in: ids }, status: 'pending' },
    { orderBy: { id: 'asc' }, populate: ['site'] },
  );
}

/** The sites of operations that never ended, by id. */
export async function findPendingSites(em: SqlEntityManager): Promise<Set<number>> {
  const rows = await em.execute<{ id: number }[]>(
    "select site_id as id from maintenance_log where status = 'pending' and site_id is not null",
  );
  return new Set(rows.map(({ id }) => id));
}
