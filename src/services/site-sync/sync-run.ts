import type { CloudflareApiKey } from '../../domain/cloudflare-api-key.ts';
import type { Actor } from '../../domain/maintenance-log.ts';
import type { ZoneFacts } from '../../domain/zone-facts.ts';
import type { Database } from '../../persistence/open-database.ts';
import { SiteZoneRepository } from '../../persistence/repositories/site-zone-repository.ts';
import { transact } from '../change.ts';

/** What is read of one page of the list of zones. */
export interface ZonePage {
  zones: ZoneFacts[];
  /** Elements that are not what a zone must be. */
  unreadable: { id: string | null; name: string | null; problem: string }[];
  /** How many zones there are on all pages. */
  total: number | undefined;
}

/** Cloudflare as one key sees it. Its errors are those of the gateway. */
export interface ZoneSource {
  /** All zones that the token may see, by name. */
  listZonePages(options?: { signal?: AbortSignal }): AsyncIterable<ZonePage>;
  getZone(zoneId: string, options?: { signal?: AbortSignal }): Promise<ZoneFacts>;
  /** The zone with that name, or of its nearest parent. */
  findZone(domain: string, options?: { signal?: AbortSignal }): Promise<ZoneFacts | undefined>;
  /** HTTP requests sent so far. */
  readonly calls: number;
}

/** One sync with one key. */
export interface SyncRun {
  database: Database;
  now: () => Date;
  source: ZoneSource;
  /** Null: the token of the environment. */
  apiKey: CloudflareApiKey | null;
  /** The key, in words. */
  whose: string;
  actor: Actor;
  startedAt: Date;
  force: boolean;
  dryRun: boolean;
  signal: AbortSignal | undefined;
  /** Ids of the sites that are meant; undefined: all. */
  only: ReadonlySet<number> | undefined;
}

/** One transaction; a dry run is rolled back after the database has accepted all of it. */
export function inTransaction<T>(run: SyncRun, work: (sites: SiteZoneRepository) => Promise<T>): Promise<T> {
  return transact(run.database, run, (em) => work(new SiteZoneRepository(em, run.now)));
}

/** The options of a call to Cloudflare. */
export function callOptions({ signal }: SyncRun): { signal?: AbortSignal } {
  return signal === undefined ? {} : { signal };
}
