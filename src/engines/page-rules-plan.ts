import type { OwnRule, ReplacedRule, WantedRule } from '../domain/edge-state.ts';
import { asOwn, settleDoubtful, withSnapshot } from './doubtful-rules.ts';
import type { Change, EdgeRule, JournaledChange, PlanInput, RulePlan, RuleState } from './engine.ts';
import { isAsWritten, isDoubtful, isOurWriting, samePattern } from './page-rule-patterns.ts';
import { planClosing } from './page-rules-closing.ts';
import { orderOfOthers } from './page-rules-order.ts';
import { isAsSaved } from './page-rules-port.ts';
import { lookAt, planUnread, recognizeRules, withFound } from './rule-recognition.ts';
import { isReplacing } from './rule-state.ts';

const COMPARISON = { isAsWritten, isOurWriting, isAsSaved };

/**
 * The changes that lead from what is there to what is wanted. New redirects come first and removals last, so that a
 * site never is open in between. A foreign rule on a pattern of ours is replaced, its snapshot in the change.
 *
 * @throws IntermissionError `rule_conflict` when a doubtful rule is in the way and `existing` does not say whose it is
 */
export function planPageRules(input: PlanInput): RulePlan {
  if (input.read === undefined) return planUnread(input);
  const { read } = input;
  const ids = read.map((rule) => rule.id);
  const looked = lookAt(input.state, read, COMPARISON);
  const neighbours = input.neighbours.map((neighbour) => lookAt(neighbour, read, COMPARISON).state);
  const { adopted: doubtful, foreign } = settleDoubtful(input, looked.state, read, {
    engine: 'page_rules',
    isDoubtful: (rule) => isDoubtful(rule, input.site),
    isInTheWay: (rule) => input.target.some((wanted) => samePattern(wanted.pattern, rule.pattern)),
  });
  const state = { rules: [...looked.state.rules, ...doubtful.map(asOwn)], replaced: looked.state.replaced };
  const orderAsFound = orderOfOthers([looked.state, ...neighbours], ids);
  const adopted = doubtful.map(({ id, raw }): ReplacedRule => ({ id, rule: raw, order: orderAsFound }));
  const order = orderOfOthers([state, ...neighbours], ids);
  const closing = planClosing(input, state, read, order);
  const opening = planOpening({ state, neighbours, order, target: input.target }, closing.unused);
  const changes = [...closing.changes, ...opening].map((change) =>
    withFound(withSnapshot(change, adopted), read, COMPARISON),
  );
  return { state, changes, notes: looked.notes, adopted, foreign };
}

/** What is ours after an operation that stopped somewhere in `changes`. */
export function recognizePageRules(
  recorded: RuleState,
  changes: readonly JournaledChange[],
  read: readonly EdgeRule[],
  adopted: readonly ReplacedRule[] = [],
): RulePlan {
  return recognizeRules(recorded, { changes, read, adopted }, COMPARISON);
}

interface Ground {
  state: RuleState;
  neighbours: readonly RuleState[];
  /** Ids of the rules of others in the order that they have when all is open. */
  order: readonly string[];
  target: readonly WantedRule[];
}

function planOpening({ state, neighbours, order, target }: Ground, unused: readonly OwnRule[]): Change[] {
  const deletes = unused
    .filter((rule) => !isReplacing(state, rule.id))
    .map((rule): Change => ({ kind: 'delete', ...rule }));
  const under = [...target, ...neighbours.flatMap(({ rules }) => rules)].map(({ pattern, url }) => ({
    pattern,
    url,
  }));
  const displaced = new Set([state, ...neighbours].flatMap(({ replaced }) => replaced.map(({ id }) => id)));
  // The lowest old place first: each then goes back to a number that the next ones do not move.
  const lowestFirst = unused.toSorted((a, b) => order.indexOf(b.id) - order.indexOf(a.id));
  const restores = lowestFirst.flatMap((rule): Change[] => {
    const replaced = state.replaced.find(({ id }) => id === rule.id);
    if (replaced === undefined) return [];
    displaced.delete(rule.id);
    return [{ kind: 'restore', ...rule, replaced, under, displaced: [...displaced] }];
  });
  return [...deletes, ...restores];
}
