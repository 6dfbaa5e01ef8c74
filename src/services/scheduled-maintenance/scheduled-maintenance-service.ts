import type { Database } from '../../persistence/open-database.ts';
import { HeartbeatRepository } from '../../persistence/repositories/heartbeat-repository.ts';
import type { Due } from '../maintenance/due.ts';
import type { TickOptions, TickResult } from '../maintenance/maintenance-tick.ts';
import { TICK_HEARTBEAT } from '../maintenance/reads.ts';

export interface ScheduledMaintenanceOptions {
  database: Database;
  now: () => Date;
  /** Who beats, for people: user, host and process. */
  owner: string;
  /** Puts interrupted operations in order, releases holds that have ended, and proves what was reopened. */
  tickSites: (options: TickOptions) => Promise<TickResult>;
  /** Hands over the notices that are due. */
  deliverNotices: (options: { signal?: AbortSignal | undefined }) => Promise<unknown>;
  /** What that would take in hand. */
  findDue: () => Promise<Due>;
}

/** Does what is due: the tick that reopens sites by itself. */
export class ScheduledMaintenanceService {
  readonly #options: ScheduledMaintenanceOptions;

  constructor(options: ScheduledMaintenanceOptions) {
    this.#options = options;
  }

  /**
   * One tick: signs of life, then recovery of what was interrupted, then holds that have come to their end, then a proof
   * of what was reopened, unless `verify` is false, and at last the notices. Any number of processes may run it at once.
   */
  async processScheduledMaintenances(options: TickOptions = {}): Promise<TickResult> {
    const { database, now, owner } = this.#options;
    await database.transaction((em) => new HeartbeatRepository(em, now).beat(TICK_HEARTBEAT, owner));
    const result = await this.#options.tickSites(options);
    await this.#options.deliverNotices({ signal: options.signal });
    return result;
  }

  /** What a tick would take in hand now. Changes nothing and is no sign of life. */
  findDue(): Promise<Due> {
    return this.#options.findDue();
  }
}
