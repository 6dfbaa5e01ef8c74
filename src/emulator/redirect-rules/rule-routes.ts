import type { Route } from '../call.ts';
import type { Reply } from '../envelope.ts';
import { findPlace } from './position.ts';
import { type RulesetProblem, refuse, unknownRedirectRule } from './refusals.ts';
import { findQuotaProblems, type RulesetCall, store, withRuleset, writeRoute } from './routing.ts';
import { type StoredRedirectRule, withRules } from './ruleset.ts';
import { asObject, type Body, type RuleDefinition, validateRule } from './validate.ts';
import { findSharedRef, newRule, redefine } from './write.ts';

const collection = '/zones/{zone_id}/rulesets/{ruleset_id}/rules';
const item = `${collection}/{rule_id}`;

/** Single rules (3.1): each write answers with the whole ruleset. */
export const redirectRuleRoutes: readonly Route[] = [
  writeRoute('POST', collection, withRuleset(create)),
  writeRoute('PATCH', item, withRule(edit)),
  writeRoute('DELETE', item, withRule(remove)),
];

interface RuleCall extends RulesetCall {
  readonly rule: StoredRedirectRule;
  /** All rules but this one, in order. */
  readonly others: readonly StoredRedirectRule[];
}

function withRule(handle: (call: RuleCall) => Reply) {
  return withRuleset((call) => {
    const id = call.params['rule_id'] ?? '';
    const rule = call.ruleset.rules.find((candidate) => candidate.id === id);
    if (rule === undefined) return unknownRedirectRule(call.state.switches, id);
    return handle({ ...call, rule, others: call.ruleset.rules.filter((candidate) => candidate !== rule) });
  });
}

function create(call: RulesetCall): Reply {
  const { state, zone, ruleset } = call;
  const { position, ...body } = asObject(call.request.body);
  const definition = define(call, body);
  const place = findPlace(position, ruleset.rules);
  const problems = problemsOf(definition, place, (found) => [
    ...findSharedRef(ruleset.rules, found.ref, { pointer: '' }),
    ...findQuotaProblems(zone, ruleset.rules.length + 1),
  ]);
  if (Array.isArray(definition) || typeof place !== 'number' || problems.length > 0) {
    return refuse(state.switches, problems);
  }
  const { id: _sentId, ...fields } = definition;
  const rule = newRule(zone, fields, state.now());
  return store(call, withRules(ruleset, ruleset.rules.toSpliced(place, 0, rule), state.now()));
}

/** A position alone moves the rule; anything else is its whole new definition (3.2). */
function edit(call: RuleCall): Reply {
  const { position, ...body } = asObject(call.request.body);
  return position !== undefined && Object.keys(body).length === 0
    ? move(call, position)
    : redefineRule(call, body, position);
}

function move({ rule, others, ...call }: RuleCall, position: unknown): Reply {
  const { state, ruleset } = call;
  const place = findPlace(position, others);
  if (typeof place !== 'number') return refuse(state.switches, [place]);
  return store(call, withRules(ruleset, others.toSpliced(place, 0, rule), state.now()));
}

function redefineRule(call: RuleCall, body: Body, position: unknown): Reply {
  const { state, ruleset, rule, others } = call;
  const definition = define(call, body);
  const place = position === undefined ? ruleset.rules.indexOf(rule) : findPlace(position, others);
  const problems = problemsOf(definition, place, (found) =>
    findSharedRef(others, found.ref, { pointer: '' }),
  );
  if (Array.isArray(definition) || typeof place !== 'number' || problems.length > 0) {
    return refuse(state.switches, problems);
  }
  const { id: _sentId, ...fields } = definition;
  const kept = state.switches.patchWithoutRef === 'keep' ? rule.ref : undefined;
  const changed = redefine(rule, { ...fields, ref: fields.ref ?? kept }, state.now());
  return store(call, withRules(ruleset, others.toSpliced(place, 0, changed), state.now()));
}

function remove({ others, ...call }: RuleCall): Reply {
  return store(call, withRules(call.ruleset, others, call.state.now()));
}

function define({ state, zone }: RulesetCall, body: unknown): RuleDefinition | RulesetProblem[] {
  return validateRule(body, { plan: zone.plan, switches: state.switches, pointer: '' });
}

/** What is wrong with the parts, or else with the whole. */
function problemsOf(
  definition: RuleDefinition | RulesetProblem[],
  place: number | RulesetProblem,
  findMore: (definition: RuleDefinition) => RulesetProblem[],
): RulesetProblem[] {
  const problems = Array.isArray(definition) ? [...definition] : [];
  if (typeof place !== 'number') problems.push(place);
  return problems.length > 0 || Array.isArray(definition) ? problems : findMore(definition);
}
