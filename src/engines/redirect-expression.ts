import { type Coverage, listedHosts } from '../domain/coverage.ts';
import { IntermissionError } from '../errors.ts';
import type { Exemptions } from './engine.ts';

/** Longest expression of a rule that Cloudflare takes, in characters. */
const MAX_EXPRESSION_LENGTH = 4096;

/**
 * The expression that matches the requests to redirect: the hosts of the site, but for its open paths and bypass
 * addresses (reference 3.3).
 *
 * @throws IntermissionError `validation_failed` when it is longer than Cloudflare takes
 */
export function closingExpression(site: Coverage & Exemptions): string {
  const { openPaths, bypassIps } = site;
  const parts = [hosts(site), ...without(openPaths.map(path)), ...without(addresses(bypassIps))];
  const expression = parts.join(' and ');
  if (expression.length <= MAX_EXPRESSION_LENGTH) return expression;
  throw new IntermissionError(
    'validation_failed',
    `The rule of ${site.domain} would need an expression of ${expression.length} characters; Cloudflare takes ${MAX_EXPRESSION_LENGTH}.`,
    {
      hint: 'List fewer subdomains, open paths or bypass addresses, or join them: /webhooks/*, 203.0.113.0/24.',
    },
  );
}

/** A text as a literal of Cloudflare's rules language, whatever is in it. */
export function quote(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}

function hosts(site: Coverage): string {
  const host = 'lower(http.host)';
  if (site.includeSubdomains) {
    return `(${host} eq ${quote(site.domain)} or ends_with(${host}, ${quote(`.${site.domain}`)}))`;
  }
  const names = [site.domain, ...listedHosts(site)].map(quote);
  return names.length === 1 ? `(${host} eq ${names[0]})` : `(${host} in {${names.join(' ')}})`;
}

function path(openPath: string): string {
  const field = 'http.request.uri.path';
  return openPath.endsWith('*')
    ? `starts_with(${field}, ${quote(openPath.slice(0, -1))})`
    : `${field} eq ${quote(openPath)}`;
}

function addresses(bypassIps: readonly string[]): string[] {
  return bypassIps.length === 0 ? [] : [`ip.src in {${bypassIps.join(' ')}}`];
}

function without(conditions: readonly string[]): string[] {
  return conditions.length === 0 ? [] : [`not (${conditions.join(' or ')})`];
}
