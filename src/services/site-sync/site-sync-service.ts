import type { CloudflareApiKey } from '../../domain/cloudflare-api-key.ts';
import type { CloudflareSite } from '../../domain/cloudflare-site.ts';
import type { ZoneFacts } from '../../domain/zone-facts.ts';
import { IntermissionError } from '../../errors.ts';
import type { Database } from '../../persistence/open-database.ts';
import { LIBRARY } from '../change.ts';
import {
  type FieldChanges,
  NO_CHANGES,
  type SyncedSite,
  type SyncOptions,
  type SyncResult,
} from '../sync-result.ts';
import { factChanges } from './plan-page.ts';
import { askForZone, settleSite, unreachableRow } from './settle-site.ts';
import { callOptions, type SyncRun, type ZoneSource } from './sync-run.ts';
import { ZoneSync } from './sync-zones.ts';

export interface SiteSyncOptions {
  database: Database;
  now: () => Date;
  source: ZoneSource;
  /** Null: the token of the environment; its sites get no key of their own. */
  apiKey: CloudflareApiKey | null;
}

/** What Cloudflare has for one site. */
export interface SiteZoneStatus {
  domain: string;
  /**
   * - `found`: the key sees the zone.
   * - `gone`: Cloudflare does not have it any more.
   * - `unreachable`: the key may not read it, or sees no zone for the site.
   */
  state: 'found' | 'gone' | 'unreachable';
  zone: ZoneFacts | null;
  /** What is recorded otherwise. */
  changes: FieldChanges;
  /** Of `unreachable`. */
  error: IntermissionError | null;
}

/** Makes the zones of one API key known as sites, and keeps them up to date. What belongs to the user is never changed. */
export class SiteSyncService {
  readonly #options: SiteSyncOptions;

  constructor(options: SiteSyncOptions) {
    this.#options = options;
  }

  /** All zones that the token may see. Changes nothing. */
  async discoverZones(signal?: AbortSignal): Promise<ZoneFacts[]> {
    const zones: ZoneFacts[] = [];
    const pages = this.#options.source.listZonePages(signal === undefined ? {} : { signal });
    for await (const page of pages) zones.push(...page.zones);
    return zones;
  }

  /**
   * Creates a site for each zone that has none, and refreshes what Cloudflare owns of those that do: zone, name, account,
   * status, plan, quota, whether it is paused. A site whose zone is not in the list is asked for by id; it is
   * deactivated only when Cloudflare answers that there is no such zone, and stays active while it is closed. Nothing
   * is removed.
   *
   * One transaction per page of zones; a log row for each change, and one for the run. What concerns one zone does not
   * stop the others; a sync that fails keeps the pages before and leaves a failed row.
   *
   * @throws IntermissionError what listing the zones throws, `interrupted`, `database_unavailable`
   */
  async syncZones(options: SyncOptions = {}): Promise<SyncResult> {
    const sync = this.begin(options);
    await sync.list(options.onProgress);
    return sync.close(await sync.settle());
  }

  /** {@link syncZones} step by step, for syncs of several keys together. */
  begin(options: SyncOptions): ZoneSync {
    return new ZoneSync(this.#run(options));
  }

  /** Asks Cloudflare for the zone of one site, and compares. Changes nothing. @throws IntermissionError when no answer comes */
  async checkSiteStatus(site: CloudflareSite, signal?: AbortSignal): Promise<SiteZoneStatus> {
    const answer = await askForZone(this.#run({ signal }), site);
    const zone = answer.state === 'found' ? answer.zone : null;
    return {
      domain: site.domain,
      state: answer.state,
      zone,
      changes: zone === null ? NO_CHANGES : factChanges(site, zone),
      error: answer.state === 'unreachable' ? answer.error : null,
    };
  }

  /**
   * The same as {@link syncZones} for one site. One log row if anything has changed.
   *
   * @throws IntermissionError what reading the zone throws; `not_found` when the site was removed meanwhile
   */
  async syncSite(site: CloudflareSite, options: SyncOptions = {}): Promise<SyncedSite> {
    const run = this.#run(options);
    const answer = await askForZone(run, site);
    if (answer.state === 'unreachable') return unreachableRow(site, answer.error);
    const successor =
      answer.state === 'gone' ? await run.source.findZone(site.domain, callOptions(run)) : undefined;
    const row = await settleSite(run, site.id, answer, successor);
    if (row !== undefined) return row;
    throw new IntermissionError('not_found', `${site.domain} is no longer in the database.`, {
      hint: 'See: intermission site list',
    });
  }

  #run({ force = false, dryRun = false, actor = LIBRARY, signal, only }: SyncOptions): SyncRun {
    const { database, now, source, apiKey } = this.#options;
    const whose = apiKey === null ? 'the token in the environment' : `the API key ${apiKey.name}`;
    return { database, now, source, apiKey, whose, actor, startedAt: now(), force, dryRun, signal, only };
  }
}
