import { localText } from '../domain/wall-clock.ts';
import type { Intermission } from '../intermission.ts';
import type { Warning } from './command.ts';

type Conflict = Awaited<ReturnType<Intermission['schedule']['findConflicts']>>[number];

const NAMED = 5;

/** One warning for each window that shares sites and time with a planned one. */
export function conflictWarnings(conflicts: readonly Conflict[]): Warning[] {
  return conflicts.map(({ window, sites }) => {
    const { id, title, status = 'scheduled', scheduledStart, scheduledEnd, timezone = 'UTC' } = window;
    const named = sites.slice(0, NAMED).join(', ');
    const more = sites.length > NAMED ? ` and ${sites.length - NAMED} more` : '';
    const time = `${localText(scheduledStart, timezone)} to ${localText(scheduledEnd, timezone)} ${timezone}`;
    const message = `Window ${id} (${title}, ${status}, ${time}) is about ${named}${more} at the same time. The sites reopen when the last of both ends.`;
    return { code: 'window_conflict', message };
  });
}

/** A window is only as good as whoever acts on it. */
export async function schedulerWarnings(app: Intermission): Promise<Warning[]> {
  if (await app.schedule.isProcessed()) return [];
  const message =
    'Nothing is running that acts on windows. Run `intermission process_scheduled_maintenance --watch`, or `intermission process_scheduled_maintenance` every minute from cron.';
  return [{ code: 'no_scheduler', message }];
}
