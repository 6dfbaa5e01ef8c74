import type { ZoneCall } from '../call.ts';
import { invalid, type RulesetProblem } from './refusals.ts';
import type { StoredRedirectRule } from './ruleset.ts';
import { type RuleDefinition, textOf, validateRule } from './validate.ts';
import { findSharedRef, newRule, redefine } from './write.ts';

/** The rules that a whole ruleset is given, or what is wrong with them. */
export function findRules(
  sent: unknown,
  current: readonly StoredRedirectRule[],
  call: ZoneCall,
): { rules: StoredRedirectRule[] } | { problems: RulesetProblem[] } {
  if (!Array.isArray(sent)) {
    return { problems: [invalid('rules', textOf(sent), { reason: 'it is not a list', pointer: '/rules' })] };
  }
  const rules: StoredRedirectRule[] = [];
  const problems: RulesetProblem[] = [];
  for (const [index, item] of sent.entries()) {
    const pointer = `/rules/${index}`;
    const found = validateRule(item, { plan: call.zone.plan, switches: call.state.switches, pointer });
    const wrong = Array.isArray(found) ? found : findSharedRef(rules, found.ref, { pointer });
    problems.push(...wrong);
    if (!Array.isArray(found)) rules.push(takeOver(found, { current, index, call }));
  }
  return problems.length > 0 ? { problems } : { rules };
}

/**
 * A rule keeps its id when its id or `ref` is sent; else it is made anew (3.2, inferred) or, by a switch, the rule at
 * its place is changed.
 */
function takeOver(
  { id, ...definition }: RuleDefinition,
  { current, index, call }: { current: readonly StoredRedirectRule[]; index: number; call: ZoneCall },
): StoredRedirectRule {
  const { state, zone } = call;
  const named = current.find((rule) => rule.id === id || rule.ref === definition.ref);
  const inPlace = state.switches.putWithoutRuleIds === 'keep' ? current[index] : undefined;
  const known = named ?? (id === undefined && definition.ref === undefined ? inPlace : undefined);
  return known === undefined
    ? newRule(zone, definition, state.now())
    : redefine(known, { ...definition, ref: definition.ref ?? known.ref }, state.now());
}
