import { parseDuration } from './duration.ts';
import { refusal } from './parameters.ts';
import { parseTime } from './time.ts';

/**
 * Reads the beginning of a period: a time (`2026-03-01T22:30:00Z`), or how long ago it was (`2h`, `7d`).
 *
 * @returns a function that tells the moment, given what time it is
 * @throws IntermissionError `validation_failed`
 */
export function parseSince(text: string): (now: Date) => Date {
  if (/^\d{4}-/.test(text)) {
    const time = parseTime(text);
    return () => time;
  }
  const seconds = secondsAgo(text);
  return (now) => new Date(now.getTime() - seconds * 1000);
}

function secondsAgo(text: string): number {
  try {
    return parseDuration(text, { max: 100 * 365 * 86_400 });
  } catch {
    const hint = 'Write it like 2026-03-01T22:30:00Z, or how long ago: 30m, 2h, 7d.';
    throw refusal(text, 'is neither a time nor a duration', hint);
  }
}
