import type { CloudflareSite } from '../../domain/cloudflare-site.ts';
import { type ZoneFacts, zoneFields } from '../../domain/zone-facts.ts';
import type { JsonValue } from '../../errors.ts';

/** What has to be done so that our sites agree with one zone of Cloudflare. */
export interface ZonePlan {
  /** True: no site has the domain of this zone yet. */
  create: boolean;
  /** Sites that lie in this zone, or belong there. */
  refresh: CloudflareSite[];
  /** The site that has the domain of this zone but lies in another zone of the same name. */
  conflict: CloudflareSite | undefined;
}

/** A field of a site before and after. */
export type FieldChanges = { [field: string]: { from: JsonValue; to: JsonValue } };

/**
 * Pure: matches a zone with the sites that are known, by zone id first, then by name. Cloudflare may show two zones
 * of one name (one of them pending, in another account): the active one wins, but never over a site whose rules
 * stand in the zone that it has.
 */
export function planZone(zone: ZoneFacts, known: readonly CloudflareSite[]): ZonePlan {
  const inside = known.filter((site) => site.zoneId === zone.id);
  const named = known.find((site) => site.domain === zone.name);
  if (named === undefined) return { create: true, refresh: inside, conflict: undefined };
  if (inside.includes(named)) return { create: false, refresh: inside, conflict: undefined };
  if (mayMove(named, zone)) return { create: false, refresh: [...inside, named], conflict: undefined };
  return { create: false, refresh: inside, conflict: named };
}

/** Pure: what Cloudflare says of the zone that the site does not have recorded so. */
export function factChanges(site: CloudflareSite, zone: ZoneFacts, now: Date): FieldChanges {
  const { zoneCheckedAt: _, ...facts } = zoneFields(zone, now);
  const changed = Object.entries(facts).map(([field, to]) => {
    const from = (site[field as keyof typeof facts] ?? null) as JsonValue;
    return [field, { from, to }] as const;
  });
  return Object.fromEntries(changed.filter(([, { from, to }]) => from !== to));
}

/** Zones that serve come first: the site of a domain with two zones is then made from the right one. */
export function activeFirst(zones: readonly ZoneFacts[]): ZoneFacts[] {
  return zones.toSorted((a, b) => Number(b.status === 'active') - Number(a.status === 'active'));
}

function mayMove(site: CloudflareSite, zone: ZoneFacts): boolean {
  if (site.zoneId == null) return true;
  const hasRules = site.maintenanceActive === true || (site.edgeState?.rules.length ?? 0) > 0;
  return !hasRules && zone.status === 'active' && site.zoneStatus !== 'active';
}
