import { compileFilter, compileTarget } from '../expression/compile.ts';
import { ExpressionError } from '../expression/parse.ts';
import { type CloudflareState, EmulatorError } from '../state.ts';
import type { Zone } from '../zones.ts';
import {
  type RedirectRule,
  type RedirectTarget,
  redirectRuleBody,
  type StoredRedirectRule,
  type StoredRuleset,
  withRules,
} from './ruleset.ts';
import type { RedirectRuleEdit, RedirectRuleSeed } from './seed.ts';
import { newRule, newRuleset, redefine } from './write.ts';

/** Makes a rule behind the API's back, and the ruleset when there is none: not bound by the quota and the plan. */
export function addRedirectByHand(state: CloudflareState, zone: Zone, seed: RedirectRuleSeed): RedirectRule {
  const ruleset =
    zone.config.redirects ?? newRuleset(zone, { name: 'default', description: '' }, state.now());
  const target = targetOf(seed);
  if (target === undefined) throw new EmulatorError('Expected redirectTo or redirectToExpression', 400);
  checkExpressions(seed);
  const { expression, description, ref, statusCode, preserveQueryString, enabled = true } = seed;
  const options = { description, ref, statusCode, preserveQueryString, enabled };
  const rule = newRule(zone, { expression, target, ...options }, state.now());
  const index = seed.index === undefined ? ruleset.rules.length : seed.index - 1;
  commit(state, zone, { ...ruleset, rules: ruleset.rules.toSpliced(index, 0, rule) });
  return redirectRuleBody(rule);
}

export function editRedirectByHand(
  state: CloudflareState,
  zone: Zone,
  { ruleId, edit }: { ruleId: string; edit: RedirectRuleEdit },
): RedirectRule {
  const { ruleset, rule, index } = getRule(zone, ruleId);
  checkExpressions(edit);
  const { index: place = index + 1, redirectTo: _to, redirectToExpression: _expression, ...fields } = edit;
  const target = targetOf(edit) ?? rule.target;
  const changed = redefine(rule, { ...definitionOf(rule), ...fields, target }, state.now());
  const others = ruleset.rules.toSpliced(index, 1);
  commit(state, zone, { ...ruleset, rules: others.toSpliced(place - 1, 0, changed) });
  return redirectRuleBody(changed);
}

/** The ruleset stays, without rules when this was the last one, as after a deletion in the dashboard (3.6). */
export function removeRedirectByHand(state: CloudflareState, zone: Zone, ruleId: string): void {
  const { ruleset, index } = getRule(zone, ruleId);
  commit(state, zone, { ...ruleset, rules: ruleset.rules.toSpliced(index, 1) });
}

/** Takes the whole ruleset away: the next one has another id. */
export function removeRulesetByHand(state: CloudflareState, zone: Zone): void {
  if (zone.config.redirects === undefined)
    throw new EmulatorError(`There is no redirect ruleset in ${zone.name}`);
  state.commit(zone, { redirects: undefined });
}

function commit(state: CloudflareState, zone: Zone, ruleset: StoredRuleset): void {
  const isNew = zone.config.redirects === undefined;
  const redirects = isNew ? ruleset : withRules(ruleset, ruleset.rules, state.now());
  state.commit(zone, { redirects });
}

function getRule(zone: Zone, ruleId: string) {
  const ruleset = zone.config.redirects;
  const index = ruleset?.rules.findIndex(({ id }) => id === ruleId) ?? -1;
  const rule = ruleset?.rules[index];
  if (ruleset === undefined || rule === undefined) {
    throw new EmulatorError(`There is no redirect rule ${ruleId} in ${zone.name}`);
  }
  return { ruleset, rule, index };
}

function definitionOf({
  id: _id,
  version: _version,
  lastUpdated: _updated,
  ...definition
}: StoredRedirectRule) {
  return definition;
}

function targetOf(
  seed: Pick<RedirectRuleEdit, 'redirectTo' | 'redirectToExpression'>,
): RedirectTarget | undefined {
  if (seed.redirectTo !== undefined) return { value: seed.redirectTo };
  return seed.redirectToExpression === undefined ? undefined : { expression: seed.redirectToExpression };
}

/** What cannot be evaluated cannot be in a zone. */
function checkExpressions({ expression, redirectToExpression }: RedirectRuleEdit): void {
  try {
    if (expression !== undefined) compileFilter(expression, { hostBits: true });
    if (redirectToExpression !== undefined) compileTarget(redirectToExpression, { hostBits: true });
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    throw new EmulatorError(`The expression is not valid: ${error.message}`, 400);
  }
}
