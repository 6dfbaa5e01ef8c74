import { LockMode, type RequiredEntityData, type SqlEntityManager } from '@mikro-orm/sql';
import { CloudflareSite } from '../../domain/cloudflare-site.ts';
import { MaintenanceHold } from '../../domain/maintenance-hold.ts';
import type { Actor } from '../../domain/maintenance-log.ts';

export interface HoldRequest {
  siteId: number;
  name: string;
  reason?: string;
  message?: string | null;
  url?: string | null;
  /** Null: until it is released. */
  expiresAt?: Date | null;
  actor: Actor;
}

/** Both databases limit how many values one query may name. */
const CHUNK = 1_000;

/** The holds of sites. Rows stay after release. Writing needs the entity manager of a transaction. */
export class MaintenanceHoldRepository {
  /** Neither released nor expired: these keep the site, or the sites, down. The oldest of each first. */
  async inForce(
    em: SqlEntityManager,
    siteId: number | readonly number[],
    now: Date,
  ): Promise<MaintenanceHold[]> {
    const ids = [siteId].flat();
    const found: MaintenanceHold[] = [];
    for (let start = 0; start < ids.length; start += CHUNK) {
      const site = { $in: ids.slice(start, start + CHUNK) };
      const inForce = { releasedAt: null, $or: [{ expiresAt: null }, { expiresAt: { $gt: now } }] };
      const order = { orderBy: { createdAt: 'asc', id: 'asc' } } as const;
      found.push(...(await em.find(MaintenanceHold, { site, ...inForce }, { ...order, ...lockedIn(em) })));
    }
    return found;
  }

  /** Expired and not released yet, the longest overdue first. Their sites are loaded along. */
  expired(em: SqlEntityManager, now: Date): Promise<MaintenanceHold[]> {
    return em.find(
      MaintenanceHold,
      { releasedAt: null, expiresAt: { $lte: now } },
      {
        orderBy: { expiresAt: 'asc', id: 'asc' },
        populate: ['site'],
        strategy: 'select-in',
        ...lockedIn(em),
      },
    );
  }

  /** The unreleased hold of that name, expired or not. */
  async find(em: SqlEntityManager, siteId: number, name: string): Promise<MaintenanceHold | undefined> {
    const hold = await em.findOne(MaintenanceHold, { site: siteId, name, releasedAt: null }, lockedIn(em));
    return hold ?? undefined;
  }

  /** Places a hold, or changes the unreleased one of that name. */
  async place(em: SqlEntityManager, request: HoldRequest, now: Date): Promise<MaintenanceHold> {
    const hold = this.write(em, await this.find(em, request.siteId, request.name), request, now);
    await em.flush();
    return hold;
  }

  /** As `place`, with the unreleased hold of that name if there is one; for the next flush. */
  write(
    em: SqlEntityManager,
    existing: MaintenanceHold | undefined,
    request: HoldRequest,
    now: Date,
  ): MaintenanceHold {
    const { siteId, name, reason = '', message = null, url = null, expiresAt = null, actor } = request;
    const values = {
      reason,
      message,
      url,
      expiresAt,
      actor: actor.name,
      source: actor.source,
      updatedAt: now,
    };
    if (existing !== undefined) return em.assign(existing, values);
    const site = em.getReference(CloudflareSite, siteId);
    const data = { site, name, createdAt: now, ...values };
    return em.create(MaintenanceHold, data as RequiredEntityData<MaintenanceHold>);
  }

  /** Releases the unreleased hold of that name. Undefined: there is none. */
  async release(
    em: SqlEntityManager,
    release: { siteId: number; name: string; by: string },
    now: Date,
  ): Promise<MaintenanceHold | undefined> {
    const hold = await this.find(em, release.siteId, release.name);
    if (hold === undefined) return undefined;
    em.assign(hold, { releasedAt: now, releasedBy: release.by, updatedAt: now });
    await em.flush();
    return hold;
  }

  /** Releases everything that keeps the site down, expired or not. */
  async releaseAll(
    em: SqlEntityManager,
    release: { siteId: number; by: string },
    now: Date,
  ): Promise<MaintenanceHold[]> {
    const holds = await em.find(MaintenanceHold, { site: release.siteId, releasedAt: null }, lockedIn(em));
    for (const hold of holds) em.assign(hold, { releasedAt: now, releasedBy: release.by, updatedAt: now });
    await em.flush();
    return holds;
  }
}

function lockedIn(em: SqlEntityManager): { lockMode?: LockMode.PESSIMISTIC_WRITE } {
  return em.isInTransaction() ? { lockMode: LockMode.PESSIMISTIC_WRITE } : {};
}
