import type { DoubtfulRule, Drift, FoundRule, SiteCondition } from '../domain/drift.ts';
import type { OwnRule, WantedRule } from '../domain/edge-state.ts';
import { isAnswered } from './doubtful-rules.ts';
import type { EdgeRule, Inspection, InspectionInput } from './engine.ts';
import {
  closingPatterns,
  coversPattern,
  isAsWritten,
  isDoubtful,
  isOurWriting,
  isWiderRedirect,
  meets,
  outrankedBy,
  samePattern,
} from './page-rule-patterns.ts';
import { isTakenBack } from './rule-recognition.ts';

/**
 * Compares what stands at Cloudflare with what is wanted. Pure: changes nothing, and nothing is refused.
 *
 * Of page rules the first that matches a request wins (reference 1.6), so a host is closed when the highest active
 * rule that takes all of its URLs is a redirect of ours, and none above it takes a part of them.
 */
export function inspectPageRules(input: InspectionInput): Inspection {
  const ground = survey(input);
  return {
    configured: conditionOf(ground),
    drift: [
      ...input.state.rules.flatMap((own) => driftOf(own, ground)),
      ...unapplied(input),
      ...covered(ground),
    ],
    doubtful: ground.doubtful,
  };
}

interface Ground extends InspectionInput {
  /** Ids of rules of ours, for this site and for others; without those that a user has changed back. */
  ours: ReadonlySet<string>;
  doubtful: DoubtfulRule[];
}

function survey(input: InspectionInput): Ground {
  const own = input.state.rules.filter((rule) => !isTakenBack(rule, input, isOurWriting));
  const rules = [...own, ...input.neighbours.flatMap((neighbour) => neighbour.rules)];
  const ours = new Set(rules.map(({ id }) => id));
  const doubtful = input.read
    .filter((rule) => !ours.has(rule.id) && !isAnswered(rule, input.foreign))
    .map((rule) => ({ rule, closes: isDoubtful(rule, input.site) }))
    .filter(({ rule, closes }) => closes || isWiderRedirect(rule, input.site))
    .map(({ rule, closes }): DoubtfulRule => {
      const knownPage = input.isKnownPage(rule.redirect?.url ?? '');
      return { ...asFound(rule), knownPage, wider: !closes };
    });
  return { ...input, ours, doubtful };
}

function driftOf(own: OwnRule, ground: Ground): Drift[] {
  const { read, target } = ground;
  const actual = read.find(({ id }) => id === own.id);
  const wanted = target.find(({ pattern }) => samePattern(pattern, own.pattern));
  const drift = (kind: Drift['kind'], origin: Drift['origin'], by: Drift['by'] = null): Drift => ({
    kind,
    origin,
    ruleId: own.id,
    pattern: own.pattern,
    url: target.length === 0 ? null : (wanted?.url ?? own.url),
    found: actual === undefined ? null : asFound(actual),
    by,
  });
  if (isTakenBack(own, ground, isOurWriting)) return [drift('replaced_changed', 'cloudflare')];
  if (actual === undefined) return [drift('missing', 'cloudflare')];
  if (target.length === 0) return [drift('rule_without_hold', 'here')];
  if (!actual.active) return [drift('disabled', 'cloudflare')];
  const winner = outrankedBy(own, read, ground.ours);
  const outranked = winner === undefined ? [] : [drift('outranked', 'cloudflare', byRule(winner))];
  if (!isAsWritten(actual, own)) return [drift('changed', 'cloudflare'), ...outranked];
  return wanted?.url === own.url ? outranked : [drift('changed', 'here'), ...outranked];
}

/** Patterns that the site needs since it was edited, and that no recorded rule has. */
function unapplied({ target, state }: InspectionInput): Drift[] {
  const hasRule = ({ pattern }: WantedRule) => state.rules.some((own) => samePattern(own.pattern, pattern));
  return target
    .filter((wanted) => !hasRule(wanted))
    .map((wanted) => ({
      ...wanted,
      kind: state.rules.length === 0 ? 'missing' : 'changed',
      ruleId: null,
      origin: 'here',
      found: null,
      by: null,
    }));
}

/** Hosts of an open site that a closed one redirects along with its own. */
function covered(ground: Ground): Drift[] {
  if (ground.target.length > 0) return [];
  const found = closingPatterns(ground.site).flatMap((pattern): Drift[] => {
    const winner = ground.read.find((rule) => rule.active && coversPattern(rule.pattern, pattern));
    const site = ground.neighbours.find(({ rules }) => rules.some(({ id }) => id === winner?.id));
    if (winner === undefined || site === undefined) return [];
    const by = { ...byRule(winner), site: site.domain };
    return [
      { kind: 'closed_by_other_site', ruleId: null, pattern, url: null, origin: 'here', found: null, by },
    ];
  });
  // One rule that takes all of them is said once.
  return found.filter(({ by }, index) => found.findIndex((other) => other.by?.id === by?.id) === index);
}

function conditionOf(ground: Ground): SiteCondition {
  const { target, site } = ground;
  const patterns = target.length > 0 ? target.map(({ pattern }) => pattern) : closingPatterns(site);
  const met = new Set(patterns.flatMap((pattern) => [...fatesOf(pattern, ground)]));
  if (met.has('unknown')) return 'unknown';
  const [only, ...others] = met;
  return only === undefined || others.length > 0 ? 'mixed' : only;
}

type Fate = 'open' | 'maintenance' | 'unknown';

/** What becomes of the visitors of a pattern, rule by rule from the top, until one takes all that are left. */
function fatesOf(pattern: string, ground: Ground): Set<Fate> {
  const fates = new Set<Fate>();
  for (const rule of ground.read) {
    if (!rule.active || !meets(rule.pattern, pattern)) continue;
    fates.add(fateBy(rule, ground));
    if (coversPattern(rule.pattern, pattern)) return fates;
  }
  return fates.add('open');
}

function fateBy(rule: EdgeRule, { ours, doubtful }: Ground): Fate {
  if (rule.redirect === null) return 'open';
  if (ours.has(rule.id)) return 'maintenance';
  const doubt = doubtful.find(({ id }) => id === rule.id);
  if (doubt === undefined) return 'open';
  return doubt.knownPage ? 'maintenance' : 'unknown';
}

function asFound({ id, pattern, active, redirect }: EdgeRule): FoundRule {
  return { id, pattern, active, url: redirect?.url ?? null };
}

function byRule(rule: EdgeRule): FoundRule & { site: string | null } {
  return { ...asFound(rule), site: null };
}
