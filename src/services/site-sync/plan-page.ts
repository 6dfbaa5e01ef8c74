import { type ZoneFacts, zoneFields } from '../../domain/zone-facts.ts';
import type { JsonValue } from '../../errors.ts';
import type { SiteZone } from '../../persistence/repositories/site-zone-repository.ts';
import { type FieldChanges, NO_CHANGES } from '../sync-result.ts';

/** What is recorded as the status of a zone that Cloudflare does not have any more. */
export const GONE = 'deleted';

/** What a sync has to know of a site. */
export type KnownSite = SiteZone;
/** Enough to compare a site with its zone. */
export type RecordedSite = Omit<KnownSite, 'apiKeyId' | 'isPending'>;

/** What has to be done so that our sites agree with some zones of Cloudflare. */
export interface PagePlan {
  /** Zones that no site has the domain of yet. */
  create: ZoneFacts[];
  /** Sites that lie in one of the zones, or move there. */
  refresh: { site: KnownSite; zone: ZoneFacts }[];
  /** Zones that have the name of a site which keeps, or gets, another one. */
  conflicts: { domain: string; site: KnownSite | undefined; zone: ZoneFacts }[];
}

/**
 * Pure: matches zones with the sites that are known, by zone id first, then by name. Cloudflare may show two zones of
 * one name (one of them pending, or moved to another account): the active one wins, but never over a site whose rules
 * stand, or may stand, in the zone that it has. A site does not move to a zone that
 * only another key than its own shows: it could not be closed there. Names are canonical.
 *
 * @param isOurs whether a site uses the key that shows these zones
 */
export function planPage(
  zones: readonly ZoneFacts[],
  known: readonly KnownSite[],
  isOurs: (site: KnownSite) => boolean,
): PagePlan {
  const byId = new Map(zones.map((zone) => [zone.id, zone]));
  const byName = Map.groupBy(zones, ({ name }) => name);
  const byDomain = new Map(known.map((site) => [site.domain, site]));
  const plan: PagePlan = { create: [], refresh: [], conflicts: [] };
  for (const site of known) {
    const others = site.zoneId == null || isOurs(site) ? (byName.get(site.domain) ?? []) : [];
    const zone = zoneFor(site, byId, activeFirst(others));
    if (zone !== undefined) plan.refresh.push({ site, zone });
  }
  const chosen = new Map(plan.refresh.map(({ site, zone }) => [site.domain, zone]));
  for (const [domain, named] of byName) {
    const site = byDomain.get(domain);
    const [best, ...others] = activeFirst(named);
    if (site === undefined && best !== undefined) plan.create.push(best);
    const refused = site === undefined ? others : named.filter((zone) => zone !== chosen.get(domain));
    plan.conflicts.push(...refused.map((zone) => ({ domain, site, zone })));
  }
  return plan;
}

/** Pure: what Cloudflare says of the zone that the site does not have recorded so; `NO_CHANGES` when it is all the same. */
export function factChanges(site: RecordedSite, zone: ZoneFacts): FieldChanges {
  const { zoneCheckedAt: _, ...facts } = zoneFields(zone, NEVER);
  return differences(site, facts);
}

/** Pure: which of the wanted values the site does not have. */
export function differences(site: RecordedSite, wanted: { [field: string]: JsonValue }): FieldChanges {
  const changed = Object.entries(wanted).map(([field, to]) => {
    const from = (site[field as keyof RecordedSite] ?? null) as JsonValue;
    return [field, { from, to }] as const;
  });
  const differing = changed.filter(([, { from, to }]) => from !== to);
  return differing.length === 0 ? NO_CHANGES : Object.fromEntries(differing);
}

/** Whether Cloudflare has, or may have, rules that only the row of this site knows. */
export function mayHaveRules({ maintenanceActive, edgeState, isPending }: KnownSite): boolean {
  return maintenanceActive === true || (edgeState?.rules.length ?? 0) > 0 || isPending;
}

const NEVER = new Date(0);

/** The zone that a site lies in from now on; undefined when that is none of these. `named` are those of its domain that it may move to. */
function zoneFor(
  site: KnownSite,
  byId: ReadonlyMap<string, ZoneFacts>,
  named: readonly ZoneFacts[],
): ZoneFacts | undefined {
  const own = byId.get(site.zoneId ?? '');
  const status = own?.status ?? site.zoneStatus;
  const other = named.find((zone) => zone !== own);
  return other !== undefined && mayMove({ ...site, zoneStatus: status }, other) ? other : own;
}

function mayMove(site: KnownSite, zone: ZoneFacts): boolean {
  if (site.zoneId == null) return true;
  return !mayHaveRules(site) && zone.status === 'active' && site.zoneStatus !== 'active';
}

function activeFirst(zones: readonly ZoneFacts[]): ZoneFacts[] {
  return zones.toSorted((a, b) => Number(b.status === 'active') - Number(a.status === 'active'));
}
