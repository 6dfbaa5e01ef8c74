import type { SqlEntityManager } from '@mikro-orm/sql';
import type { SiteOfWindow, WindowHold, WindowMember } from '../../domain/window-plan.ts';
import { isSqlite, leaseClockSql } from '../database-clock.ts';
import { FLEETING } from '../sqlite-dialect.ts';

/** How long somebody who works on a window is left alone with it. */
const LEASE_MS = 60_000;

/** A hold of a window that is not active: it is to go. */
export interface StrayHold {
  windowId: number;
  siteId: number;
  domain: string;
}

/** The name of the hold that a window has on its sites. */
export function holdNameOf(windowId: number): string {
  return `window:${windowId}`;
}

/** What the processing of windows asks: each method is one statement, and none loads an entity. */
export class WindowWorkRepository {
  readonly #em: SqlEntityManager;

  constructor(em: SqlEntityManager) {
    this.#em = em;
  }

  /** The windows that there is something to do about, the most important first. */
  async due(now: Date): Promise<number[]> {
    const rows = await this.#em.execute<{ id: number }[]>(DUE_SQL, [now, now, now, now]);
    return rows.map(({ id }) => Number(id));
  }

  /** The windows whose notice before the start is due. */
  async toAnnounce(now: Date): Promise<number[]> {
    const rows = await this.#em.execute<{ id: number }[]>(
      `select id from scheduled_maintenance where announce_at <= ? and status = 'scheduled' order by id`,
      [now],
    );
    return rows.map(({ id }) => Number(id));
  }

  /** The first moment after `since` at which something starts, ends, or is to be tried or told. */
  async nextDue(since: Date): Promise<Date | undefined> {
    const moments = Array.from({ length: 6 }, () => since);
    const [row] = await this.#em.execute<{ at: Date | number | null }[]>(NEXT_SQL, moments);
    return row?.at == null ? undefined : new Date(row.at);
  }

  /** The sites of a window, by domain. */
  async members(windowId: number): Promise<WindowMember[]> {
    const rows = await this.#em.execute<{ id: number; domain: string; active: unknown }[]>(
      `select s.id, s.domain, s.maintenance_active as active from window_site w
       join cloudflare_site s on s.id = w.cloudflare_site_id
       where w.scheduled_maintenance_id = ? order by s.domain`,
      [windowId],
    );
    return rows.map(({ id, domain, active }) => ({ siteId: id, domain, maintenanceActive: Boolean(active) }));
  }

  /** The sites of a window with an operation that never ended: it may have left a rule, and no hold. */
  unsettled(windowId: number): Promise<SiteOfWindow[]> {
    return this.#em.execute<SiteOfWindow[]>(
      `select s.id as "siteId", s.domain from window_site w
       join cloudflare_site s on s.id = w.cloudflare_site_id
       where w.scheduled_maintenance_id = ?
         and exists (select 1 from maintenance_log l where l.site_id = s.id and l.status = 'pending')
       order by s.domain`,
      [windowId],
    );
  }

  /** The holds that a window has or had, by domain. */
  async holds(windowId: number): Promise<WindowHold[]> {
    const rows = await this.#em.execute<HoldRow[]>(
      `select h.site_id as site, s.domain, h.created_at as placed, h.released_at as released, h.released_by as by
       from maintenance_hold h join cloudflare_site s on s.id = h.site_id
       where h.name = ? order by s.domain, h.id`,
      [holdNameOf(windowId)],
    );
    return rows.map(({ site, domain, placed, released, by }) => ({
      siteId: site,
      domain,
      placedAt: new Date(placed),
      releasedAt: released === null ? null : new Date(released),
      releasedBy: by,
    }));
  }

  /** Holds of windows that are not active: one was placed at the moment in which its window was ended. */
  async strayHolds(): Promise<StrayHold[]> {
    const rows = await this.#em.execute<{ window: number; site: number; domain: string }[]>(STRAY_SQL);
    return rows.map(({ window, site, domain }) => ({ windowId: Number(window), siteId: site, domain }));
  }

  /** Moves the end of the holds that a window has. */
  async moveEnd(windowId: number, end: Date | null): Promise<void> {
    await this.#em.execute(
      'update maintenance_hold set expires_at = ? where name = ? and released_at is null',
      [end, holdNameOf(windowId)],
      'run',
    );
  }

  /** Takes a window in hand, or keeps it there. False: somebody else has it, and is alive as far as is known. */
  async lease(windowId: number, token: string): Promise<boolean> {
    const now = leaseClockSql(this.#em);
    const runs = `leased_at is not null and leased_at <= ${now} and leased_at + ${LEASE_MS} > ${now}`;
    const rows = await this.#em.execute(
      `${FLEETING} update scheduled_maintenance set lease_token = ?, leased_at = ${now}
       where id = ? and (lease_token = ? or not (${runs})) returning id`,
      [token, windowId, token],
    );
    return rows.length > 0;
  }

  /** Nothing happens when somebody else has it by now. */
  async release(windowId: number, token: string): Promise<void> {
    await this.#em.execute(
      `${FLEETING} update scheduled_maintenance set lease_token = null, leased_at = null
       where id = ? and lease_token = ?`,
      [windowId, token],
      'run',
    );
  }

  /** Windows that have not ended and share a site and a time with a planned one. */
  async overlapping(plan: {
    siteIds: readonly number[];
    start: Date;
    end: Date;
  }): Promise<{ windowId: number; domain: string }[]> {
    if (plan.siteIds.length === 0) return [];
    const ids = isSqlite(this.#em)
      ? 'in (select value from json_each(?))'
      : 'in (select cast(value as integer) from json_array_elements_text(?))';
    const rows = await this.#em.execute<{ id: number; domain: string }[]>(
      `select w.id, s.domain from scheduled_maintenance w
       join window_site m on m.scheduled_maintenance_id = w.id
       join cloudflare_site s on s.id = m.cloudflare_site_id
       where w.status in ('scheduled', 'active') and w.scheduled_start < ? and w.scheduled_end > ?
         and s.id ${ids}
       order by w.scheduled_start, w.id, s.domain`,
      [plan.end, plan.start, JSON.stringify(plan.siteIds)],
    );
    return rows.map(({ id, domain }) => ({ windowId: id, domain }));
  }
}

