import type { SqlEntityManager } from '@mikro-orm/sql';
import { ScheduledMaintenance, type WindowStatus } from '../../domain/scheduled-maintenance.ts';
import { EntityQuery, type QueryState } from './entity-query.ts';
import { notFound } from './not-found.ts';

const EVERYTHING: QueryState<ScheduledMaintenance> = {
  conditions: [],
  order: [{ scheduledStart: 'asc' }],
  populate: [],
};

/** The windows, by start unless ordered otherwise. */
export class ScheduledMaintenanceRepository extends EntityQuery<ScheduledMaintenance> {
  protected readonly entity = ScheduledMaintenance;

  constructor(em: SqlEntityManager, now: () => Date, state: QueryState<ScheduledMaintenance> = EVERYTHING) {
    super(em, now, state);
  }

  /** @throws IntermissionError `not_found` */
  async get(identity: { id: number }): Promise<ScheduledMaintenance> {
    const window = await this.filter({ id: identity.id }).first();
    if (window !== undefined) return window;
    throw notFound('window', String(identity.id), [], 'intermission schedule list');
  }

  byStatus(...statuses: WindowStatus[]): this {
    return this.filter({ status: statuses });
  }

  forSite(site: { id: number }): this {
    return this.filter({ sites: site.id });
  }

  /** Windows whose title or description contains `text`. */
  search(text: string): this {
    return this.containing(text, ['title', 'description']);
  }

  /** Starting at `date` or later. */
  since(date: Date): this {
    return this.filter({ scheduledStart: { $gte: date } });
  }

  /** Not begun yet, starting later than now. */
  upcoming(): this {
    return this.byStatus('scheduled').filter({ scheduledStart: { $gt: this.now() } });
  }

  /** Not begun yet although their start has come. */
  dueToStart(): this {
    return this.byStatus('scheduled').filter({ scheduledStart: { $lte: this.now() } });
  }

  /** Begun, and their end has come. */
  dueToEnd(): this {
    return this.byStatus('active').filter({ scheduledEnd: { $lte: this.now() } });
  }

  /** Loads the sites of each window along. */
  withSites(): this {
    return this.derive({ populate: ['sites'] });
  }
}
