import type { Intermission } from '../intermission.ts';
import { count, type Finding, finding } from './finding.ts';

/** So long a notice may wait for the first attempt before somebody should know. */
const LATE_MS = 10 * 60_000;
const SEE = 'See: intermission notice list; try the channels: intermission notice test';
const SEND = 'Run where the channels are configured: intermission process_scheduled_maintenance';

/** Whether people are told, and what nobody has got. */
export async function checkNotices({ notices }: Intermission, now: Date): Promise<Finding[]> {
  const undelivered = await notices.undelivered();
  const { channels } = notices;
  const how =
    channels.length === 0
      ? finding('Notices', 'ok', 'No channel is configured: nobody is told.', 'See docs/notifications.md')
      : finding('Notices', 'ok', `Sent by ${channels.join(' and ')}.`);
  const givenUp = undelivered.filter(({ nextAttemptAt }) => nextAttemptAt === null);
  const waiting = undelivered.filter(({ nextAttemptAt }) => nextAttemptAt !== null);
  const failing = waiting.filter(({ lastError }) => lastError !== null);
  const late = waiting.filter(
    ({ lastError, channel, createdAt }) =>
      lastError === null &&
      (channel !== null || channels.length > 0) &&
      now.getTime() - createdAt.getTime() > LATE_MS,
  );
  const found = [
    ...told(givenUp, 'could not be delivered, and nobody tries again', SEE),
    ...told(failing, 'could not be delivered so far', SEE),
    ...told(late, 'not sent yet', SEND),
  ];
  return [how, ...found];
}

function told(rows: readonly { lastError: string | null }[], says: string, hint: string): Finding[] {
  if (rows.length === 0) return [];
  const why = rows.at(-1)?.lastError;
  const message = `${count(rows.length, 'notice')} ${says}${why == null ? '.' : `: ${why}`}`;
  return [finding('Notices', 'warning', message, hint)];
}
