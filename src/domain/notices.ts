import type { JsonValue } from '../errors.ts';

/** Everything that people are told of. */
const NOTICE_EVENTS = [
  'window.upcoming',
  'window.started',
  'window.waiting',
  'window.completed',
  'window.extended',
  'window.rescheduled',
  'window.cancelled',
  'window.failed',
  'window.overdue',
  'site.not_reopened',
  'hold.overdue',
  'operation.failed',
] as const;
export type NoticeEvent = (typeof NOTICE_EVENTS)[number];

/** Something to tell, as it is written with the change that it tells of. */
export interface Notice {
  event: NoticeEvent;
  /**
   * Which one: `window:12`, `window:12@3`, `log:77`. Of each event there is one notice per subject, however many
   * processes see it.
   */
  subject: string;
  /** What the channels are given. Never a secret. */
  data: { [field: string]: JsonValue };
}
