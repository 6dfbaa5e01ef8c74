import type { Switches } from '../switches.ts';
import type { StoredPageRule } from './rule.ts';

type Rules = readonly StoredPageRule[];
type Move = Switches['priorityMove'];

/** Puts a new rule at a priority, brought into 1..n+1; numbers stay 1..n because they are places (1.6). */
export function insertRule(rules: Rules, rule: StoredPageRule, priority: number, move: Move): Rules {
  const index = placeOf(priority, rules.length + 1);
  if (move === 'shift') return rules.toSpliced(index, 0, rule);
  return exchange([...rules, rule], rules.length, index);
}

/** Moves the rule at `from` (an index) to a priority, brought into 1..n. */
export function moveRule(rules: Rules, from: number, priority: number, move: Move): Rules {
  const index = placeOf(priority, rules.length);
  const rule = rules[from];
  if (rule === undefined) return rules;
  if (move === 'swap') return exchange(rules, from, index);
  return rules.toSpliced(from, 1).toSpliced(index, 0, rule);
}

function placeOf(priority: number, count: number): number {
  return Math.min(Math.max(priority, 1), count) - 1;
}

function exchange(rules: Rules, a: number, b: number): Rules {
  const [first, second] = [rules[a], rules[b]];
  if (first === undefined || second === undefined) return rules;
  return rules.with(a, second).with(b, first);
}
