import { CloudflareSite } from '../../domain/cloudflare-site.ts';
import type { MaintenanceLog } from '../../domain/maintenance-log.ts';
import type { Database } from '../../persistence/open-database.ts';
import { HeartbeatRepository } from '../../persistence/repositories/heartbeat-repository.ts';
import { batchedReads } from '../batch.ts';
import { findPending } from './pending.ts';
import type { Clock } from './ports.ts';
import { loadSituations, planOf, type Situation, throwRemoved } from './records.ts';

/** The name under which whatever runs the tick gives its signs of life. */
export const TICK_HEARTBEAT = 'tick';

/** Without a sign of life for longer than this, nothing is to be counted on. */
export const HEARTBEAT_ALIVE_MS = 5 * 60_000;

/** What every operation asks our database. Operations that ask at the same time are answered together. */
export class Reads {
  readonly #database: Database;
  readonly #clock: Clock;

  constructor(database: Database, clock: Clock) {
    this.#database = database;
    this.#clock = clock;
  }

  /** @throws IntermissionError `not_found` when the site has been removed meanwhile */
  async situation(siteId: number): Promise<Situation> {
    return (await this.#situation(siteId)) ?? throwRemoved();
  }

  readonly #situation = batchedReads(async (siteIds: readonly number[]) => {
    const found = await loadSituations(this.#database.read(), siteIds, this.#clock.now());
    const byId = new Map(found.map((situation) => [situation.site.id, situation]));
    return siteIds.map((id) => byId.get(id));
  });

  /** The rows of operations in the zone that never ended, oldest first. */
  readonly pendingIn = batchedReads(async (zoneIds: readonly string[]) => {
    const rows = await findPending(this.#database.read(), zoneIds);
    const byZone = Map.groupBy(rows, (row) => planOf(row).zoneId);
    return zoneIds.map((zoneId): MaintenanceLog[] => byZone.get(zoneId) ?? []);
  });

  /** Those of the domains that are sites in maintenance. */
  readonly closedAmong = batchedReads(async (questions: readonly (readonly string[])[]) => {
    const em = this.#database.read();
    const domains = [...new Set(questions.flat())];
    if (domains.length === 0) return questions.map(() => []);
    const places = domains.map(() => '?').join(', ');
    const select = `select id from cloudflare_site where maintenance_active and domain in (${places})`;
    const rows = await em.execute<{ id: number }[]>(select, domains);
    const ids = rows.map(({ id }) => id);
    const closed = ids.length === 0 ? [] : await em.find(CloudflareSite, { id: { $in: ids } });
    return questions.map((asked) => closed.filter(({ domain }) => asked.includes(domain)));
  });

  /** Whether something runs that reopens sites by itself. */
  isTickAlive(): Promise<boolean> {
    return this.#isTickAlive(undefined);
  }

  readonly #isTickAlive = batchedReads(async (questions: readonly undefined[]) => {
    const heartbeats = new HeartbeatRepository(this.#database.read(), () => this.#clock.now());
    const isAlive = await heartbeats.isAnyAlive([TICK_HEARTBEAT], HEARTBEAT_ALIVE_MS);
    return questions.map(() => isAlive);
  });
}
