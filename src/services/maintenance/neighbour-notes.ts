import { coversHost } from '../../domain/coverage.ts';
import type { Note } from '../../engines/engine.ts';
import type { Wanted } from './plan-operation.ts';
import type { Situation } from './records.ts';

/** Pure: says when another closed site of the zone keeps redirecting the visitors of a site that reopens. */
export function neighbourNotes({ site, neighbours }: Situation, wanted: Wanted): Note[] {
  if (wanted.holds.length > 0) return [];
  return neighbours
    .filter((other) => other.maintenanceActive && coversHost(other, site.domain))
    .map(({ domain }) => ({
      code: 'still_covered',
      message: `${domain} is in maintenance and covers ${site.domain}: its rule still redirects these visitors until ${domain} is reopened.`,
    }));
}
