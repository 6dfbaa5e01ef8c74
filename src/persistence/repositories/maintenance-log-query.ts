import type { SqlEntityManager } from '@mikro-orm/sql';
import { type LogAction, MaintenanceLog } from '../../domain/maintenance-log.ts';
import { EntityQuery, type QueryState } from './entity-query.ts';

const EVERYTHING: QueryState<MaintenanceLog> = {
  conditions: [],
  order: [{ createdAt: 'desc' }, { id: 'desc' }],
  populate: [],
};

/** A query for log rows, newest first unless ordered otherwise. */
export class LogQuery extends EntityQuery<MaintenanceLog> {
  protected readonly entity = MaintenanceLog;

  constructor(em: SqlEntityManager, now: () => Date, state: QueryState<MaintenanceLog> = EVERYTHING) {
    super(em, now, state);
  }

  successful(): this {
    return this.filter({ status: 'success' });
  }

  failed(): this {
    return this.filter({ status: 'failed' });
  }

  /** Begun and not finished: running now, or interrupted. */
  pending(): this {
    return this.filter({ status: 'pending' });
  }

  forSite(site: { id: number }): this {
    return this.filter({ site: site.id });
  }

  /** Also rows of a site that has been removed since. */
  forDomain(domain: string): this {
    return this.filter({ domain: domain.toLowerCase() });
  }

  inZone(zoneId: string): this {
    return this.filter({ site: { zoneId } });
  }

  byAction(action: LogAction): this {
    return this.filter({ action });
  }

  withErrors(): this {
    return this.filter({ $or: [{ errorCode: { $ne: null } }, { errorMessage: { $ne: null } }] });
  }

  /** Rows whose domain, reason, error message or actor contains `text`. */
  search(text: string): this {
    return this.containing(text, ['domain', 'reason', 'error_message', 'actor']);
  }

  /** Begun at `date` or later. */
  since(date: Date): this {
    return this.filter({ createdAt: { $gte: date } });
  }

  /** Begun within the last `days` days. */
  recent(days: number): this {
    return this.since(this.daysAgo(days));
  }

  /** Begun since midnight UTC. */
  today(): this {
    const midnight = this.now();
    midnight.setUTCHours(0, 0, 0, 0);
    return this.since(midnight);
  }

  /** Loads the site of each row along. */
  withSite(): this {
    return this.derive({ populate: ['site'] });
  }
}
