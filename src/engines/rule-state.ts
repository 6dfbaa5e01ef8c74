import type { OwnRule } from '../domain/edge-state.ts';
import type { Change, RuleState } from './engine.ts';

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
