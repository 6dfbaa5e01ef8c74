import type { RuleEdit, RuleSeed } from '../schemas.ts';
import { type CloudflareState, EmulatorError } from '../state.ts';
import { stableId, timestamp, type Zone } from '../zones.ts';
import { storedActions } from './actions.ts';
import { insertRule, moveRule } from './order.ts';
import { storedPattern } from './pattern.ts';
import { type PageRule, type PageRuleAction, pageRuleBody, type StoredPageRule, urlTarget } from './rule.ts';

/** Makes a rule behind the API's back: not validated and not bound by the quota, so that old rules can be shown too. */
export function addRuleByHand(state: CloudflareState, zone: Zone, seed: RuleSeed): PageRule {
  zone.rulesMade += 1;
  const now = timestamp(state.now());
  const rule: StoredPageRule = {
    id: stableId(`page rule ${zone.id} ${zone.rulesMade}`),
    targets: [urlTarget(storedPattern(seed.pattern, state.switches.storedTrailingSlash))],
    actions: actionsOf(seed) ?? [],
    status: seed.status ?? 'active',
    createdOn: now,
    modifiedOn: now,
  };
  const pageRules = insertRule(zone.config.pageRules, rule, seed.priority ?? 1, 'shift');
  state.commit(zone, { pageRules });
  return pageRuleBody(rule, pageRules.indexOf(rule) + 1);
}

export function editRuleByHand(
  state: CloudflareState,
  zone: Zone,
  { ruleId, edit }: { ruleId: string; edit: RuleEdit },
): PageRule {
  const { rule, index } = getRule(zone, ruleId);
  const targets =
    edit.pattern === undefined
      ? rule.targets
      : [urlTarget(storedPattern(edit.pattern, state.switches.storedTrailingSlash))];
  const changed: StoredPageRule = {
    ...rule,
    targets,
    actions: actionsOf(edit) ?? rule.actions,
    status: edit.status ?? rule.status,
    modifiedOn: timestamp(state.now()),
  };
  const inPlace = zone.config.pageRules.with(index, changed);
  const pageRules = moveRule(inPlace, index, edit.priority ?? index + 1, 'shift');
  state.commit(zone, { pageRules });
  return pageRuleBody(changed, pageRules.indexOf(changed) + 1);
}

export function removeRuleByHand(state: CloudflareState, zone: Zone, ruleId: string): void {
  const { index } = getRule(zone, ruleId);
  state.commit(zone, { pageRules: zone.config.pageRules.toSpliced(index, 1) });
}

function getRule(zone: Zone, ruleId: string): { rule: StoredPageRule; index: number } {
  const index = zone.config.pageRules.findIndex(({ id }) => id === ruleId);
  const rule = zone.config.pageRules[index];
  if (rule === undefined) throw new EmulatorError(`There is no page rule ${ruleId} in ${zone.name}`);
  return { rule, index };
}

function actionsOf(seed: Pick<RuleSeed, 'actions' | 'forwardTo'>): PageRuleAction[] | undefined {
  if (seed.forwardTo !== undefined) {
    return [{ id: 'forwarding_url', value: { url: seed.forwardTo, status_code: 302 } }];
  }
  return seed.actions === undefined ? undefined : storedActions(seed.actions);
}
