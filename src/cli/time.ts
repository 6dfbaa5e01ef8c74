import { refusal } from './parameters.ts';

const SHAPE =
  /^(\d{4}-\d{2}-\d{2})[Tt ](\d{2}:\d{2})(?::(\d{2})(?:\.(\d{1,3})\d*)?)?(Z|z|[+-]\d{2}:?\d{2})?$/;

const EXAMPLE = 'Write it like 2026-03-01T22:30:00Z or 2026-03-01T22:30+01:00.';

/**
 * Reads an ISO 8601 time with a zone (`Z` or an offset). A time without a zone is refused: it would mean
 * another moment on another machine.
 *
 * @throws IntermissionError `validation_failed`
 */
export function parseTime(text: string): Date {
  const parts = SHAPE.exec(text);
  if (parts === null) throw refusal(text, 'is not a time', EXAMPLE);
  const [, day = '', minute = '', second = '00', fraction = '0', zone] = parts;
  if (zone === undefined) {
    throw refusal(
      text,
      'has no time zone, so the moment it means is not clear',
      `Add Z or an offset. ${EXAMPLE}`,
    );
  }
  const local = `${day}T${minute}:${second}.${fraction.padEnd(3, '0')}`;
  const time = new Date(`${local}${isoZone(zone)}`);
  if (Number.isNaN(time.getTime()) || !isCalendarTime(local)) {
    throw refusal(text, 'is not a time of the calendar', EXAMPLE);
  }
  return time;
}

/** `2026-03-01T22:30:00Z`: UTC to the second. */
export function formatTime(time: Date): string {
  return `${time.toISOString().slice(0, 19)}Z`;
}

/** `12 min ago`, `in 3 h`, `just now`: one unit, rounded down. */
export function formatRelative(time: Date, now: Date): string {
  const seconds = Math.floor(Math.abs(time.getTime() - now.getTime()) / 1000);
  if (seconds < 5) return 'just now';
  const amount = oneUnit(seconds);
  return time < now ? `${amount} ago` : `in ${amount}`;
}

function oneUnit(seconds: number): string {
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3_600)} h`;
  const days = Math.floor(seconds / 86_400);
  return days === 1 ? '1 day' : `${days} days`;
}

function isoZone(zone: string): string {
  if (zone.toUpperCase() === 'Z') return 'Z';
  return zone.includes(':') ? zone : `${zone.slice(0, 3)}:${zone.slice(3)}`;
}

/** `Date` takes 30 February as 2 March and 24:00 as the next day. */
function isCalendarTime(local: string): boolean {
  const asUtc = new Date(`${local}Z`);
  return !Number.isNaN(asUtc.getTime()) && asUtc.toISOString() === `${local}Z`;
}
