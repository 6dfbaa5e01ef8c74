import { canonicalHost, isWithin } from '../domain/domain-name.ts';

/**
 * Whether an expression of Cloudflare's rules language (reference 3.3) may match a request to `domain` or a host below.
 * False only when comparisons of host or URL, joined by `and` and `or`, leave no such request; whatever else is in an
 * expression counts as true. In patterns of URLs a `*` before the path is taken for a part of scheme or host.
 */
export function mayMatch(expression: string, domain: string): boolean {
  // Escapes and raw texts with marks of their own could hide where a text ends.
  if (/[\\#]/.test(expression)) return true;
  const tokens = expression.match(/r?"[^"]*"|[\w.]+|&&|\|\||\^\^|\S/g) ?? [];
  return mayBeTrue(tokens, domain);
}

/** `and` binds tighter than `xor`, and `xor` tighter than `or`. */
function mayBeTrue(tokens: readonly string[], domain: string): boolean {
  const [first = [], ...others] = split(tokens, ['or', '||']);
  if (others.length > 0) return [first, ...others].some((part) => mayBeTrue(part, domain));
  if (split(tokens, ['xor', '^^']).length > 1) return true;
  const parts = split(tokens, ['and', '&&']);
  if (parts.length > 1) return parts.every((part) => mayBeTrue(part, domain));
  if (tokens[0] === '(' && tokens.at(-1) === ')') return mayBeTrue(tokens.slice(1, -1), domain);
  return mayHold(tokens.join(' '), domain);
}

/** Splits at words that stand outside all brackets. */
function split(tokens: readonly string[], words: readonly string[]): string[][] {
  const parts: string[][] = [[]];
  let depth = 0;
  for (const token of tokens) {
    if (token === '(') depth += 1;
    if (token === ')') depth -= 1;
    if (depth === 0 && words.includes(token)) parts.push([]);
    else parts.at(-1)?.push(token);
  }
  return parts;
}

const HOST = String.raw`(?:http\.host|lower \( http\.host \))`;
const TEXT = 'r?"([^"]*)"';
const COMPARISONS: readonly [RegExp, (text: string, domain: string) => boolean][] = [
  [new RegExp(`^${HOST} (?:eq|= =) ${TEXT}$`), isOf],
  [new RegExp(`^ends_with \\( ${HOST} , ${TEXT} \\)$`), mayEnd],
  [new RegExp(`^${HOST} (?:strict )?wildcard ${TEXT}$`), mayFit],
  [new RegExp(`^http\\.request\\.full_uri (?:strict )?wildcard ${TEXT}$`), mayLeadTo],
];

function mayHold(comparison: string, domain: string): boolean {
  const list = new RegExp(`^${HOST} in \\{((?: ${TEXT})+) \\}$`).exec(comparison)?.[1];
  if (list !== undefined) return [...list.matchAll(/"([^"]*)"/g)].some(([, text = '']) => isOf(text, domain));
  for (const [pattern, judge] of COMPARISONS) {
    const text = pattern.exec(comparison)?.[1];
    if (text !== undefined) return judge(text, domain);
  }
  return true;
}

function isOf(host: string, domain: string): boolean {
  return isWithin(canonicalHost(withoutPort(host)), domain);
}

function mayEnd(end: string, domain: string): boolean {
  const text = canonicalHost(withoutPort(end));
  return `.${domain}`.endsWith(text) || text.endsWith(`.${domain}`);
}

function mayFit(pattern: string, domain: string): boolean {
  return pattern.includes('*') ? mayEnd(pattern.replace(/^.*\*/, ''), domain) : isOf(pattern, domain);
}

function mayLeadTo(url: string, domain: string): boolean {
  const host = /^[a-z*]+:\/\/([^/?]*)\//i.exec(url)?.[1];
  return host === undefined || mayFit(withoutPort(host), domain);
}

function withoutPort(host: string): string {
  return host.replace(/:[\d*]*$/, '');
}
