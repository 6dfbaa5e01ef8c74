import type { ErrorDocument } from './command.ts';
import { renderError } from './errors.ts';
import { type Colors, printable } from './io.ts';
import { displayWidth } from './text-width.ts';

/** A row that failed, and the site that it is about, if it is about one. */
export interface Failure {
  site: string | undefined;
  error: ErrorDocument;
}

/** Of a group that is larger, not all are named. */
const MOST_NAMES = 60;

/**
 * Failures by cause, the most frequent first: how many, why, what to do, and which.
 *
 * @param width columns of the terminal; undefined when it is none
 */
export function renderFailures(
  failures: readonly Failure[],
  { colors, width }: { colors: Colors; width: number | undefined },
): string {
  const groups = Map.groupBy(failures, (failure) => causeOf(failure) ?? failure);
  const sorted = [...groups.values()].toSorted((a, b) => b.length - a.length);
  return sorted.map((group) => renderGroup(group as [Failure, ...Failure[]], colors, width)).join('');
}

function renderGroup(
  group: readonly [Failure, ...Failure[]],
  colors: Colors,
  width: number | undefined,
): string {
  const [{ site, error }] = group;
  if (site === undefined || group.length === 1) return renderError(error, colors, site);
  const hide = (text: string) => text.replaceAll(site, '…');
  const common = {
    ...error,
    message: hide(error.message),
    hint: error.hint === null ? null : hide(error.hint),
  };
  const sites = group.map((failure) => failure.site ?? '');
  const names = nameLines(sites, { most: MOST_NAMES, width, indent: '  ' });
  return `${renderError(common, colors, `${sites.length} sites`)}${names.map((line) => `${line}\n`).join('')}`;
}

/** Names with commas between them, broken to the width; of very many, only the first. */
export function nameLines(
  names: readonly string[],
  { most, width = 100, indent = '' }: { most: number; width?: number | undefined; indent?: string },
): string[] {
  const more = names.length - most;
  const shown = names.slice(0, most).map((name) => printable(name));
  const words = shown.map((name, index) => (index < shown.length - 1 || more > 0 ? `${name},` : name));
  if (more > 0) words.push(`and ${more} more`);
  const lines: string[] = [];
  for (const word of words) {
    const longer = `${lines.at(-1)} ${word}`;
    if (lines.length > 0 && displayWidth(longer) <= width) lines.splice(-1, 1, longer);
    else lines.push(`${indent}${word}`);
  }
  return lines;
}

/** What sites that fail for the same cause have in common: no names, no numbers, no ids. */
function causeOf({ site, error }: Failure): string | undefined {
  if (site === undefined) return undefined;
  const message = error.message.replaceAll(site, '…').replaceAll(/\b(?:[0-9a-f]{32}|\d+)\b/g, '…');
  return `${error.code} ${message}`;
}
