import type { CloudflareState } from '../state.ts';
import {
  addRedirectByHand,
  editRedirectByHand,
  removeRedirectByHand,
  removeRulesetByHand,
} from './by-hand.ts';
import { type RedirectRule, type RedirectRuleset, redirectRuleBody, rulesetSummary } from './ruleset.ts';
import type { RedirectRuleEdit, RedirectRuleSeed } from './seed.ts';

/** Redirect rules behind Cloudflare's back. */
export interface RedirectOperations {
  /** Redirect rules, the first that is tried first. */
  redirectRules(zone: string): RedirectRule[];
  /** The ruleset with its rules; undefined as long as none was made. */
  redirectRuleset(zone: string): RedirectRuleset | undefined;
  /** A rule made by somebody else, last unless it has an `index`. */
  addRedirectRule(zone: string, rule: RedirectRuleSeed): RedirectRule;
  editRedirectRule(zone: string, ruleId: string, edit: RedirectRuleEdit): RedirectRule;
  /** Leaves the ruleset, even without rules, as Cloudflare's dashboard does. */
  removeRedirectRule(zone: string, ruleId: string): void;
  /** Takes the ruleset and its rules away; the next one has another id. */
  removeRedirectRuleset(zone: string): void;
}

export function redirectOperations(state: CloudflareState): RedirectOperations {
  const rules = (zone: string) => redirectRuleList(state, zone);
  return {
    redirectRules: rules,
    redirectRuleset(zone) {
      const ruleset = state.getZone(zone).config.redirects;
      return ruleset && { ...rulesetSummary(ruleset), rules: rules(zone) };
    },
    addRedirectRule: (zone, rule) => addRedirectByHand(state, state.getZone(zone), rule),
    editRedirectRule: (zone, ruleId, edit) =>
      editRedirectByHand(state, state.getZone(zone), { ruleId, edit }),
    removeRedirectRule: (zone, ruleId) => removeRedirectByHand(state, state.getZone(zone), ruleId),
    removeRedirectRuleset: (zone) => removeRulesetByHand(state, state.getZone(zone)),
  };
}

function redirectRuleList(state: CloudflareState, zone: string): RedirectRule[] {
  const rules = state.getZone(zone).config.redirects?.rules ?? [];
  return rules.map((rule) => redirectRuleBody(rule));
}
