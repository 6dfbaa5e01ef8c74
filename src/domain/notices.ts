/** Everything that people are told of. */
export const NOTICE_EVENTS = [
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
  data: NoticeFacts;
}

/** What a notice can tell, each where it is known. Times are ISO 8601 in UTC. */
export type NoticeFacts = {
  /** Domain of the site that it is about. */
  site?: string | null;
  /** The window that it is about. */
  window?: {
    id: number;
    title: string;
    start: string;
    end: string;
    /** IANA name: people are told the time of day there, and that of UTC. */
    timezone: string;
    /** Domains, or the first of them; `siteCount` is the number of all. */
    sites: string[];
    siteCount?: number;
    /** Why it ended as it did. */
    outcome?: string;
    description?: string;
    /** What visitors are told. */
    message?: string;
    status?: string;
    priority?: string;
    actualStart?: string | null;
    actualEnd?: string | null;
  };
  /** Where a window was moved: when it was to begin before. */
  before?: string;
  /** Sites that could not be switched, and why. */
  failures?: { site: string; error: string }[];
  /** The number of all, where only the first of them are among `failures`. */
  failureCount?: number;
  /** Name of the hold, since when it is there, and how long one may be. */
  hold?: string;
  since?: string;
  maxHours?: number;
  logId?: number;
  action?: string;
  reason?: string;
  /** Who did it. */
  by?: string;
  actor?: string;
  source?: string;
  error?: { code: string | null; message: string | null };
  /** What else there is to say, as a sentence. */
  note?: string;
};
