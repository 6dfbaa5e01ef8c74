import type { IntermissionError, JsonValue } from '../errors.ts';
import type { ChangeOptions } from './change.ts';

/** How far a sync has come. */
export interface SyncProgress {
  /** Zones that were read so far. */
  seen: number;
  /** Zones that the token may see, where Cloudflare tells. */
  total: number | undefined;
}

export interface SyncOptions extends ChangeOptions {
  /** Writes what Cloudflare says also where it is recorded so already. */
  force?: boolean | undefined;
  signal?: AbortSignal | undefined;
  /** Ids of sites: only these are refreshed, and none is created. */
  only?: ReadonlySet<number> | undefined;
  /** Called after each page of zones. */
  onProgress?: ((progress: SyncProgress) => void) | undefined;
}

/** A field of a site before and after. */
export type FieldChanges = { [field: string]: { from: JsonValue; to: JsonValue } };

/**
 * What a sync made of a site.
 *
 * - `conflict`: Cloudflare has another zone of that name, and the site keeps the one it has.
 * - `deactivated`: its zone is gone from Cloudflare.
 * - `unreachable`: its zone is not in the list, and the key may not read it, or it is gone while the site is closed; the
 *   site stays as it is.
 * - `error`: the zone could not be read or stored; the others were.
 */
export type SyncAction =
  | 'created'
  | 'updated'
  | 'skipped'
  | 'deactivated'
  | 'conflict'
  | 'unreachable'
  | 'error';

export interface SyncedSite {
  domain: string;
  action: SyncAction;
  /** Null for an entry of the list of zones without one. */
  zoneId: string | null;
  maintenanceActive: boolean;
  /** What is otherwise than before; user-owned fields are never among them. */
  changes: FieldChanges;
  /** Why, in words; null where the changes say it all. */
  reason: string | null;
  /** Of `unreachable` and `error`. */
  error: IntermissionError | null;
}

/** How many sites got which action. */
export interface SyncCounts {
  /** Zones that the token may see. */
  discovered: number;
  created: number;
  updated: number;
  skipped: number;
  deactivated: number;
  conflicts: number;
  unreachable: number;
  errors: number;
}

export interface SyncResult extends SyncCounts {
  /** Sites whose zone was not in the list, and that were too many to ask about each this time. */
  unchecked: number;
  /** HTTP requests that were sent. */
  calls: number;
  sites: SyncedSite[];
}

/** What a sync with all active keys came to. A zone that several keys see counts once. */
export interface SyncTotals extends SyncCounts {
  /** Sites that agree with Cloudflare now: created, updated and unchanged ones. */
  synced: number;
  errorDetails: SyncFailure[];
}

/** A key or a site that failed; `errors` counts them. */
export interface SyncFailure {
  /** `env`: the token of the environment. */
  apiKey: string;
  /** Null: the whole key. */
  domain: string | null;
  code: IntermissionError['code'];
  message: string;
}

export const NO_CHANGES: FieldChanges = Object.freeze({});

/** Counts the rows of one sync, or of several. */
export function countActions(sites: readonly SyncedSite[]): Omit<SyncCounts, 'discovered'> {
  const counts = Map.groupBy(sites, ({ action }) => action);
  const of = (action: SyncAction) => counts.get(action)?.length ?? 0;
  return {
    created: of('created'),
    updated: of('updated'),
    skipped: of('skipped'),
    deactivated: of('deactivated'),
    conflicts: of('conflict'),
    unreachable: of('unreachable'),
    errors: of('error'),
  };
}
