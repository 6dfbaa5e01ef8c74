import type { SqlEntityManager } from '@mikro-orm/sql';
import type { NoticeEvent, NoticeFacts } from '../../domain/notices.ts';
import type { ScheduledMaintenance } from '../../domain/scheduled-maintenance.ts';
import { NoticeOutbox } from '../../persistence/repositories/notice-outbox.ts';
import { WindowWorkRepository } from '../../persistence/repositories/window-work-repository.ts';

/** Domains that a notice names; the number of all is told in any case. */
const NAMED = 20;

export interface WindowNotice {
  event: NoticeEvent;
  /** Tells apart what can happen to a window more than once, such as a new end. */
  occasion?: string;
  /** What is special about this event. */
  more?: NoticeFacts;
}

/** Writes a notice about a window, in the transaction that makes the change. */
export async function tellOf(
  em: SqlEntityManager,
  now: () => Date,
  window: ScheduledMaintenance,
  { event, occasion, more = {} }: WindowNotice,
): Promise<void> {
  const subject = `window:${window.id}${occasion === undefined ? '' : `@${occasion}`}`;
  const members = await new WindowWorkRepository(em).members(window.id);
  const sites = members.map(({ domain }) => domain);
  await new NoticeOutbox(now).add(em, {
    event,
    subject,
    data: {
      window: { ...describeWindow(window), siteCount: sites.length, sites: sites.slice(0, NAMED) },
      ...more,
    },
  });
}

/** Whether people want to hear of the start or the end of this window. */
export function wantsNotice(window: ScheduledMaintenance, event: NoticeEvent): boolean {
  if (event === 'window.started') return window.notifyOnStart !== false;
  if (event === 'window.completed') return window.notifyOnComplete !== false;
  return true;
}

function describeWindow(window: ScheduledMaintenance) {
  return {
    id: window.id,
    title: window.title,
    description: window.description ?? '',
    status: window.status ?? 'scheduled',
    priority: window.priority ?? 'normal',
    start: window.scheduledStart.toISOString(),
    end: window.scheduledEnd.toISOString(),
    timezone: window.timezone ?? 'UTC',
    message: window.maintenanceMessage ?? '',
    outcome: window.outcome ?? '',
    actualStart: window.actualStart?.toISOString() ?? null,
    actualEnd: window.actualEnd?.toISOString() ?? null,
  };
}
