import { NOTICE_EVENTS, type NoticeEvent, type NoticeFacts } from '../domain/notices.ts';
import type { JsonValue } from '../errors.ts';
import { oneLine } from './channel.ts';

export interface Rendered {
  /** One line. */
  subject: string;
  /** Lines, ended by a newline. */
  text: string;
}

type Facts = NoticeFacts & { at?: string };

const PREFIX = 'Intermission: ';
const SHOWN_SITES = 20;

/** What a notice says to people: a subject, the facts, and what to do. `payload` is what the outbox has kept of it. */
export function renderNotice(event: string, payload: JsonValue): Rendered {
  const isRecord = typeof payload === 'object' && payload !== null && !Array.isArray(payload);
  const facts: Facts = isRecord ? payload : {};
  const known = NOTICE_EVENTS.find((each) => each === event);
  const { says, todo } = known === undefined ? { says: event, todo: undefined } : WORDS[known](facts);
  const lines = [
    oneLine(says),
    '',
    ...linesOf(facts).map(([label, value]) => `${`${label}:`.padEnd(8)} ${value}`),
    ...(todo === undefined ? [] : ['', `What to do: ${todo}`]),
  ];
  return { subject: oneLine(`${PREFIX}${says}`), text: `${lines.join('\n')}\n` };
}

/** What a test says; `from` is who asked for it, and where. */
export function renderTest(from: string): Rendered {
  const says = 'This is a test. Notices reach you.';
  return { subject: `${PREFIX}test`, text: `${says}\n\nSent by:  ${oneLine(from)}\n` };
}

interface Words {
  says: string;
  todo?: string;
}

const WORDS: Record<NoticeEvent, (facts: Facts) => Words> = {
  'window.upcoming': ({ window }) => ({
    says: `${named(window)} begins ${momentOf(window?.start, window)}`,
    todo: `nothing, or move it: intermission schedule reschedule ${window?.id}`,
  }),
  'window.started': ({ window }) => ({ says: `${named(window)} has begun` }),
  'window.waiting': ({ window }) => ({
    says: `${named(window)} waits for somebody to begin it`,
    todo: `close its sites: intermission schedule run ${window?.id}`,
  }),
  'window.completed': ({ window }) => ({ says: `${named(window)} is over` }),
  'window.extended': ({ window }) => ({
    says: `${named(window)} now ends ${momentOf(window?.end, window)}`,
  }),
  'window.rescheduled': ({ window }) => ({
    says: `${named(window)} now begins ${momentOf(window?.start, window)}`,
  }),
  'window.cancelled': ({ window }) => ({ says: `${named(window)} is cancelled` }),
  'window.failed': ({ window }) => ({
    says: `${named(window)} has failed`,
    todo: `see intermission schedule show ${window?.id}`,
  }),
  'window.overdue': ({ window }) => ({
    says: `${named(window)} should be over, and is not`,
    todo: `see why (intermission schedule show ${window?.id}), or reopen its sites: intermission schedule complete ${window?.id}`,
  }),
  'site.not_reopened': ({ site, window, failures = [] }) => {
    const sites = site == null ? failures.map((failure) => failure.site) : [site];
    const which = sites.length === 1 ? sites[0] : `${sites.length} sites`;
    return {
      says: `${which} could not be reopened${window === undefined ? '' : ` after ${quoted(window.title)}`}`,
      todo: `nothing yet: it is tried again and again. See why: intermission maintenance status ${sites[0] ?? '--all'} --live`,
    };
  },
  'hold.overdue': ({ site, hold, maxHours }) => ({
    says: `${site ?? 'a site'} has been in maintenance for ${maxHours === undefined ? 'very long' : `more than ${maxHours} h`}`,
    todo: `if nobody needs it any more: intermission maintenance disable ${site}${hold === undefined || hold === 'manual' ? '' : ` --hold ${hold}`}`,
  }),
  'operation.failed': ({ site, action, logId, failureCount }) => ({
    says: `${failureCount === undefined ? (site ?? 'a site') : `${failureCount} sites`} could not be ${VERBS[action ?? ''] ?? 'changed'}`,
    todo: `see intermission log ${failureCount === undefined ? `show ${logId}` : 'list --status failed'}`,
  }),
};

const VERBS: Record<string, string> = { enable: 'closed', disable: 'reopened' };

function named(window: Facts['window']): string {
  return window === undefined ? 'Planned maintenance' : `Maintenance ${quoted(window.title)}`;
}

function quoted(title: string): string {
  return `"${oneLine(title)}"`;
}

type Line = [label: string, value: string | undefined];

/** The facts that are there, in the order in which people ask for them. */
function linesOf(facts: Facts): [string, string][] {
  const {
    site,
    window,
    before,
    failures = [],
    failureCount = failures.length,
    hold,
    since,
    error,
    reason,
    note,
    at,
  } = facts;
  const by = [facts.by, facts.actor, facts.source].filter((part) => part !== undefined && part !== '');
  const lines: Line[] = [
    ['Site', site ?? undefined],
    ['Window', window && `${quoted(window.title)} (${window.id})`],
    ['Begins', momentOf(window?.start, window)],
    ['Ends', momentOf(window?.end, window)],
    ['Before', momentOf(before, window)],
    ['Sites', listed(window?.sites, window?.siteCount)],
    ['Outcome', window?.outcome],
    ...failures.slice(0, SHOWN_SITES).map((failed): Line => ['Failed', `${failed.site}: ${failed.error}`]),
    ['Failed', moreThan(SHOWN_SITES, failureCount)],
    ['Hold', hold],
    ['Since', momentOf(since, window)],
    ['Error', error && [error.code, error.message].filter((part) => part !== null).join(': ')],
    ['Reason', reason],
    ['By', by.join(', ')],
    ['Note', note],
    ['Time', momentOf(at, window)],
  ];
  return lines.flatMap(([label, value]) => {
    const text = value === undefined ? '' : oneLine(value);
    return text === '' ? [] : [[label, text]];
  });
}

function moreThan(shown: number, all: number): string | undefined {
  return all > shown ? `and ${all - shown} more` : undefined;
}

function listed(domains: readonly string[] = [], count = domains.length): string | undefined {
  if (domains.length === 0) return undefined;
  const more = count - Math.min(domains.length, SHOWN_SITES);
  return domains.slice(0, SHOWN_SITES).join(', ') + (more > 0 ? ` and ${more} more` : '');
}

/** `2026-12-01 02:00 Europe/Berlin (01:00 UTC)`; the date of UTC where it is another one. */
function momentOf(iso: string | undefined, zone?: { timezone: string }): string | undefined {
  if (iso === undefined) return undefined;
  const time = new Date(iso);
  if (Number.isNaN(time.getTime())) return iso;
  const utc = time.toISOString().slice(0, 16).replace('T', ' ');
  const timezone = zone?.timezone ?? 'UTC';
  const local = timezone === 'UTC' ? undefined : inZone(time, timezone);
  if (local === undefined) return `${utc} UTC`;
  const [day, clock] = utc.split(' ');
  return `${local} ${timezone} (${local.startsWith(`${day} `) ? clock : utc} UTC)`;
}

function inZone(time: Date, timeZone: string): string | undefined {
  try {
    // Swedish writes dates as ISO 8601 does.
    return time.toLocaleString('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'short' });
  } catch {
    return undefined;
  }
}
