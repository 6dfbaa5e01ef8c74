import type { DoubtfulRule, Drift, FoundRule, SiteCondition } from '../domain/drift.ts';
import type { OwnRule } from '../domain/edge-state.ts';
import { isAnswered } from './doubtful-rules.ts';
import type { EdgeRule, Inspection, InspectionInput } from './engine.ts';
import { isDoubtful, isWiderClosure, outrankedBy, takes } from './redirect-rules-plan.ts';
import { isAsWritten } from './redirect-rules-port.ts';
import { foreignRedirects } from './shadows.ts';

/**
 * Compares what stands at Cloudflare with what is wanted. Pure: changes nothing, and nothing is refused.
 *
 * A foreign rule before ours that may match requests to the site may win over ours, and is named.
 */
export function inspectRedirectRules(input: InspectionInput): Inspection {
  const { state, read, neighbours, site, isKnownPage } = input;
  const ours = new Set([state, ...neighbours].flatMap(({ rules }) => rules.map(({ id }) => id)));
  const doubtful = read
    .filter((rule) => !ours.has(rule.id) && !isAnswered(rule, input.foreign))
    .map((rule) => ({ rule, closes: isDoubtful(rule, site.domain) }))
    .filter(({ rule, closes }) => closes || isWiderClosure(rule, site.domain))
    .map(({ rule, closes }): DoubtfulRule => {
      return { ...asFound(rule), knownPage: isKnownPage(rule.redirect?.url ?? ''), wider: !closes };
    });
  const along = closedAlong(input);
  const drift = [...state.rules.flatMap((own) => driftOf(own, input)), ...unapplied(input), ...along];
  const configured = along.length > 0 ? 'maintenance' : conditionOf(input, doubtful);
  return { configured, drift, doubtful };
}

function driftOf(own: OwnRule, { read, target, site, state, neighbours }: InspectionInput): Drift[] {
  const actual = read.find(({ id }) => id === own.id);
  const wanted = target.find(({ ref }) => ref === own.ref) ?? target[0];
  const drift = (kind: Drift['kind'], origin: Drift['origin'], winner?: EdgeRule): Drift => ({
    kind,
    origin,
    ruleId: own.id,
    pattern: own.pattern,
    url: wanted?.url ?? null,
    found: actual === undefined ? null : asFound(actual),
    by: winner === undefined ? null : { ...asFound(winner), site: null },
  });
  if (actual === undefined) return [drift('missing', 'cloudflare')];
  if (wanted === undefined) return [drift('rule_without_hold', 'here')];
  if (!actual.active) return [drift('disabled', 'cloudflare')];
  const winner = outrankedBy(own, read, foreignRedirects(read, [state, ...neighbours], site));
  const outranked = winner === undefined ? [] : [drift('outranked', 'cloudflare', winner)];
  if (!isAsWritten(actual, own)) return [drift('changed', 'cloudflare'), ...outranked];
  return isAsWritten(actual, wanted) ? outranked : [drift('changed', 'here'), ...outranked];
}

/** A site that is to be closed and has no rule on record. */
function unapplied({ target, state }: InspectionInput): Drift[] {
  if (state.rules.length > 0) return [];
  return target.map(({ pattern, url }) => ({
    kind: 'missing',
    ruleId: null,
    pattern,
    url,
    origin: 'here',
    found: null,
    by: null,
  }));
}

/** An open site whose visitors the rule of a closed site above it takes along with its own. */
function closedAlong({ target, site, neighbours, read }: InspectionInput): Drift[] {
  if (target.length > 0) return [];
  return neighbours.flatMap(({ domain, rules }): Drift[] => {
    const winner = read.find((rule) => rules.some(({ id }) => id === rule.id) && takes(rule, site.domain));
    if (winner === undefined) return [];
    const by = { ...asFound(winner), site: domain };
    const { pattern } = winner;
    return [
      { kind: 'closed_by_other_site', ruleId: null, pattern, url: null, origin: 'here', found: null, by },
    ];
  });
}

function conditionOf({ state, read }: InspectionInput, doubtful: readonly DoubtfulRule[]): SiteCondition {
  const isActive = ({ id }: OwnRule) => read.some((rule) => rule.id === id && rule.active);
  if (state.rules.some(isActive)) return 'maintenance';
  if (doubtful.length === 0) return 'open';
  return doubtful.some(({ knownPage }) => knownPage) ? 'maintenance' : 'unknown';
}

function asFound({ id, pattern, active, redirect }: EdgeRule): FoundRule {
  return { id, pattern, active, url: redirect?.url ?? null };
}
