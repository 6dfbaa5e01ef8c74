import { type Coverage, coversHost, isApex, listedHosts } from '../domain/coverage.ts';
import { canonicalHost } from '../domain/domain-name.ts';
import type { OwnRule, WantedRule } from '../domain/edge-state.ts';
import type { EdgeRule } from './engine.ts';

/** The status code of our redirects: 302, since browsers keep a 301, sometimes for ever (reference 9). */
export const REDIRECT_STATUS = 302;

/**
 * The page-rule patterns that close a site. The apex of a zone with all its subdomains is one pattern: a rule sees
 * only hosts of its own zone, so the look-alikes that `*example.com/*` would match cannot occur (reference 1.8).
 */
export function closingPatterns(site: Coverage): string[] {
  if (!site.includeSubdomains) return [site.domain, ...listedHosts(site)].map((host) => `${host}/*`);
  return isApex(site) ? [`*${site.domain}/*`] : [`*.${site.domain}/*`, `${site.domain}/*`];
}

/** The rules that close `site`. A `$` is escaped: Cloudflare would read `$1` as a part of the pattern (reference 1.7). */
export function wantedRules(site: Coverage, url: string): WantedRule[] {
  return closingPatterns(site).map((pattern) => ({ pattern, url: url.replaceAll('$', '\\$') }));
}

/** Cloudflare takes two patterns for one when they differ in case or in a trailing slash only (reference 1.8, 2.3). */
export function samePattern(a: string, b: string): boolean {
  return normalize(a) === normalize(b);
}

/** True when the rule at Cloudflare still is what we wrote. Its place among the others is not compared. */
export function isAsWritten(rule: EdgeRule, written: WantedRule): boolean {
  return rule.active && isOurWriting(rule, written);
}

/** True when the rule is what we wrote, be it that somebody has switched it off: that does not make it theirs. */
export function isOurWriting(rule: EdgeRule, written: WantedRule): boolean {
  return (
    samePattern(rule.pattern, written.pattern) &&
    rule.redirect?.url === written.url &&
    rule.redirect.statusCode === REDIRECT_STATUS
  );
}

/**
 * A rule that may be a forgotten closure of `site`: active, on a pattern that could close it, doing nothing but
 * sending visitors to a host that the site does not cover.
 */
export function isDoubtful(rule: EdgeRule, site: Coverage): boolean {
  if (!rule.active || rule.redirect === null) return false;
  const { domain } = site;
  const patterns = [
    `*${domain}/*`,
    `${domain}/*`,
    `*.${domain}/*`,
    ...listedHosts(site).map((h) => `${h}/*`),
  ];
  return patterns.some((pattern) => samePattern(pattern, rule.pattern)) && leavesSite(rule, site);
}

/** An active redirect that takes whole hosts of `site` along with others, and leads away from it. */
export function isWiderRedirect(rule: EdgeRule, site: Coverage): boolean {
  const takesHosts = closingPatterns(site).some((pattern) => coversPattern(rule.pattern, pattern));
  return rule.active && takesHosts && leavesSite(rule, site);
}

function leavesSite({ redirect }: EdgeRule, site: Coverage): boolean {
  const destination = redirect === null ? null : URL.parse(redirect.url);
  return destination !== null && !coversHost(site, canonicalHost(destination.hostname));
}

/** The first active foreign rule that stands before `own` and can match the same URLs: it wins over ours. */
export function outrankedBy(
  own: OwnRule,
  rules: readonly EdgeRule[],
  ours: ReadonlySet<string>,
): EdgeRule | undefined {
  const position = rules.findIndex((rule) => rule.id === own.id);
  return rules
    .slice(0, Math.max(position, 0))
    .find(
      (rule) => rule.active && !ours.has(rule.id) && overlap(hostPart(rule.pattern), hostPart(own.pattern)),
    );
}

/** True when some request can match both patterns, going by their hosts. */
export function meets(a: string, b: string): boolean {
  return overlap(hostPart(a), hostPart(b));
}

/** True when `pattern` takes every URL of the hosts of `closing`, a pattern of ours. */
export function coversPattern(pattern: string, closing: string): boolean {
  const text = normalize(pattern);
  const host = hostPart(text);
  const rest = text.slice(host.length);
  // With a scheme, or a path of its own, it takes only a part of them.
  const takesAll = text.startsWith(host) && (rest === '/*' || (rest === '' && host.endsWith('*')));
  return takesAll && includesGlob(host, hostPart(closing));
}

function normalize(pattern: string): string {
  return pattern.toLowerCase().replace(/\/$/, '');
}

/** The hosts of a pattern. Scheme, port and path do not matter here: ours take all of them. */
function hostPart(pattern: string): string {
  return pattern
    .toLowerCase()
    .replace(/^https?:\/\//, '')
    .replace(/[/:].*$/, '');
}

/** True when `glob` matches whatever `other` matches. A `*` of the other can only be met by one of the glob. */
function includesGlob(glob: string, other: string): boolean {
  return overlap(glob, other.replaceAll('*', '\0'));
}

/** True when some text matches both globs. Each keeps only `*` as a wildcard. */
function overlap(a: string, b: string): boolean {
  const seen = new Map<string, boolean>();
  const meet = (i: number, j: number): boolean => {
    const key = `${i},${j}`;
    const known = seen.get(key);
    if (known !== undefined) return known;
    seen.set(key, false);
    const result = step(i, j);
    seen.set(key, result);
    return result;
  };
  const step = (i: number, j: number): boolean => {
    if (i === a.length && j === b.length) return true;
    if (a[i] === '*') return meet(i + 1, j) || (j < b.length && meet(i, j + 1));
    if (b[j] === '*') return meet(i, j + 1) || (i < a.length && meet(i + 1, j));
    return i < a.length && a[i] === b[j] && meet(i + 1, j + 1);
  };
  return meet(0, 0);
}
