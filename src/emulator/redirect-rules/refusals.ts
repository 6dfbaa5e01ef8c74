import type { Reply } from '../envelope.ts';
import { authenticationError } from '../refusals.ts';
import type { Switches } from '../switches.ts';
import { redirectPhase } from './ruleset.ts';

/** One entry of `errors`; the section that quotes it is at each. */
export interface RulesetProblem {
  readonly status: 400 | 404;
  readonly code: number;
  readonly message: string;
  /** The field that is meant, as a JSON pointer. */
  readonly pointer?: string;
}

/** A refusal as rulesets word it: `result` first, and `messages: null` (3.6). */
export function refuse(switches: Switches, problems: readonly RulesetProblem[]): Reply {
  const errors = problems.map(({ code, message, pointer }) => ({
    code,
    message,
    ...(pointer === undefined ? {} : { source: { pointer } }),
  }));
  const messages = switches.nullRulesetMessages ? null : [];
  return { status: problems[0]?.status ?? 400, body: { result: null, success: false, errors, messages } };
}

/** 3.6: the token may not do this. Both texts are recorded. */
export function redirectsUnauthorized(switches: Switches): Reply {
  if (switches.redirectsUnauthorized === 'authentication') return authenticationError();
  const errors = [{ code: 0, message: 'request is not authorized' }];
  return { status: 403, body: { result: null, success: false, errors, messages: null } };
}

/** 3.6. */
export function missingEntrypoint(switches: Switches): Reply {
  return notFound(switches, `could not find entrypoint ruleset in the ${redirectPhase} phase`);
}

/** Not in the reference: in the style of the missing entry point. */
export function unknownRuleset(switches: Switches, id: string): Reply {
  return notFound(switches, `could not find ruleset ${JSON.stringify(id)}`);
}

/** Not in the reference, likewise. */
export function unknownRedirectRule(switches: Switches, id: string): Reply {
  return notFound(switches, `could not find rule ${JSON.stringify(id)}`);
}

function notFound(switches: Switches, message: string): Reply {
  return refuse(switches, [{ status: 404, code: switches.missingRulesetCode, message }]);
}

/** 3.6: there is one already, perhaps without rules. */
export const rulesetExists: RulesetProblem = {
  status: 400,
  code: 20217,
  message: `'zone' is not a valid value for kind because exceeded maximum number of zone rulesets for phase ${redirectPhase}`,
  pointer: '/kind',
};

/** 3.6. */
export function wrongKind(kind: string): RulesetProblem {
  const reason = `kind ${JSON.stringify(kind)} cannot be used for phase ${JSON.stringify(redirectPhase)}`;
  return invalid('kind', kind, { code: 20004, reason, pointer: '/kind' });
}

/** 3.6: the whole write is refused. */
export function tooManyRules(count: number, quota: number): RulesetProblem {
  const message = `exceeded the maximum number of rules in the phase ${redirectPhase}: ${count} out of ${quota}`;
  return { status: 400, code: 50001, message };
}

/** 3.6: the words after "not entitled" are ours. */
export function notEntitled(what: string, pointer: string): RulesetProblem {
  return { status: 400, code: 50002, message: `not entitled to use ${what}`, pointer };
}

/** 3.1: a field that this endpoint does not know. The code is not known. */
export function unknownField(name: string): RulesetProblem {
  return { status: 400, code: codeNotKnown, message: `invalid JSON: unknown field ${JSON.stringify(name)}` };
}

/** In the place of numbers that no source names. */
export const codeNotKnown = 20000;

/** How rulesets say that a value is not valid (3.6). */
export function invalid(
  field: string,
  value: string,
  details: { reason: string; pointer: string; code?: number },
): RulesetProblem {
  const { reason, pointer, code = codeNotKnown } = details;
  const message = `'${value}' is not a valid value for ${field} because ${reason}`;
  return { status: 400, code, message, pointer };
}
