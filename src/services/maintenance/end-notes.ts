import type { Note } from '../../engines/engine.ts';
import type { Intent } from './operation.ts';
import type { Reads } from './reads.ts';

/** An end is only as good as whoever acts on it: warns when nothing runs that would reopen the site. */
export async function endNotes(deps: { reads: Reads }, intent: Intent): Promise<Note[]> {
  if (intent.kind === 'disable' || intent.hold.expiresAt == null) return [];
  if (await deps.reads.isTickAlive()) return [];
  const message =
    'Nothing is running that reopens sites by itself. Run `intermission process_scheduled_maintenance` every minute from cron, or reopen the site yourself.';
  return [{ code: 'no_scheduler', message }];
}
