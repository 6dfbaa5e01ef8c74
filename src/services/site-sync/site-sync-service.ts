import type { SqlEntityManager } from '@mikro-orm/sql';
import type { CloudflareApiKey } from '../../domain/cloudflare-api-key.ts';
import type { CloudflareSite } from '../../domain/cloudflare-site.ts';
import { parseDomain } from '../../domain/domain-name.ts';
import { type ZoneFacts, zoneFields } from '../../domain/zone-facts.ts';
import type { Database } from '../../persistence/open-database.ts';
import { CloudflareSiteRepository } from '../../persistence/repositories/cloudflare-site-repository.ts';
import { type ChangeOptions, LIBRARY, transact } from '../change.ts';
import { activeFirst, type FieldChanges, factChanges, planZone } from './plan-zone.ts';
import { logFailedSync, logSync } from './sync-log.ts';

/** Cloudflare as one key sees it. */
export interface ZoneSource {
  /** All zones that the token may see, one array per page. */
  listZones(options?: { signal?: AbortSignal }): AsyncIterable<ZoneFacts[]>;
  /** HTTP requests sent so far. */
  readonly calls: number;
}

export interface SiteSyncOptions {
  database: Database;
  now: () => Date;
  source: ZoneSource;
  /** Null: the token of the environment; its sites get no key of their own. */
  apiKey: CloudflareApiKey | null;
}

export interface SyncOptions extends ChangeOptions {
  /** Writes what Cloudflare says also where it is recorded so already. */
  force?: boolean | undefined;
  signal?: AbortSignal | undefined;
  /** Ids of sites: only these are refreshed, and none is created. */
  only?: ReadonlySet<number> | undefined;
}

export interface SyncedSite {
  domain: string;
  /** `conflict`: Cloudflare has another zone of that name, and the site keeps the one it has. */
  action: 'created' | 'updated' | 'skipped' | 'conflict';
  zoneId: string;
  maintenanceActive: boolean;
  /** What Cloudflare says otherwise than before; user-owned fields are never among them. */
  changes: FieldChanges;
}

export interface SyncResult {
  /** Zones that the token may see. */
  discovered: number;
  created: number;
  updated: number;
  skipped: number;
  conflicts: number;
  /** HTTP requests that were sent. */
  calls: number;
  sites: SyncedSite[];
}

/** How old the facts of an unchanged zone may become before a sync notes that they still hold. */
const RECHECK_MS = 12 * 3_600_000;

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
   * belong to the user are never changed. One transaction per page of zones, and one log row; a sync that fails
   * keeps the pages before and leaves a failed row.
   */
  async syncZones(options: SyncOptions = {}): Promise<SyncResult> {
    const { dryRun = false, actor = LIBRARY, signal } = options;
    const { database, now, source, apiKey } = this.#options;
    const context = { database, now, apiKey, actor, startedAt: now() };
    const callsBefore = source.calls;
    const sites: SyncedSite[] = [];
    let discovered = 0;
    let accountId: string | null = null;
    const result = () => summarize(discovered, sites, source.calls - callsBefore);
    try {
      for await (const zones of this.#pages(signal)) {
        discovered += zones.length;
        accountId ??= zones[0]?.accountId ?? null;
        sites.push(...(await transact(database, { dryRun }, (em) => this.#syncPage(em, zones, options))));
      }
    } catch (error) {
      if (!dryRun) await logFailedSync(context, result(), error);
      throw error;
    }
    if (!dryRun) await logSync(context, result(), accountId);
    return result();
  }

  #pages(signal: AbortSignal | undefined): AsyncIterable<ZoneFacts[]> {
    return this.#options.source.listZones(signal === undefined ? {} : { signal });
  }

  async #syncPage(
    em: SqlEntityManager,
    page: readonly ZoneFacts[],
    options: SyncOptions,
  ): Promise<SyncedSite[]> {
    const zones = activeFirst(page.map((zone) => ({ ...zone, name: parseDomain(zone.name) })));
    const known = await this.#sitesOf(em, zones);
    const synced: SyncedSite[] = [];
    const { only } = options;
    const isAsked = ({ id }: CloudflareSite) => only === undefined || only.has(id);
    for (const zone of zones) {
      const plan = planZone(zone, known);
      if (plan.create && only === undefined) {
        const site = await this.#create(em, zone);
        known.push(site);
        synced.push(rowOf(site, zone, 'created', {}));
      }
      if (plan.conflict !== undefined && isAsked(plan.conflict))
        synced.push(rowOf(plan.conflict, zone, 'conflict', {}));
      for (const site of plan.refresh.filter(isAsked))
        synced.push(await this.#refresh(em, site, zone, options));
    }
    return synced;
  }

  #sitesOf(em: SqlEntityManager, zones: readonly ZoneFacts[]): Promise<CloudflareSite[]> {
    const ids = zones.map((zone) => zone.id);
    const names = zones.map((zone) => zone.name);
    return this.#sites(em)
      .filter({ $or: [{ zoneId: { $in: ids } }, { domain: { $in: names } }] })
      .all();
  }

  #create(em: SqlEntityManager, zone: ZoneFacts): Promise<CloudflareSite> {
    return this.#sites(em).create({
      name: zone.name.slice(0, 100),
      domain: zone.name,
      apiKey: this.#options.apiKey?.id ?? null,
      ...zoneFields(zone, this.#options.now()),
    });
  }

  async #refresh(
    em: SqlEntityManager,
    site: CloudflareSite,
    zone: ZoneFacts,
    { force = false }: SyncOptions,
  ): Promise<SyncedSite> {
    const now = this.#options.now();
    const changes = factChanges(site, zone, now);
    const differs = Object.keys(changes).length > 0;
    const isOld = now.getTime() - (site.zoneCheckedAt?.getTime() ?? 0) > RECHECK_MS;
    if (differs || force || isOld) await this.#sites(em).update(site, zoneFields(zone, now));
    return rowOf(site, zone, differs || force ? 'updated' : 'skipped', changes);
  }

  #sites(em: SqlEntityManager): CloudflareSiteRepository {
    return new CloudflareSiteRepository(em, this.#options.now);
  }
}

function rowOf(
  site: CloudflareSite,
  zone: ZoneFacts,
  action: SyncedSite['action'],
  changes: FieldChanges,
): SyncedSite {
  const { domain, maintenanceActive = false } = site;
  return { domain, action, zoneId: zone.id, maintenanceActive, changes };
}

function summarize(discovered: number, sites: SyncedSite[], calls: number): SyncResult {
  const count = (action: SyncedSite['action']) => sites.filter((site) => site.action === action).length;
  return {
    discovered,
    created: count('created'),
    updated: count('updated'),
    skipped: count('skipped'),
    conflicts: count('conflict'),
    calls,
    sites,
  };
}
