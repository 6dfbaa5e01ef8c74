import { codeNotKnown, type RulesetProblem } from './refusals.ts';
import type { StoredRedirectRule } from './ruleset.ts';
import { asObject } from './validate.ts';

/**
 * The index at which a rule goes among the others (3.2): `before` or `after` a rule, where an empty text means first or
 * last, or `index`, counted from 1. Without a position, last. What is out of place is refused.
 */
export function findPlace(sent: unknown, others: readonly StoredRedirectRule[]): number | RulesetProblem {
  if (sent === undefined) return others.length;
  const position = asObject(sent);
  const [[kind, value] = [], ...more] = Object.entries(position);
  if (kind === undefined || more.length > 0)
    return refuse('exactly one of before, after and index is required');
  if (kind === 'index') return placeOfIndex(value, others.length);
  if (kind !== 'before' && kind !== 'after') return refuse(`unknown field ${JSON.stringify(kind)}`);
  if (value === '') return kind === 'before' ? 0 : others.length;
  const index = others.findIndex(({ id }) => id === value);
  if (index === -1) return refuse(`there is no rule ${JSON.stringify(value)}`);
  return kind === 'before' ? index : index + 1;
}

function placeOfIndex(value: unknown, others: number): number | RulesetProblem {
  const index = Number(value);
  if (!Number.isInteger(value) || index < 1 || index > others + 1) {
    return refuse(`the index must be between 1 and ${others + 1}`);
  }
  return index - 1;
}

/** Code and text are ours. */
function refuse(reason: string): RulesetProblem {
  return { status: 400, code: codeNotKnown, message: `invalid position: ${reason}`, pointer: '/position' };
}
