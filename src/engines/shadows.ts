import type { Coverage } from '../domain/coverage.ts';
import { canonicalHost, isWithin } from '../domain/domain-name.ts';
import type { Drift } from '../domain/drift.ts';
import { engineNameOf } from '../domain/edge-state.ts';
import type { EdgeRule, InspectionInput } from './engine.ts';

/** Page rules of ours over which a foreign redirect rule may win: those run before all page rules (reference 3.5). */
export function findShadows({ site, target, state, neighbours, read }: InspectionInput): Drift[] {
  const own = state.rules.filter((rule) => engineNameOf(rule) === 'page_rules');
  if (target.length === 0 || own.length === 0) return [];
  const ours = new Set([state, ...neighbours].flatMap(({ rules }) => rules.map(({ id }) => id)));
  const ahead = read.filter((rule) => !ours.has(rule.id) && mayRedirect(rule, site));
  return ahead.map(({ id, pattern, active, redirect }): Drift => {
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
  });
}

/**
 * Whether a redirect rule may match requests to the site. Its expression is not evaluated: one that compares hosts or
 * URLs with texts of which none has to do with the site does not match; every other one may.
 */
export function mayRedirect(rule: EdgeRule, { domain }: Pick<Coverage, 'domain'>): boolean {
  if (!rule.active || engineNameOf(rule) !== 'redirect_rules') return false;
  if (!/http\.host|full_uri/.test(rule.pattern)) return true;
  return [...rule.pattern.matchAll(/"((?:[^"\\]|\\.)*)"/g)].some(([, text = '']) => concerns(text, domain));
}

/** True for the domain itself, hosts above and below it, and whatever has no host to compare. */
function concerns(text: string, domain: string): boolean {
  const host = canonicalHost(text.replace(/^[a-z*]+:\/\//i, '').replace(/[/?:].*$/, '')).replace(
    /^[*.]+/,
    '',
  );
  if (host === '' || host.includes('*')) return true;
  return host.includes('.') ? isWithin(host, domain) || isWithin(domain, host) : isWithin(domain, host);
}
