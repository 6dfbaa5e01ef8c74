import type { Coverage } from '../domain/coverage.ts';
import type { Drift } from '../domain/drift.ts';
import { engineNameOf } from '../domain/edge-state.ts';
import type { EdgeRule, InspectionInput, RuleState } from './engine.ts';
import { mayMatch } from './expression-hosts.ts';

/** Page rules of ours over which a foreign redirect rule may win: those run before all page rules (reference 3.5). */
export function findShadows({ site, target, state, neighbours, read }: InspectionInput): Drift[] {
  const own = state.rules.filter((rule) => engineNameOf(rule) === 'page_rules');
  if (target.length === 0 || own.length === 0) return [];
  return foreignRedirects(read, [state, ...neighbours], site).map(
    ({ id, pattern, active, redirect }): Drift => {
      const by = { id, pattern, active, url: redirect?.url ?? null, site: null };
      const [first] = own;
      return {
        kind: 'outranked',
        ruleId: first?.id ?? null,
        pattern: first?.pattern ?? '',
        url: first?.url ?? null,
        origin: 'cloudflare',
        found: null,
        by,
      };
    },
  );
}

/** The redirect rules that are in none of our `states` and may match requests to the site. */
export function foreignRedirects(
  read: readonly EdgeRule[],
  states: readonly Pick<RuleState, 'rules'>[],
  site: Pick<Coverage, 'domain'>,
): EdgeRule[] {
  const ours = new Set(states.flatMap(({ rules }) => rules.map(({ id }) => id)));
  return read.filter((rule) => !ours.has(rule.id) && mayRedirect(rule, site));
}

/** Whether a redirect rule may match requests to the site. */
export function mayRedirect(rule: EdgeRule, { domain }: Pick<Coverage, 'domain'>): boolean {
  return rule.active && engineNameOf(rule) === 'redirect_rules' && mayMatch(rule.pattern, domain);
}
