import type { CloudflareSite } from '../../domain/cloudflare-site.ts';
import { canonicalHost } from '../../domain/domain-name.ts';
import type { Redirecting } from '../../domain/maintenance-url.ts';
import { applyZoneFacts } from '../../domain/zone-facts.ts';
import { assertNoCollision } from '../../engines/collision.ts';
import type { Database } from '../../persistence/open-database.ts';
import { assertNoLoop, assertNotOurselves, assertSiteActive, assertZoneServing } from './guards.ts';
import type { Wanted } from './plan-operation.ts';
import type { Clock, Connection, MaintenanceSettings } from './ports.ts';
import type { Reads } from './reads.ts';
import { getSite, type Situation } from './records.ts';

/** What Cloudflare said of a zone is believed for a day. */
const FACTS_AGE_MS = 86_400_000;
/** More hops than any sane chain of closed sites has. */
const MAX_HOPS = 20;

/**
 * Everything that speaks against closing a site, checked before anything is changed.
 *
 * @throws IntermissionError `validation_failed`, `zone_not_serving`, `redirect_loop`, `self_lockout` or `rule_conflict`
 */
export async function checkEnable(
  deps: { reads: Reads; settings: MaintenanceSettings },
  situation: Situation,
  wanted: Wanted,
  options: { force: boolean },
): Promise<void> {
  const { site, neighbours } = situation;
  assertSiteActive(site);
  assertZoneServing(site);
  if (!options.force) assertNotOurselves(site, deps.settings.publicUrl);
  assertNoCollision(site, neighbours);
  const own: Redirecting = { ...coverageOf(site), url: wanted.url ?? '' };
  assertNoLoop(own, await findClosedOnTheWay(deps.reads, own));
}

/** Reads the zone of a site again when that is needed, and records what Cloudflare says. */
export async function refreshZone(
  deps: { database: Database; clock: Clock },
  site: CloudflareSite,
  connection: Connection,
): Promise<CloudflareSite> {
  if (site.zoneId == null || !needsRefresh(site, deps.clock.now())) return site;
  const zone = await connection.getZone(site.zoneId);
  return deps.database.transaction(async (em) => {
    const fresh = await getSite(em, site.id);
    applyZoneFacts(fresh, zone, deps.clock.now());
    return fresh;
  });
}

/** True when what is recorded of the zone is missing, old, or speaks against closing. */
export function needsRefresh(site: CloudflareSite, now: Date): boolean {
  const age = now.getTime() - (site.zoneCheckedAt?.getTime() ?? 0);
  return (
    site.zoneName == null || age > FACTS_AGE_MS || site.zonePaused === true || site.zoneStatus !== 'active'
  );
}

/** The closed sites that visitors would be led through. */
async function findClosedOnTheWay(reads: Reads, start: Redirecting): Promise<Redirecting[]> {
  const found: Redirecting[] = [];
  let url: string | undefined = start.url;
  for (let hop = 0; url !== undefined && hop < MAX_HOPS; hop += 1) {
    const domains = selfAndParents(canonicalHost(new URL(url).hostname));
    const closed = await reads.closedAmong(domains);
    const fresh = closed.filter(
      (site) => site.domain !== start.domain && !found.some((known) => known.domain === site.domain),
    );
    found.push(...fresh.map(asRedirecting).filter((site) => site !== undefined));
    url = fresh.map((site) => asRedirecting(site)?.url).find((next) => next !== undefined);
  }
  return found;
}

function asRedirecting(site: CloudflareSite): Redirecting | undefined {
  const url = site.edgeState?.rules[0]?.url.replaceAll('\\$', '$');
  return url === undefined ? undefined : { ...coverageOf(site), url };
}

function coverageOf(site: CloudflareSite) {
  const { domain, includeSubdomains, subdomainList, zoneName, openPaths } = site;
  return { domain, includeSubdomains, subdomainList, zoneName, openPaths };
}

function selfAndParents(host: string): string[] {
  const labels = host.split('.');
  return labels.slice(0, -1).map((_, index) => labels.slice(index).join('.'));
}
