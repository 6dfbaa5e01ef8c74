import type { SqlEntityManager } from '@mikro-orm/sql';
import { CloudflareApiKey } from '../../domain/cloudflare-api-key.ts';
import { CloudflareSite } from '../../domain/cloudflare-site.ts';
import type { Actor } from '../../domain/maintenance-log.ts';
import { type ZoneFacts, zoneFields } from '../../domain/zone-facts.ts';
import type { Database } from '../../persistence/open-database.ts';
import { CloudflareSiteRepository } from '../../persistence/repositories/cloudflare-site-repository.ts';
import { MaintenanceLogRepository } from '../../persistence/repositories/maintenance-log-repository.ts';

/** Cloudflare as one key sees it. */
export interface ZoneSource {
  /** All zones that the token may see, one array per page. */
  listZones(options?: { signal?: AbortSignal }): AsyncIterable<ZoneFacts[]>;
}

export interface SiteSyncOptions {
  database: Database;
  now: () => Date;
  source: ZoneSource;
  /** Null: the token of the environment; its sites get no key of their own. */
  apiKey: CloudflareApiKey | null;
}

export interface SyncOptions {
  /** Reads Cloudflare and says what would be done. */
  dryRun?: boolean | undefined;
  actor?: Actor | undefined;
  signal?: AbortSignal | undefined;
}

export interface SyncedSite {
  domain: string;
  action: 'created' | 'updated' | 'skipped';
}

export interface SyncResult {
  /** Zones that the token may see. */
  discovered: number;
  created: number;
  /** Sites whose Cloudflare-owned fields were different. */
  updated: number;
  skipped: number;
  sites: SyncedSite[];
}

const LIBRARY: Actor = { name: 'library', source: 'library' };

/** Makes the zones of one API key known as sites. */
export class SiteSyncService {
  readonly #options: SiteSyncOptions;

  constructor(options: SiteSyncOptions) {
    this.#options = options;
  }

  /** All zones that the token may see. Changes nothing. */
  async discoverZones(signal?: AbortSignal): Promise<ZoneFacts[]> {
    const zones: ZoneFacts[] = [];
    for await (const page of this.#pages(signal)) zones.push(...page);
    return zones;
  }

  /**
   * Creates a site for each zone that has none, and refreshes what Cloudflare owns of those that do. Fields that
   * belong to the user are never changed. One transaction per page of zones, and one log row.
   */
  async syncZones(options: SyncOptions = {}): Promise<SyncResult> {
    const { dryRun = false, actor = LIBRARY, signal } = options;
    const sites: SyncedSite[] = [];
    const startedAt = this.#options.now();
    for await (const zones of this.#pages(signal)) {
      sites.push(...(await this.#options.database.transaction((em) => this.#syncPage(em, zones, dryRun))));
    }
    const result = summarize(sites);
    if (!dryRun) await this.#finish(result, actor, startedAt);
    return result;
  }

  #pages(signal: AbortSignal | undefined): AsyncIterable<ZoneFacts[]> {
    return this.#options.source.listZones(signal === undefined ? {} : { signal });
  }

  async #syncPage(em: SqlEntityManager, zones: readonly ZoneFacts[], dryRun: boolean): Promise<SyncedSite[]> {
    const ids = zones.map((zone) => zone.id);
    const names = zones.map((zone) => zone.name);
    const known = await em.find(CloudflareSite, {
      $or: [{ zoneId: { $in: ids } }, { domain: { $in: names } }],
    });
    const synced: SyncedSite[] = [];
    for (const zone of zones) {
      const own = known.filter((site) => site.zoneId === zone.id || site.domain === zone.name);
      if (own.length === 0) synced.push(await this.#create(em, zone, dryRun));
      for (const site of own) synced.push(this.#refresh(site, zone, dryRun));
    }
    return synced;
  }

  async #create(em: SqlEntityManager, zone: ZoneFacts, dryRun: boolean): Promise<SyncedSite> {
    if (!dryRun) {
      await new CloudflareSiteRepository(em, this.#options.now).create({
        name: zone.name.slice(0, 100),
        domain: zone.name,
        apiKey: this.#options.apiKey?.id ?? null,
        ...zoneFields(zone, this.#options.now()),
      });
    }
    return { domain: zone.name, action: 'created' };
  }

  #refresh(site: CloudflareSite, zone: ZoneFacts, dryRun: boolean): SyncedSite {
    const { zoneCheckedAt, ...facts } = zoneFields(zone, this.#options.now());
    const differs = Object.entries(facts).some(
      ([field, value]) => (site[field as keyof CloudflareSite] ?? null) !== value,
    );
    if (!dryRun) Object.assign(site, facts, { zoneCheckedAt });
    return { domain: site.domain, action: differs ? 'updated' : 'skipped' };
  }

  async #finish(result: SyncResult, actor: Actor, startedAt: Date): Promise<void> {
    const { sites: _, ...counts } = result;
    const now = this.#options.now();
    await this.#options.database.transaction(async (em) => {
      await new MaintenanceLogRepository(em, this.#options.now).create({
        action: 'sync',
        status: 'success',
        reason: `Zones of the API key ${this.#options.apiKey?.name ?? 'in the environment'}`,
        actor: actor.name,
        source: actor.source,
        changed: counts,
        durationSeconds: Math.max(0, now.getTime() - startedAt.getTime()) / 1000,
      });
      const { apiKey } = this.#options;
      if (apiKey !== null) await em.nativeUpdate(CloudflareApiKey, { id: apiKey.id }, { lastUsedAt: now });
    });
  }
}

function summarize(sites: SyncedSite[]): SyncResult {
  const count = (action: SyncedSite['action']) => sites.filter((site) => site.action === action).length;
  return {
    discovered: sites.length,
    created: count('created'),
    updated: count('updated'),
    skipped: count('skipped'),
    sites,
  };
}
