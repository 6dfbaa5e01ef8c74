import { refusal } from './parameters.ts';

const UNITS = { d: 86_400, h: 3_600, m: 60, s: 1 } as const;
const SHAPE = /^(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?$/;

/** Longest duration that can be given: one year, in seconds. */
const ONE_YEAR = 365 * UNITS.d;

/**
 * Reads `90s`, `30m`, `1h30m`, `2h` or `1d` as seconds: whole numbers with units, largest unit first.
 *
 * @param limits smallest and largest accepted value in seconds; by default 1 second and 365 days
 * @throws IntermissionError `validation_failed`
 */
export function parseDuration(text: string, { min = 1, max = ONE_YEAR } = {}): number {
  const parts = text === '' ? null : SHAPE.exec(text);
  if (parts === null) throw refusal(text, 'is not a duration', 'Write it like 90s, 30m, 2h, 1h30m or 1d.');
  const [days, hours, minutes, seconds] = parts.slice(1).map((part) => Number(part ?? 0)) as Four;
  const total = days * UNITS.d + hours * UNITS.h + minutes * UNITS.m + seconds;
  const range = `Give a duration from ${formatDuration(min)} to ${formatDuration(max)}.`;
  if (total < min) throw refusal(text, 'is too short', range);
  if (total > max) throw refusal(text, 'is too long', range);
  return total;
}

type Four = [number, number, number, number];

/** Seconds as `1d 2h`, `1h 30m`, `45s`: at most two units, rounded down; `0s` for less than a second. */
export function formatDuration(seconds: number): string {
  let rest = Math.max(0, Math.floor(seconds));
  const parts: string[] = [];
  for (const [unit, size] of Object.entries(UNITS)) {
    const count = Math.floor(rest / size);
    rest -= count * size;
    if (count > 0) parts.push(`${count}${unit}`);
    else if (parts.length > 0) break;
  }
  return parts.length === 0 ? '0s' : parts.slice(0, 2).join(' ');
}
