import { type Coverage, listedHosts } from '../domain/coverage.ts';
import { IntermissionError } from '../errors.ts';
import { closingPatterns, samePattern } from './page-rule-patterns.ts';

/**
 * Two sites that need the same rule cannot be closed and opened one without the other.
 *
 * @param others the other sites of the same zone
 * @throws IntermissionError `rule_conflict`, naming the other site
 */
export function assertNoCollision(site: Coverage, others: readonly Coverage[]): void {
  const own = closingPatterns(site);
  for (const other of others) {
    if (other.domain === site.domain) continue;
    const shared = closingPatterns(other).find((theirs) =>
      own.some((pattern) => samePattern(pattern, theirs)),
    );
    if (shared === undefined) continue;
    throw new IntermissionError(
      'rule_conflict',
      `${site.domain} and ${other.domain} both need the rule ${shared} in the same zone.`,
      {
        hint: `Take the host out of one of the two: ${withoutHost(site, other, shared)}`,
        details: { pattern: shared, otherSite: other.domain },
      },
    );
  }
}

/** The command that leaves the host of `pattern` to one of two sites: takes it off the list of the other. */
function withoutHost(one: Coverage, other: Coverage, pattern: string): string {
  const isShared = (host: string) => samePattern(`${host}/*`, pattern);
  const lister = listedHosts(other).some(isShared) ? other : one;
  const rest = listedHosts(lister)
    .filter((host) => !isShared(host))
    .map((host) => host.slice(0, -lister.domain.length - 1));
  return `intermission site edit ${lister.domain} --subdomain-list "${rest.join(',')}"`;
}
