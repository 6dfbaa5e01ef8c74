import { stableId, type Zone } from '../zones.ts';
import { codeNotKnown, invalid, type RulesetProblem } from './refusals.ts';
import { preciseTimestamp, type StoredRedirectRule, type StoredRuleset } from './ruleset.ts';
import type { RuleDefinition } from './validate.ts';

/** A ruleset that is made now, without rules. */
export function newRuleset(
  zone: Zone,
  named: { name: string; description: string },
  now: number,
): StoredRuleset {
  zone.redirectsMade += 1;
  const id = stableId(`redirect ruleset ${zone.id} ${zone.redirectsMade}`);
  return { ...named, id, version: 1, lastUpdated: preciseTimestamp(now), rules: [] };
}

/** A rule that is made now; its `ref` is its id unless given (3.2). */
export function newRule(zone: Zone, definition: Omit<RuleDefinition, 'id'>, now: number): StoredRedirectRule {
  zone.redirectsMade += 1;
  const id = stableId(`redirect rule ${zone.id} ${zone.redirectsMade}`);
  return { ...definition, id, ref: definition.ref ?? id, version: 1, lastUpdated: preciseTimestamp(now) };
}

/** The rule with another definition: a new version, unless nothing is different. */
export function redefine(
  rule: StoredRedirectRule,
  definition: Omit<RuleDefinition, 'id'>,
  now: number,
): StoredRedirectRule {
  const ref = definition.ref ?? rule.id;
  const { id, version, lastUpdated } = rule;
  const same = { ...definition, id, ref, version, lastUpdated };
  if (JSON.stringify(sorted(same)) === JSON.stringify(sorted(rule))) return rule;
  return { ...same, version: version + 1, lastUpdated: preciseTimestamp(now) };
}

function sorted(rule: StoredRedirectRule) {
  return Object.entries(rule).sort(([a], [b]) => (a < b ? -1 : 1));
}

/** `ref` must be unique within a ruleset (12); code and text are ours. */
export function findSharedRef(
  rules: readonly StoredRedirectRule[],
  ref: string | undefined,
  own: { id?: string; pointer: string },
): RulesetProblem[] {
  if (ref === undefined || !rules.some((rule) => rule.ref === ref && rule.id !== own.id)) return [];
  const reason = 'another rule of the ruleset has it';
  return [invalid('ref', ref, { reason, pointer: `${own.pointer}/ref`, code: codeNotKnown })];
}
