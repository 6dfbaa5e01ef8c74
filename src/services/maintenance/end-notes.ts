import type { Note } from '../../engines/engine.ts';
import type { Database } from '../../persistence/open-database.ts';
import { HeartbeatRepository } from '../../persistence/repositories/heartbeat-repository.ts';
import type { Intent } from './operation.ts';
import type { Clock } from './ports.ts';

/** The name under which whatever runs the tick gives its signs of life. */
export const TICK_HEARTBEAT = 'tick';

const ALIVE_MS = 5 * 60_000;

/** An end is only as good as whoever acts on it: warns when nothing runs that would reopen the site. */
export async function endNotes(deps: { database: Database; clock: Clock }, intent: Intent): Promise<Note[]> {
  if (intent.kind === 'disable' || intent.hold.expiresAt == null) return [];
  const heartbeats = new HeartbeatRepository(deps.database.read(), () => deps.clock.now());
  if (await heartbeats.isAnyAlive([TICK_HEARTBEAT], ALIVE_MS)) return [];
  const message =
    'Nothing is running that reopens sites by itself. Run `intermission process_scheduled_maintenance` every minute from cron, or reopen the site yourself.';
  return [{ code: 'no_scheduler', message }];
}
