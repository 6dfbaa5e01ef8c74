import type { EdgeRequest } from '../edge-request.ts';
import { type CompiledExpression, compileFilter, compileTarget } from '../expression/compile.ts';
import type { Subject } from '../expression/fields.ts';
import type { Switches } from '../switches.ts';
import type { StoredRedirectRule, StoredRuleset } from './ruleset.ts';

/** Where the first enabled rule that matches sends the visitor (3.2); undefined when none does. */
export function findRedirect(
  ruleset: StoredRuleset | undefined,
  request: EdgeRequest,
  { hostCase }: Pick<Switches, 'hostCase'>,
): { status: number; location: string } | undefined {
  if (ruleset === undefined) return undefined;
  const host = hostCase === 'asSent' ? request.sentHost : request.url.host;
  const subject: Subject = { ...request, host };
  const rule = ruleset.rules.find((candidate) => candidate.enabled && filterOf(candidate).evaluate(subject));
  if (rule === undefined) return undefined;
  return { status: rule.statusCode ?? 301, location: asHeader(locationOf(rule, subject)) };
}

const compileOptions = { hostBits: true };
const filters = new WeakMap<StoredRedirectRule, CompiledExpression<boolean>>();

function filterOf(rule: StoredRedirectRule): CompiledExpression<boolean> {
  const known = filters.get(rule);
  if (known !== undefined) return known;
  const made = compileFilter(rule.expression, compileOptions);
  filters.set(rule, made);
  return made;
}

function locationOf({ target, preserveQueryString }: StoredRedirectRule, subject: Subject): string {
  const location =
    'value' in target ? target.value : compileTarget(target.expression, compileOptions).evaluate(subject);
  const { query } = subject.url;
  if (preserveQueryString !== true || query === '') return location;
  const [, address = '', fragment = ''] = /^([^#]*)(.*)$/s.exec(location) ?? [];
  const joined = address.includes('?') ? `&${query.slice(1)}` : query;
  return address + joined + fragment;
}

/** What an expression makes of a request may hold characters that no header can. */
function asHeader(location: string): string {
  return location.toWellFormed().replace(/[^\x21-\x7e]+/g, encodeURIComponent);
}
