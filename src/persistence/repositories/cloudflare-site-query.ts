import type { SqlEntityManager } from '@mikro-orm/sql';
import type { CloudflareApiKey } from '../../domain/cloudflare-api-key.ts';
import { CloudflareSite } from '../../domain/cloudflare-site.ts';
import { EntityQuery, type QueryState } from './entity-query.ts';

const EVERYTHING: QueryState<CloudflareSite> = { conditions: [], order: [{ domain: 'asc' }], populate: [] };

/** A query for sites, by domain unless ordered otherwise. */
export class SiteQuery extends EntityQuery<CloudflareSite> {
  protected readonly entity = CloudflareSite;

  constructor(em: SqlEntityManager, now: () => Date, state: QueryState<CloudflareSite> = EVERYTHING) {
    super(em, now, state);
  }

  active(): this {
    return this.filter({ isActive: true });
  }

  inactive(): this {
    return this.filter({ isActive: false });
  }

  inMaintenance(): this {
    return this.filter({ maintenanceActive: true });
  }

  notInMaintenance(): this {
    return this.filter({ maintenanceActive: false });
  }

  /** Sites that are closed or may have something on record at Cloudflare; `edgeState` says what. */
  closedOrRecorded(): this {
    return this.filter({ $or: [{ maintenanceActive: true }, { edgeState: { $ne: null } }] });
  }

  byDomain(domain: string): this {
    return this.filter({ domain: domain.toLowerCase() });
  }

  byName(name: string): this {
    return this.filter({ name });
  }

  /** Sites that have this key, and, when it is the default, those that have none of their own. */
  byApiKey(apiKey: CloudflareApiKey): this {
    const own = { apiKey: apiKey.id };
    return this.filter(apiKey.isDefault ? { $or: [own, { apiKey: null }] } : own);
  }

  inZone(zoneId: string): this {
    return this.filter({ zoneId });
  }

  /** Sites whose domain or name contains `text`. */
  search(text: string): this {
    return this.containing(text, ['domain', 'name']);
  }

  /** Created at `date` or later. */
  since(date: Date): this {
    return this.filter({ createdAt: { $gte: date } });
  }

  /** Created within the last `days` days. */
  recent(days: number): this {
    return this.since(this.daysAgo(days));
  }

  /** Last closed or reopened within the last `days` days. */
  recentlyMaintained(days: number): this {
    return this.filter({ lastMaintenanceAt: { $gte: this.daysAgo(days) } });
  }

  /** Loads the key of each site along. */
  withApiKey(): this {
    return this.derive({ populate: ['apiKey'] });
  }
}
