import type { SqlEntityManager } from '@mikro-orm/sql';
import type { CloudflareSite } from '../../domain/cloudflare-site.ts';
import type { Coverage } from '../../domain/coverage.ts';
import type { EngineChoice } from '../../domain/edge-state.ts';
import { redirects, visitorUrl } from '../../domain/maintenance-url.ts';
import { cannotExempt } from '../../engines/choose-engine.ts';
import { assertNoCollision } from '../../engines/collision.ts';
import { closingExpression } from '../../engines/redirect-expression.ts';
import { IntermissionError } from '../../errors.ts';
import { CloudflareSiteRepository } from '../../persistence/repositories/cloudflare-site-repository.ts';
import { MaintenanceLogRepository } from '../../persistence/repositories/maintenance-log-repository.ts';

/**
 * Whether the site, as it is now in the transaction, can be closed beside the others of its zone. Of a site whose
 * zone is not known yet this is checked when it is found.
 *
 * @throws IntermissionError `redirect_loop`, `validation_failed`, or `rule_conflict`, naming the other site
 */
export async function assertHasItsPlace(
  em: SqlEntityManager,
  site: CloudflareSite,
  now: () => Date,
): Promise<void> {
  const others = new CloudflareSiteRepository(em, now).filter({ id: { $ne: site.id } });
  assertCanBeClosed(site, site.zoneId == null ? [] : await others.inZone(site.zoneId).all());
}

/** What decides whether and how a site can be closed. */
export type Closable = Coverage & {
  maintenanceUrl?: string | null | undefined;
  engine?: EngineChoice;
  openPaths: string[];
  bypassIps: string[];
};

/**
 * Pure: whether the site can be closed beside the others of its zone.
 *
 * @throws IntermissionError `redirect_loop`, `validation_failed`, or `rule_conflict`, naming the other site
 */
export function assertCanBeClosed(site: Closable, others: readonly Coverage[]): void {
  assertPageOutside(site);
  assertExemptionsFit(site);
  assertNoCollision(site, others);
}

/**
 * While a site has rules at Cloudflare, or may have some, only its row knows which.
 *
 * @param verb fits into "cannot be …"
 * @throws IntermissionError `in_use`
 */
export async function refuseWhileClosed(
  em: SqlEntityManager,
  site: CloudflareSite,
  now: () => Date,
  verb: string,
): Promise<void> {
  const { domain } = site;
  const hasRules = (site.edgeState?.rules.length ?? 0) > 0;
  if (site.maintenanceActive === true || hasRules) {
    throw inUse(
      `${domain} is in maintenance and cannot be ${verb}.`,
      `Reopen it first: intermission maintenance disable ${domain}`,
    );
  }
  const pending = await new MaintenanceLogRepository(em, now).pending().forSite(site).count();
  if (pending === 0) return;
  throw inUse(
    `${domain} cannot be ${verb} while an operation on it is running or was interrupted.`,
    'If none is running, `intermission process_scheduled_maintenance` repairs what was interrupted. Then repeat.',
  );
}

/** The rules are the user's own: their snapshots must not go by accident. @throws IntermissionError `in_use` */
export function refuseWhileUnrestored({ domain, edgeState }: CloudflareSite): void {
  const count = edgeState?.unrestored.length ?? 0;
  if (count === 0) return;
  const rules = count === 1 ? 'one rule of yours' : `${count} rules of yours`;
  throw inUse(
    `${domain} still keeps ${rules} that Cloudflare refused to take back.`,
    `See them with \`intermission site show ${domain}\`, put them back by hand, then: intermission site forget-unrestored ${domain}. --force removes the site all the same.`,
  );
}

function assertPageOutside(site: Closable): void {
  if (site.maintenanceUrl == null) return;
  if (!redirects(site, new URL(visitorUrl(site.maintenanceUrl, site.domain)))) return;
  throw new IntermissionError(
    'redirect_loop',
    `The maintenance page ${site.maintenanceUrl} lies on a host that ${site.domain} itself closes.`,
    { hint: 'Use a page on a host that stays open while the site is closed.' },
  );
}

/** Found out when they are stored, not when the site has to be closed. */
function assertExemptionsFit(site: Closable): void {
  const { openPaths, bypassIps, engine } = site;
  if (openPaths.length + bypassIps.length === 0) return;
  if (engine === 'page_rules') throw cannotExempt();
  closingExpression(site);
}

function inUse(message: string, hint: string): IntermissionError {
  return new IntermissionError('in_use', message, { hint });
}
