import type { Actor, MaintenanceLog } from '../../domain/maintenance-log.ts';
import type { IntermissionError } from '../../errors.ts';
import type { LiveStatus } from '../maintenance/live-status.ts';
import type { Proof } from '../maintenance/prove.ts';
import type { DisableOptions, EnableOptions } from '../maintenance/request.ts';

export type BulkOperation = 'enable' | 'disable' | 'status' | 'sync';

/** What every run over many sites takes. */
export interface RunOptions {
  /** Sites of one API key in hand at the same time; 64 unless given. The gateway paces the calls in any case. */
  concurrency?: number | undefined;
  /** Ends the run: the sites in hand are finished, the rest is left as it is. */
  signal?: AbortSignal | undefined;
}

/** How a run over many sites goes about it. */
export interface ChangeOptions extends RunOptions {
  /** So many sites first, and the rest only when all of these succeed. */
  canary?: number | undefined;
  /** Ends the run as soon as so many sites have failed: a number, or a percentage of the sites such as `5%`. */
  stopOnFailure?: number | string | undefined;
  /** Only plans, from what our database says: asks nothing of Cloudflare about the sites and changes nothing. */
  dryRun?: boolean | undefined;
}

type OfOneSite = 'signal' | 'expect' | 'onWaiting';

export interface BulkEnableOptions extends Omit<EnableOptions, OfOneSite>, ChangeOptions {
  /** For the log only; never public. */
  reason?: string | undefined;
}

export interface BulkDisableOptions extends Omit<DisableOptions, OfOneSite>, ChangeOptions {}

export interface CheckOptions extends RunOptions {
  /** Looks once at what visitors get, too. */
  observe?: boolean | undefined;
}

export interface SyncRunOptions {
  dryRun?: boolean | undefined;
  /** Writes what Cloudflare says also where it is recorded so already. */
  force?: boolean | undefined;
  actor?: Actor | undefined;
  signal?: AbortSignal | undefined;
}

/** Why a site was left as it is. */
export type SkipCode =
  /** It is closed by the same hold on the same terms already. */
  | 'already_closed'
  /** It is open, and nothing of ours is recorded at Cloudflare. */
  | 'already_open'
  /** It is switched off in our database. */
  | 'inactive'
  /** Visitors of other sites are sent to a page on it. */
  | 'hosts_page'
  /** This installation is reached through it. */
  | 'our_address'
  /** The run was ended by its signal before it. */
  | 'cancelled'
  /** The run stopped, because others failed. */
  | 'stopped';

/** What became of one site. */
export interface BulkSite {
  domain: string;
  /** Null when our database has no such site. */
  siteId: number | null;
  /** `planned`: it would be done, were this not a dry run. */
  outcome: 'done' | 'planned' | 'failed' | 'skipped';
  /** Why it was skipped. */
  skipped: { code: SkipCode; message: string } | null;
  error: IntermissionError | null;
  /** The finished row of the log, where the operation has one. */
  logId: number | null;
  log: MaintenanceLog | null;
  /** What visitors got afterwards, where that was asked for. */
  proof: Proof | null;
  /** Of `checkStatus`. */
  status: LiveStatus | null;
}

export interface BulkResult {
  operation: BulkOperation;
  dryRun: boolean;
  /** Sites that were asked for, each once. The three lists add up to it. */
  total: number;
  successful: BulkSite[];
  failed: BulkSite[];
  skipped: BulkSite[];
  /** Percent of the sites that were taken in hand or refused; 0 when there are none. */
  successRate: number;
  startedAt: Date;
  completedAt: Date;
  /** Requests sent to Cloudflare. */
  calls: number;
  /** Set when the run ended before all sites were taken in hand. */
  stopped: { code: 'cancelled' | 'stopped'; message: string } | null;
  warnings: BulkWarning[];
}

export interface BulkWarning {
  code: string;
  message: string;
}

/** What a run is about to do, as far as our database and the last words of Cloudflare tell. */
export interface BulkPlan {
  operation: 'enable' | 'disable';
  /** Sites that were asked for, each once. */
  total: number;
  /** Sites that will be taken in hand, in this order. */
  sites: { domain: string; siteId: number; apiKey: string; calls: number }[];
  skipped: BulkSite[];
  /** Sites that cannot succeed. Nothing is changed for them. */
  refused: BulkSite[];
  /** Requests to Cloudflare that it takes at least. */
  calls: number;
  /** How long it takes at least, seconds, pauses for Cloudflare's limit included. */
  seconds: number;
  keys: KeyPlan[];
  warnings: BulkWarning[];
}

/** The part of one API key. Keys go on independently. */
export interface KeyPlan {
  apiKey: string;
  sites: number;
  calls: number;
  /** Calls that may be made now; null when nothing has been heard of Cloudflare yet. */
  room: number | null;
  seconds: number;
  /** Set when the budget does not suffice: when it goes on after the first pause. */
  pausesUntil: Date | null;
}

/** What a run tells while it goes on. */
export type BulkEvent =
  /** Once, before anything is changed. */
  | { type: 'planned'; plan: BulkPlan }
  | { type: 'started'; domain: string; siteId: number }
  /** Once for every site, skipped and refused ones included. `finished` counts them, of `total`. */
  | { type: 'finished'; site: BulkSite; finished: number; total: number }
  /** The call budget of a key is used up; it goes on by itself. */
  | { type: 'paused'; apiKey: string; until: Date }
  /** No other site is taken in hand. */
  | { type: 'stopped'; code: 'cancelled' | 'stopped'; message: string }
  /** Once, at the end. */
  | { type: 'done'; result: BulkResult };
