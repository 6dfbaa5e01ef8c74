import type { Coverage } from '../domain/coverage.ts';
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
        hint: `Take the host out of one of the two, for example: intermission site edit ${other.domain} --subdomain-list ""`,
        details: { pattern: shared, otherSite: other.domain },
      },
    );
  }
}
