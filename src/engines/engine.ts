import type { Coverage } from '../domain/coverage.ts';
import type { DoubtfulRule, Drift, SiteCondition } from '../domain/drift.ts';
import type { EngineName, ForeignRule, OwnRule, ReplacedRule, WantedRule } from '../domain/edge-state.ts';
import type { JsonValue } from '../errors.ts';

/** A site as the engines need it. */
export interface EngineSite extends Coverage, Exemptions {
  id: number;
}

/** Whom a closed site lets through. Stored forms: see `parseOpenPaths` and `parseBypassIps`. */
export interface Exemptions {
  openPaths: readonly string[];
  bypassIps: readonly string[];
}

/** One rule of a zone, whoever made it, in the words the planner needs. */
export interface EdgeRule {
  id: string;
  /** Of a page rule, the URL pattern; of a redirect rule, the expression. */
  pattern: string;
  /** Of a redirect rule: its own handle. */
  ref?: string;
  active: boolean;
  /** Set when the rule does nothing but send visitors elsewhere. */
  redirect: { url: string; statusCode: number } | null;
  /** The whole object as Cloudflare returned it: what a snapshot keeps. */
  raw: JsonValue;
}

/** What we have in a zone for one site. */
export interface RuleState {
  rules: OwnRule[];
  replaced: ReplacedRule[];
}

/**
 * One change of one rule. `replace` writes over a foreign rule, `restore` puts it back. `delete` keeps the snapshot of
 * a rule that was adopted, from which `recreate` makes it again, and what was `found` of a rule
 * of ours that somebody has changed. `place` counts from the bottom, 1 to the number of
 * rules; a new rule always goes on top.
 */
export type Change =
  | ({ kind: 'create' } & WantedRule)
  | ({ kind: 'update'; place: number } & OwnRule)
  | ({ kind: 'replace'; place: number; replaced: ReplacedRule } & OwnRule)
  | ({ kind: 'delete'; replaced?: ReplacedRule; found?: JsonValue } & OwnRule)
  | ({ kind: 'recreate'; replaced: ReplacedRule } & OwnRule)
  | ({ kind: 'restore' } & Restored & OwnRule);

/** A rule to put back. */
export interface Restored {
  replaced: ReplacedRule;
  /** The redirects, also of other sites, that must go on winning over it. */
  under: WantedRule[];
  /** Ids of rules that still stand elsewhere than the user had them, because we wrote over them. */
  displaced: string[];
}

/** A change with what is known of it so far; kept in the log row, so that a crash can be repaired. */
export type JournaledChange = Change & {
  /** Id of the rule that a `create` made. */
  resultId?: string;
  /** Why Cloudflare would not take a replaced rule back. */
  refused?: string;
  /** True when the user has changed a replaced rule meanwhile, so that it was not put back. */
  left?: true;
};

/** Something a reader of the plan or the log should know. */
export interface Note {
  code: string;
  message: string;
}

export interface RulePlan {
  /** What is ours before the changes, after looking: vanished rules dropped, adopted ones added. */
  state: RuleState;
  changes: Change[];
  notes: Note[];
  /** Doubtful rules that are taken as ours by request, as they were found. */
  adopted: ReplacedRule[];
  /** Rules that were called theirs, now or before, and are still there. */
  foreign: ForeignRule[];
}

/** What to do with rules that may be a forgotten closure of this site. */
export type Existing = 'ours' | 'theirs';
/** The answer about doubtful rules; `unasked` leaves them alone, and does not say whose they are. */
export type Answer = Existing | 'unasked';

/** What we have in the same zone for another site of this database. */
export interface Neighbour extends RuleState {
  domain: string;
}

export interface PlanInput {
  site: Coverage;
  /** The rules the site needs; empty opens it. */
  target: WantedRule[];
  state: RuleState;
  /** All rules of the zone, the winning one first; undefined when they were not read. */
  read: EdgeRule[] | undefined;
  neighbours: readonly Neighbour[];
  /** Answer to doubtful rules; undefined refuses them. */
  existing?: Answer | undefined;
  /** Rules that were called theirs before. */
  foreign?: readonly ForeignRule[];
}

/** What a site is compared by. */
export interface InspectionInput extends Pick<PlanInput, 'site' | 'target' | 'state' | 'neighbours'> {
  /** All rules of the zone, the winning one first. */
  read: readonly EdgeRule[];
  /** Whether a destination is a maintenance page in use here. */
  isKnownPage: (url: string) => boolean;
  /** Rules that were called theirs. */
  foreign?: readonly ForeignRule[];
}

/** What the rules of a zone make of a site, and where they are not as they should be. */
export interface Inspection {
  configured: SiteCondition;
  drift: Drift[];
  doubtful: DoubtfulRule[];
}

/** How one call to Cloudflare is made. */
export interface CallOptions {
  signal?: AbortSignal;
  /** Reopening may use the reserve of the call budget. */
  purpose?: 'close' | 'reopen';
  /** Awaited before each attempt of a write is sent; throws when the write must not happen any more. */
  beforeWrite?: () => Promise<void>;
}

/** What a change left: the rule as it now is ours, or undefined when nothing of ours is left of it. */
export interface Applied {
  rule: OwnRule | undefined;
  /** True when a rule was not put back, because the user has changed it meanwhile. */
  left?: true;
  note?: Note;
  /** The other rules of the zone, where Cloudflare tells them unasked. */
  others?: EdgeRule[];
}

/** A way of closing sites. Knows rules, not the database. */
export interface Engine {
  readonly name: EngineName;
  /** The rules that close `site`, sending its visitors to `url`. */
  wanted(site: EngineSite, url: string): WantedRule[];
  /** True when planning costs no call that applying would not need anyway. */
  readsFirst(zoneId: string): boolean;
  /** All rules of the zone, the winning one first. One call. */
  read(zoneId: string, options: CallOptions): Promise<EdgeRule[]>;
  /** Pure: the changes from what is there to what is wanted. Throws `rule_conflict` for doubtful rules. */
  plan(input: PlanInput): RulePlan;
  /**
   * Pure: what is ours after an operation that was interrupted somewhere in `changes`, the rules that it adopted
   * included. The changes of the result make those again that it has deleted.
   */
  recognize(
    state: RuleState,
    changes: readonly JournaledChange[],
    read: readonly EdgeRule[],
    adopted?: readonly ReplacedRule[],
  ): RulePlan;
  /** Pure: what the rules of the zone make of a site, compared with what is wanted. Refuses nothing. */
  inspect(input: InspectionInput): Inspection;
  /** Makes one change. */
  apply(zoneId: string, change: Change, options: CallOptions): Promise<Applied>;
  /** After restores: compares the order with the snapshots and corrects it. Returns notes on what stays different. */
  settleOrder(zoneId: string, restored: readonly Restored[], options: CallOptions): Promise<Note[]>;
  /** The ruleset of the zone, as far as it was seen; undefined for engines without. */
  rulesetId(zoneId: string): string | undefined;
}
