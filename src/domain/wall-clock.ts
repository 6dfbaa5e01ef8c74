import { IntermissionError } from '../errors.ts';
import { shorten } from './domain-name.ts';

/** The moment that a local time means. */
export interface LocalMoment {
  time: Date;
  /**
   * `skipped`: clocks go forward over that local time; it is taken with the offset from before, and so is later on the
   * clock. `repeated`: clocks go back and it comes twice; the first one is meant.
   */
  kind: 'plain' | 'skipped' | 'repeated';
}

const DAY_MS = 86_400_000;
const formats = new Map<string, Intl.DateTimeFormat>();

/**
 * Checks the name of a time zone.
 *
 * @throws IntermissionError `validation_failed`
 */
export function parseTimezone(text: string): string {
  // Offsets such as +02:00 are understood by Intl, but know nothing of summer time.
  if (text.length <= 64 && /^[A-Za-z]/.test(text)) {
    try {
      formatOf(text);
      return text;
    } catch {
      // Not a zone.
    }
  }
  throw new IntermissionError('validation_failed', `"${shorten(text)}" is not a time zone.`, {
    hint: 'Use an IANA name, such as Europe/Berlin, America/New_York or UTC.',
  });
}

/** @param local wall-clock time, as ISO 8601 without a zone: `2026-12-01T02:00:00` */
export function momentOfLocal(local: string, timezone: string): LocalMoment {
  const wall = Date.parse(`${local}Z`);
  const [before, after] = [wall - DAY_MS, wall + DAY_MS].map((time) => offsetAt(time, timezone)) as [
    number,
    number,
  ];
  const fits = (offset: number) => offsetAt(wall - offset, timezone) === offset;
  if (before === after || !fits(after)) {
    return { time: new Date(wall - before), kind: fits(before) ? 'plain' : 'skipped' };
  }
  return fits(before)
    ? { time: new Date(wall - before), kind: 'repeated' }
    : { time: new Date(wall - after), kind: 'plain' };
}

/** `2026-12-01 02:00`: the wall-clock time of a moment, to the minute. */
export function localText(time: Date, timezone: string): string {
  return wallText(time, timezone).slice(0, 16);
}

/** Milliseconds that the zone is ahead of UTC at a moment. */
export function offsetAt(time: number, timezone: string): number {
  const whole = Math.floor(time / 1000) * 1000;
  return Date.parse(`${wallText(new Date(whole), timezone).replace(' ', 'T')}Z`) - whole;
}

function wallText(time: Date, timezone: string): string {
  return formatOf(timezone).format(time);
}

/** Swedish writes times as ISO 8601 does. */
function formatOf(timezone: string): Intl.DateTimeFormat {
  const known = formats.get(timezone);
  if (known !== undefined) return known;
  const format = new Intl.DateTimeFormat('sv-SE', {
    timeZone: timezone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  });
  formats.set(timezone, format);
  return format;
}
