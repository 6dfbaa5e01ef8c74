/**
 * A pattern of `wildcard` as a regular expression with a group per `*`, or undefined when it is not valid: `\*` and `\\`
 * stand for the characters, two asterisks in a row are refused (3.3). The whole value must match.
 */
export function compileWildcard(pattern: string, options: { strict: boolean }): RegExp | undefined {
  const parts = pattern.match(/\\[*\\]|\*|[^\\*]+/g) ?? [];
  if (parts.join('') !== pattern) return undefined;
  if (parts.some((part, index) => part === '*' && parts[index + 1] === '*')) return undefined;
  const source = parts.map((part) => (part === '*' ? '(.*?)' : escapeRegExp(withoutEscape(part)))).join('');
  return new RegExp(`^${source}$`, options.strict ? 's' : 'is');
}

/** `${1}` to `${n}` stand for what the asterisks took, `$$` for a dollar sign; undefined when there is no such `*`. */
export function compileReplacement(
  replacement: string,
  groups: number,
): ((captures: readonly string[]) => string) | undefined {
  const numbers = [...replacement.matchAll(/\$\$|\$\{(\d+)\}/g)].map(([, number]) => number);
  const known = numbers.every((number) => number === undefined || isBetween(Number(number), 1, groups));
  if (!known) return undefined;
  return (captures) =>
    replacement.replace(/\$\$|\$\{(\d+)\}/g, (_found, number: string | undefined) =>
      number === undefined ? '$' : (captures[Number(number) - 1] ?? ''),
    );
}

export function countGroups(expression: RegExp): number {
  return (new RegExp(`${expression.source}|`).exec('')?.length ?? 1) - 1;
}

function isBetween(number: number, least: number, most: number): boolean {
  return number >= least && number <= most;
}

function withoutEscape(part: string): string {
  return part.startsWith('\\') ? part.slice(1) : part;
}

function escapeRegExp(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
}
