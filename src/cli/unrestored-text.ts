import type { SiteStatus } from '../services/maintenance/describe-sites.ts';
import { printable } from './io.ts';

/** Rules that could not be put back, the whole of each as it was, for somebody who makes them again by hand. */
export function unrestoredText(unrestored: SiteStatus['unrestored']): string {
  const lines = unrestored.map(
    ({ id, rule, reason, since }) =>
      `  ${id}  since ${since}: ${printable(reason)}\n    as it was: ${printable(JSON.stringify(rule))}\n`,
  );
  return lines.join('');
}
