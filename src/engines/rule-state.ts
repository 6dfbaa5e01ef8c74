import type { OwnRule, WantedRule } from '../domain/edge-state.ts';
import type { IntermissionError } from '../errors.ts';
import type { Applied, Change, RuleState } from './engine.ts';

/** What is ours once `change` has been made; `result` is the rule it left, if any. */
export function afterChange(state: RuleState, change: Change, result: OwnRule | undefined): RuleState {
  const id = change.kind === 'create' ? result?.id : change.id;
  const rules = state.rules.filter((rule) => rule.id !== id);
  const replaced = state.replaced.filter((rule) => rule.id !== id || change.kind === 'update');
  return {
    rules: result === undefined ? rules : [...rules, result],
    replaced: change.kind === 'replace' ? [...replaced, change.replaced] : replaced,
  };
}

/** True when the rule of ours stands where one of the user's was. */
export function isReplacing(state: RuleState, id: string): boolean {
  return state.replaced.some((rule) => rule.id === id);
}

/** The rule of that id as one of ours, with what was written into it. */
export function ownRule(id: string, { pattern, url, ref }: WantedRule): OwnRule {
  return { id, pattern, url, ...(ref !== undefined && { ref }) };
}

/** What becomes of a rule that was to be removed and was gone before, perhaps with its zone. */
export function goneBefore({ details }: IntermissionError): Applied {
  if (details['zoneGone'] !== true) return { rule: undefined };
  const message =
    'The zone is gone from Cloudflare, and its rules with it: only what was recorded here is released.';
  return { rule: undefined, note: { code: 'zone_gone', message } };
}

/** What becomes of a rule that was to be put back and is no longer what we wrote: it is the user's already. */
export function leftAlone(id: string): Applied {
  const message = `The rule ${id} was changed or removed at Cloudflare meanwhile and is left as it is now.`;
  return { rule: undefined, left: true, note: { code: 'rule_changed', message } };
}

/** A rule of others that was made again: nothing of it is ours. */
export function madeAgain({ id, pattern }: Pick<OwnRule, 'id' | 'pattern'>, newId: string): Applied {
  const message = `The rule ${id} (${pattern}) had been removed and was made again as it was; its id is ${newId} now.`;
  return { rule: undefined, note: { code: 'rule_made_again', message } };
}
