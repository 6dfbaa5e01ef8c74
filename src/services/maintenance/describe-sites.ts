import type { SqlEntityManager } from '@mikro-orm/sql';
import type { CloudflareSite } from '../../domain/cloudflare-site.ts';
import type { OwnRule } from '../../domain/edge-state.ts';
import { summarizeHolds } from '../../domain/holds.ts';
import type { MaintenanceHold } from '../../domain/maintenance-hold.ts';
import type { MaintenanceLog } from '../../domain/maintenance-log.ts';
import type { JsonValue } from '../../errors.ts';
import { MaintenanceHoldRepository } from '../../persistence/repositories/maintenance-hold-repository.ts';
import { ZoneLockRepository } from '../../persistence/repositories/zone-lock-repository.ts';
import { findPending } from './pending.ts';

/** What our database says of a site. */
export interface SiteStatus {
  domain: string;
  /** The intended state: at least one hold is in force, or has ended and nothing has reopened the site yet. */
  maintenanceActive: boolean;
  url: string | null;
  message: string | null;
  /** When the last hold ends; null when no end is known. */
  until: Date | null;
  /** The holds in force, the oldest first. */
  holds: { name: string; reason: string; actor: string; since: Date; until: Date | null }[];
  lastMaintenanceAt: Date | null;
  /** Rules of ours on record for a site that is to be open, because Cloudflare refused to remove them. */
  leftRules: OwnRule[];
  /** Rules that Cloudflare refused to take back; `rule` is the whole of each as it was. */
  unrestored: { id: string; rule: JsonValue; reason: string; since: string }[];
  /** Operations that have not ended. One that does not run any more was interrupted: what Cloudflare has is not known. */
  operations: { logId: number; action: string; since: Date; running: boolean }[];
}

/** The status of each of `sites`, in their order. Reads the holds of all of them at once and locks nothing. */
export async function describeSites(
  em: SqlEntityManager,
  sites: readonly CloudflareSite[],
  now: Date,
): Promise<SiteStatus[]> {
  const holds = await holdsBySite(em, sites, now);
  const pending = Map.groupBy(await findPending(em), ({ site }) => site?.id);
  const locked = new Set(pending.size === 0 ? [] : await new ZoneLockRepository().liveZoneIds(em));
  return sites.map((site) => {
    const operations = operationsIn(pending.get(site.id) ?? [], locked.has(site.zoneId ?? ''));
    return describeSite(site, holds.get(site.id) ?? [], operations);
  });
}

/** @param isLocked whether an operation is running in the zone */
export function operationsIn(
  pending: readonly MaintenanceLog[],
  isLocked: boolean,
): SiteStatus['operations'] {
  return pending.map(({ id, action, createdAt }) => ({
    logId: id,
    action,
    since: createdAt,
    running: isLocked,
  }));
}

/** The holds in force of each of `sites` that has any, the oldest first. */
export async function holdsBySite(
  em: SqlEntityManager,
  sites: readonly CloudflareSite[],
  now: Date,
): Promise<Map<number, MaintenanceHold[]>> {
  // A site that is open has no hold in force: only the others are asked for.
  const ids = sites.filter((site) => site.maintenanceActive).map((site) => site.id);
  return Map.groupBy(await new MaintenanceHoldRepository().inForce(em, ids, now), (hold) => hold.site.id);
}

/** @param holds those in force, the oldest first */
export function describeSite(
  site: CloudflareSite,
  holds: readonly MaintenanceHold[],
  operations: SiteStatus['operations'],
): SiteStatus {
  const { message, until } = summarizeHolds(holds);
  return {
    domain: site.domain,
    maintenanceActive: site.maintenanceActive ?? false,
    url: site.edgeState?.rules[0]?.url.replaceAll('\\$', '$') ?? null,
    message: message ?? null,
    until: until ?? null,
    holds: holds.map((hold) => ({
      name: hold.name,
      reason: hold.reason ?? '',
      actor: hold.actor ?? '',
      since: hold.createdAt,
      until: hold.expiresAt ?? null,
    })),
    lastMaintenanceAt: site.lastMaintenanceAt ?? null,
    leftRules: site.maintenanceActive ? [] : (site.edgeState?.rules ?? []),
    unrestored: (site.edgeState?.unrestored ?? []).map(({ order: _, ...kept }) => kept),
    operations,
  };
}
