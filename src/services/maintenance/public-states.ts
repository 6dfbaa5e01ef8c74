import type { SqlEntityManager } from '@mikro-orm/sql';
import { readBrand, type TemplateName } from '../../domain/brand.ts';
import type { CloudflareSite } from '../../domain/cloudflare-site.ts';
import { isInForce, summarizeHolds } from '../../domain/holds.ts';
import { MaintenanceHold } from '../../domain/maintenance-hold.ts';
import { MaintenanceLog } from '../../domain/maintenance-log.ts';
import { EDGE_LAG_MS, type PublicState } from '../../domain/public-page.ts';
import { ScheduledMaintenance } from '../../domain/scheduled-maintenance.ts';

/** Rows of operations that began before this, and ended just now, are rare enough to show a little later. */
const LONGEST_OPERATION_MS = 15 * 60_000;
/** Most ids in one question. Of more sites that open at once, the others wait until the edge must know. */
const CHUNK = 1_000;
/** Holds that the scheduler places are named after their window. */
const WINDOW_HOLD = /^window:(\d+)$/;

/** Every site that visitors may be sent to the page for: closed, or opened so lately that the edge may not know. */
export async function findPublicStates(em: SqlEntityManager, now: Date): Promise<PublicState[]> {
  const since = new Date(now.getTime() - EDGE_LAG_MS);
  const holds = await em.find(
    MaintenanceHold,
    { $or: [{ releasedAt: null }, { releasedAt: { $gt: since } }] },
    { populate: ['site'], strategy: 'select-in', orderBy: { id: 'asc' } },
  );
  const bySite = Map.groupBy(holds, (hold) => hold.site as CloudflareSite);
  const closed = [...bySite].filter(([site]) => site.maintenanceActive === true);
  const opened = [...bySite.keys()].filter((site) => site.maintenanceActive !== true);
  const templates = await windowTemplates(em, holds);
  const proven = await provenOpen(em, opened, since);
  return [
    ...closed.map(([site, all]) => closedState(site, all, templates, now)),
    ...opened
      .filter(({ id }) => !proven.has(id))
      .map((site): PublicState => ({ ...stateOf(site), state: 'reopening' })),
  ];
}

/**
 * Changes whenever what {@link findPublicStates} finds may have changed. One statement, over the holds that are not
 * released and the rows of the last two minutes.
 */
export async function publicStatesVersion(em: SqlEntityManager, now: Date): Promise<string> {
  const since = new Date(now.getTime() - EDGE_LAG_MS);
  const began = new Date(since.getTime() - LONGEST_OPERATION_MS);
  const rows = await em.execute<Record<string, unknown>[]>(VERSION, [now, since, began]);
  return JSON.stringify(rows[0]);
}

const VERSION = `
  select
    count(*) as holds, sum(h.id) as ids, max(h.updated_at) as edited,
    sum(case when h.expires_at <= ? then 1 else 0 end) as ended,
    sum(s.version) as versions, max(s.updated_at) as sites_edited,
    (select count(*) from maintenance_hold where released_at > ?) as released,
    (select count(*) from maintenance_log
      where status = 'success' and created_at > ? and proof = 'proven') as proven,
    (select max(updated_at) from scheduled_maintenance where status = 'active') as windows_edited
  from maintenance_hold h join cloudflare_site s on s.id = h.site_id
  where h.released_at is null`;

function stateOf(site: CloudflareSite) {
  return {
    domain: site.domain,
    message: null,
    until: null,
    template: null,
    brand: readBrand(site.brand),
  };
}

function closedState(
  site: CloudflareSite,
  all: readonly MaintenanceHold[],
  templates: ReadonlyMap<string, TemplateName>,
  now: Date,
): PublicState {
  const unreleased = all.filter(({ releasedAt }) => releasedAt == null);
  const inForce = unreleased.filter((hold) => isInForce(hold, now));
  // When all have ended and the site is still closed, it takes longer than was said.
  const holds = inForce.length > 0 ? inForce : unreleased;
  const { message, until } = summarizeHolds(holds);
  const window = holds.findLast(({ name }) => templates.has(name));
  return {
    ...stateOf(site),
    state: 'closed',
    message: message ?? null,
    until: until ?? null,
    template: templates.get(window?.name ?? '') ?? null,
  };
}

/** The template of each window that holds a site, by the name of the hold. */
async function windowTemplates(
  em: SqlEntityManager,
  holds: readonly MaintenanceHold[],
): Promise<Map<string, TemplateName>> {
  const ids = new Set(holds.flatMap(({ name }) => WINDOW_HOLD.exec(name)?.slice(1).map(Number) ?? []));
  if (ids.size === 0) return new Map();
  const windows = await em.find(ScheduledMaintenance, { id: { $in: [...ids].slice(0, CHUNK) } });
  return new Map(windows.map(({ id, template = 'modern' }) => [`window:${id}`, template as TemplateName]));
}

/** Ids of the sites that visits have shown to be open since they were opened last. */
async function provenOpen(
  em: SqlEntityManager,
  opened: readonly CloudflareSite[],
  since: Date,
): Promise<Set<number>> {
  if (opened.length === 0) return new Set();
  const ids = opened.slice(0, CHUNK).map(({ id }) => id);
  const rows = await em.find(
    MaintenanceLog,
    { site: { $in: ids }, action: 'disable', status: 'success', finishedAt: { $gt: since } },
    { orderBy: { id: 'asc' } },
  );
  // The proof of an earlier opening says nothing about this one.
  const last = new Map(rows.flatMap((row) => (row.site == null ? [] : [[row.site.id, row] as const])));
  return new Set([...last].filter(([, { proof }]) => proof === 'proven').map(([id]) => id));
}
