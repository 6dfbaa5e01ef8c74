import type { MaintenanceLog } from '../../domain/maintenance-log.ts';
import { NoticeOutbox } from '../../persistence/repositories/notice-outbox.ts';
import { holdNameOf, WindowWorkRepository } from '../../persistence/repositories/window-work-repository.ts';
import type { TickFailure } from '../maintenance/maintenance-tick.ts';
import { lockWindow } from './advance.ts';
import type { WindowParts } from './process-window.ts';
import { tellOf } from './window-notices.ts';

/** Releases the holds of windows that have ended meanwhile. */
export async function releaseStrayHolds(
  { database, holds }: WindowParts,
  signal: AbortSignal | undefined,
): Promise<{ released: MaintenanceLog[]; failed: TickFailure[] }> {
  const stray = await new WindowWorkRepository(database.read()).strayHolds();
  const changes = stray.map(({ siteId, domain, windowId }) => ({
    siteId,
    domain,
    hold: holdNameOf(windowId),
    reason: `Window ${windowId} has ended`,
  }));
  const outcomes = await holds(({ release }) => release(changes, signal));
  return {
    released: outcomes.flatMap(({ log, error }) => (error === undefined && log !== undefined ? [log] : [])),
    failed: outcomes.flatMap(({ domain, error }) => (error === undefined ? [] : [{ domain, error }])),
  };
}

/** Writes the notices before the start of windows. */
export async function announceWindows({ database, now }: WindowParts): Promise<void> {
  for (const id of await new WindowWorkRepository(database.read()).toAnnounce(now())) {
    await database.transaction(async (em) => {
      const window = await lockWindow(em, id);
      if (window?.announceAt == null || window.announceAt > now() || window.status !== 'scheduled') return;
      window.announceAt = null;
      // Nobody was there to say so in time.
      if (window.scheduledStart <= now()) return;
      await tellOf(em, now, window, {
        event: 'window.upcoming',
        occasion: window.scheduledStart.toISOString(),
      });
    });
  }
}

/** Writes a notice of every hold that is older than `maxHours`; 0 for none. */
export async function tellOfLongHolds(
  { database, now }: Pick<WindowParts, 'database' | 'now'>,
  maxHours: number,
): Promise<void> {
  if (maxHours === 0) return;
  const oldest = new Date(now().getTime() - maxHours * 3_600_000);
  const holds = await database.read().execute<LongHold[]>(LONG_HOLDS_SQL, [oldest]);
  if (holds.length === 0) return;
  await database.transaction(async (em) => {
    for (const { id, domain, name, reason, actor, since } of holds) {
      const data = {
        site: domain,
        hold: name,
        reason,
        by: actor,
        since: new Date(since).toISOString(),
        maxHours,
      };
      await new NoticeOutbox(now).add(em, { event: 'hold.overdue', subject: `hold:${id}`, data });
    }
  });
}

interface LongHold {
  id: number;
  domain: string;
  name: string;
  reason: string;
  actor: string;
  since: Date | number;
}

const LONG_HOLDS_SQL = `
  select h.id, s.domain, h.name, h.reason, h.actor, h.created_at as since
  from maintenance_hold h join cloudflare_site s on s.id = h.site_id
  where h.released_at is null and h.created_at <= ? and not exists (
    select 1 from notification where subject = 'hold.overdue hold:' || h.id)
  order by h.id`;