interface HoldRow {
  site: number;
  domain: string;
  placed: Date | number;
  released: Date | number | null;
  by: string | null;
}

/**
 * An active window is looked at when a site of it lacks its hold (see `planClosing`), or when it has ended. `wish` and
 * a passed end come first: they do not wait for the next attempt.
 */
const DUE_SQL = `
  select id from scheduled_maintenance w
  where (status = 'scheduled' and (scheduled_start <= ? or wish = 'run'))
    or (status = 'active' and (wish in ('complete', 'cancel') or scheduled_end <= ? or exists (
      select 1 from window_site m join cloudflare_site s on s.id = m.cloudflare_site_id
      where m.scheduled_maintenance_id = w.id and not exists (
        select 1 from maintenance_hold h
        where h.site_id = s.id and h.name = 'window:' || w.id
          and ((h.released_at is null and s.maintenance_active) or h.released_by not in ('its end', 'scheduler'))
      )))
      and (retry_at is null or retry_at <= ?))
  order by case priority when 'critical' then 0 when 'high' then 1 when 'normal' then 2 else 3 end,
    case when scheduled_end <= ? then 0 else 1 end, scheduled_start, id`;

const NEXT_SQL = `
  select min(at) as at from (
    select min(scheduled_start) as at from scheduled_maintenance where status = 'scheduled' and scheduled_start > ?
    union all select min(announce_at) from scheduled_maintenance where announce_at > ?
    union all select min(scheduled_end) from scheduled_maintenance where status = 'active' and scheduled_end > ?
    union all select min(retry_at) from scheduled_maintenance where status = 'active' and retry_at > ?
    union all select min(expires_at) from maintenance_hold where released_at is null and expires_at > ?
    union all select min(next_attempt_at) from notification where delivered_at is null and next_attempt_at > ?
  ) moments`;

const STRAY_SQL = `
  select cast(substr(h.name, 8) as integer) as window, h.site_id as site, s.domain
  from maintenance_hold h join cloudflare_site s on s.id = h.site_id
  where h.released_at is null and h.name like 'window:%' and not exists (
    select 1 from scheduled_maintenance w
    where w.id = cast(substr(h.name, 8) as integer) and w.status = 'active')
  order by s.domain`;
