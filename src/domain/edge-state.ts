import type { JsonValue } from '../errors.ts';

/** The way a site is closed. */
export const ENGINES = ['page_rules', 'redirect_rules'] as const;
export type EngineName = (typeof ENGINES)[number];
/** What a site may ask for: one engine, or the one that fits. */
export const ENGINE_CHOICES = ['auto', ...ENGINES] as const;
export type EngineChoice = (typeof ENGINE_CHOICES)[number];

/** One redirect that a closed site needs at Cloudflare: visitors of `pattern` are sent to `url`. */
export interface WantedRule {
  /** Of a page rule, the URL pattern; of a redirect rule, the expression. */
  pattern: string;
  /** The destination as the API stores it, `$` escaped as the engine needs. */
  url: string;
  /** Own handle of a redirect rule; page rules have none, so it tells the two apart. */
  ref?: string;
}

/** The engine that a rule of ours belongs to. */
export function engineNameOf({ ref }: { ref?: string }): EngineName {
  return ref === undefined ? 'page_rules' : 'redirect_rules';
}

/** A rule of ours at Cloudflare, with exactly what we wrote into it. */
export interface OwnRule extends WantedRule {
  id: string;
}

/** Which hosts of a site a rule of ours takes, and what it lets through. Stored forms, as a site has them. */
export interface ClosedSide {
  includeSubdomains: boolean;
  subdomainList: string;
  openPaths: readonly string[];
  bypassIps: readonly string[];
}

/** A foreign rule as it was before we wrote over it, and where it stood. */
export interface ReplacedRule {
  id: string;
  /** The whole object as Cloudflare returned it. */
  rule: JsonValue;
  /** Ids of all rules of the zone at that moment, the winning one first. */
  order: string[];
}

/** A rule of the user's that Cloudflare refused to take back; kept until somebody says to forget it. */
export interface UnrestoredRule extends ReplacedRule {
  reason: string;
  /** ISO 8601, UTC. */
  since: string;
}

/** A redirect of the site that the user has called theirs. */
export interface ForeignRule {
  id: string;
  /** Of a redirect rule: its own handle. */
  ref?: string;
}

/** What we have at Cloudflare for one site, as recorded at the last commit. */
export interface EdgeState {
  engine: EngineName;
  rules: OwnRule[];
  replaced: ReplacedRule[];
  unrestored: UnrestoredRule[];
  /** Rules that could be taken for a forgotten closure, and are not: nobody is asked about them again. */
  foreign?: ForeignRule[];
  /** The ruleset that holds the redirect rules of the zone, as last seen: saves reading it. */
  rulesetId?: string;
  /** What the rules were written for; several when it is not known which of them, the latest last. */
  closes?: ClosedSide[];
}

/** Each rule once: an interrupted operation and its repair may both have given the same one up. */
export function eachOnce(unrestored: readonly UnrestoredRule[]): UnrestoredRule[] {
  return [...new Map(unrestored.toReversed().map((rule) => [rule.id, rule])).values()].reverse();
}
