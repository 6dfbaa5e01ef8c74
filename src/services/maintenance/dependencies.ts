import type { SqlEntityManager } from '@mikro-orm/sql';
import type { CallOptions } from '../../engines/engine.ts';
import type { Database } from '../../persistence/open-database.ts';
import type { Journal } from './journal.ts';
import type { Clock, Connect, EdgeProver, MaintenanceSettings } from './ports.ts';
import type { Reads } from './reads.ts';
import {
  acquireZoneLock,
  type Waiting,
  type ZoneLock,
  type ZoneLockOptions,
  type ZoneLockStore,
} from './zone-lock.ts';

/** What operations on sites work with. */
export interface Dependencies {
  database: Database;
  journal: Journal;
  reads: Reads;
  lockStore: ZoneLockStore<SqlEntityManager> & { liveZoneIds(): Promise<string[]> };
  lockOptions: ZoneLockOptions;
  connect: Connect;
  /** Loaded when it is first needed. */
  prover: () => Promise<EdgeProver>;
  clock: Clock;
  settings: MaintenanceSettings;
}

export type Lock = ZoneLock<SqlEntityManager>;

/** Runs `work` while this process holds the lock of the zone. */
export async function withZoneLock<T>(
  deps: Dependencies,
  zoneId: string,
  waiting: { signal: AbortSignal | undefined; onWaiting?: ((waiting: Waiting) => void) | undefined },
  work: (lock: Lock) => Promise<T>,
): Promise<T> {
  const request = { zoneId, owner: deps.settings.owner, ...waiting };
  const lock = await acquireZoneLock(deps.lockStore, request, deps.lockOptions);
  try {
    return await work(lock);
  } finally {
    await lock.release();
  }
}

/** How calls are made under a lock: no write without it. */
export function callUnder(lock: Lock, purpose: 'close' | 'reopen'): CallOptions {
  return { purpose, beforeWrite: () => lock.assertHeld() };
}
