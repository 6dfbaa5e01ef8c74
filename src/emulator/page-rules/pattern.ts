/** The documented expression (1.8), except that a lone `/` after the host is let through: recorded rules have it. */
const targetExpression = /^(https?:\/\/)?(([-a-z0-9*]*\.)+[-a-z0-9]{2,20})(:(8080|8443|443|80))?(\/\S*)?$/i;

const mostAsterisks = 4;

/** What is wrong with a pattern for a zone, or undefined. The wording is ours: Cloudflare's is not known (2.3). */
export function findPatternProblem(pattern: string, zoneName: string): string | undefined {
  if (!isAscii(pattern)) return 'The URL pattern contains characters that are not ASCII';
  const parts = targetExpression.exec(pattern);
  if (parts === null) return 'The URL pattern is not valid';
  if (countAsterisks(pattern) > mostAsterisks)
    return `The URL pattern has more than ${mostAsterisks} asterisks`;
  if (!isInZone(parts[2] ?? '', zoneName)) return `The URL pattern does not belong to the zone ${zoneName}`;
  return undefined;
}

/** A pattern without a path gets a trailing slash when that is how targets are stored (1.8, INFERRED). */
export function storedPattern(pattern: string, trailingSlash: boolean): string {
  const hostOnly = !pattern.replace(/^https?:\/\//i, '').includes('/');
  return trailingSlash && hostOnly ? `${pattern}/` : pattern;
}

/** `www.example.com` and `*example.com` end with the zone's name; `myexample.com` does not. */
function isInZone(host: string, zoneName: string): boolean {
  const name = host.toLowerCase();
  if (name === zoneName) return true;
  return name.endsWith(`.${zoneName}`) || name.endsWith(`*${zoneName}`);
}

function isAscii(text: string): boolean {
  return [...text].every((character) => character.charCodeAt(0) < 128);
}

function countAsterisks(pattern: string): number {
  return pattern.split('*').length - 1;
}

export interface VisitedUrl {
  scheme: 'http' | 'https';
  host: string;
  port: number;
  path: string;
  /** With its question mark, or empty. */
  query: string;
}

/** A pattern ready to be matched: returns what each `*` stood for, or undefined. */
export type PatternMatcher = (url: VisitedUrl) => string[] | undefined;

/**
 * Matching as in 1.8: without regard to case; scheme and port optional; the query counts when the pattern has one or
 * ends in `*`. A `*` of the host part stays within the host, each `*` takes as little as it can.
 */
export function compilePattern(pattern: string): PatternMatcher {
  const [, scheme, host = '', port, path = '/'] =
    /^(?:(https?):\/\/)?([^/:]*)(?::(\d+))?(\/.*)?$/is.exec(pattern) ?? [];
  const hostExpression = globExpression(host, '[^/]*?');
  const pathExpression = globExpression(path, '.*?');
  const wantsQuery = path.includes('?') || path.endsWith('*');
  return (url) => {
    if (scheme !== undefined && scheme.toLowerCase() !== url.scheme) return undefined;
    if (port !== undefined && Number(port) !== url.port) return undefined;
    const hostMatch = hostExpression.exec(url.host);
    const pathMatch = hostMatch && pathExpression.exec(wantsQuery ? url.path + url.query : url.path);
    return pathMatch ? [...hostMatch.slice(1), ...pathMatch.slice(1)] : undefined;
  };
}

function globExpression(glob: string, wildcard: string): RegExp {
  const parts = glob.split('*').map((part) => part.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&'));
  return new RegExp(`^${parts.join(`(${wildcard})`)}$`, 'is');
}

/** Fills in `$1` to `$n` and `\$`; undefined when a placeholder has no asterisk, which visitors see as a 500 (1.7). */
export function expandForwardingUrl(template: string, captures: readonly string[]): string | undefined {
  let missing = false;
  const url = template.replace(/\\\$|\$(\d+)/g, (found, number: string | undefined) => {
    if (number === undefined) return '$';
    const capture = captures[Number(number) - 1];
    missing ||= capture === undefined;
    return capture ?? found;
  });
  return missing ? undefined : url;
}
