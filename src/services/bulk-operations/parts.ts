import type { Actor } from '../../domain/maintenance-log.ts';
import type { IntermissionError } from '../../errors.ts';
import type { Dependencies } from '../maintenance/dependencies.ts';

/** What many sites are operated with. */
export interface BulkParts {
  maintenance: Dependencies;
  /** Refreshes what Cloudflare owns of these sites, by the zones that a key sees; creates none. */
  syncSites: (apiKey: string, options: SyncRequest) => Promise<SyncOutcome>;
  /** Makes the zones of all active keys known as sites. */
  discover: (options: DiscoverOptions) => Promise<DiscoveredKey[]>;
}

export interface DiscoverOptions {
  /** One key by its name; every active one without it. */
  apiKey?: string | undefined;
  dryRun?: boolean | undefined;
  actor?: Actor | undefined;
  signal?: AbortSignal | undefined;
}

export interface SyncRequest extends Omit<DiscoverOptions, 'apiKey'> {
  /** Ids of the sites. */
  only: ReadonlySet<number>;
  force?: boolean | undefined;
}

export interface SyncOutcome {
  calls: number;
  /** `error`: why the zone of the site could not be read. */
  sites: { domain: string; error: IntermissionError | null }[];
}

/** What became of the zones of one key: `result`, or the `error` that kept it from being read. */
export interface DiscoveredKey {
  apiKey: string;
  result?: SyncOutcome & { discovered: number; created: number; updated: number; skipped: number };
  error?: IntermissionError | unknown;
}
