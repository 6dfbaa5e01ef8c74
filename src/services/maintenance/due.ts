import { isWindowHold } from '../../domain/holds.ts';
import type { MaintenanceHold } from '../../domain/maintenance-hold.ts';
import type { MaintenanceLog } from '../../domain/maintenance-log.ts';
import { MaintenanceHoldRepository } from '../../persistence/repositories/maintenance-hold-repository.ts';
import type { Dependencies } from './dependencies.ts';
import { findPending } from './pending.ts';
import { planOf } from './records.ts';

type Found = Pick<Dependencies, 'database' | 'lockStore' | 'clock'>;

/** What a tick would take in hand now. */
export interface Due {
  /** Rows of operations that were interrupted. */
  interrupted: MaintenanceLog[];
  /** Holds whose end has come; their sites are loaded along. */
  ended: MaintenanceHold[];
}

export async function findDue(deps: Found): Promise<Due> {
  return { interrupted: await findInterrupted(deps), ended: await findEnded(deps) };
}

/** Pending rows but for those whose zone is locked: they belong to operations that are running. */
export async function findInterrupted(deps: Found): Promise<MaintenanceLog[]> {
  const rows = await findPending(deps.database.read());
  const running = new Set(await deps.lockStore.liveZoneIds());
  return rows.filter((row) => !running.has(planOf(row).zoneId));
}

/** Sites that are closed although nothing holds them any more. */
export async function findUnheld({
  database,
}: Pick<Found, 'database'>): Promise<{ id: number; domain: string }[]> {
  return database.read().execute<{ id: number; domain: string }[]>(UNHELD_SQL);
}

const UNHELD_SQL = `
  select id, domain from cloudflare_site where maintenance_active and not exists (
    select 1 from maintenance_hold where site_id = cloudflare_site.id and released_at is null)`;

/** Those of windows are not among them: a window ends with all its sites, and says so. */
export async function findEnded({ database, clock }: Found): Promise<MaintenanceHold[]> {
  const holds = await new MaintenanceHoldRepository().expired(database.read(), clock.now());
  return holds.filter(({ name }) => !isWindowHold(name));
}
