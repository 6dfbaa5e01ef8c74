const UNITS: readonly [Intl.RelativeTimeFormatUnit, number][] = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
];

const words = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });
const exact = new Intl.DateTimeFormat('en-GB', {
  dateStyle: 'medium',
  timeStyle: 'short',
});
const zone = new Intl.DateTimeFormat('en-GB', { timeZoneName: 'short' });

/** `in 2 hours`, `3 days ago`; anything within a minute is `now`. */
export function relative(time: string, now: number): string {
  const seconds = (Date.parse(time) - now) / 1000;
  const [unit, size] = UNITS.find(([, length]) => Math.abs(seconds) >= length) ?? ['second', Infinity];
  return words.format(Math.round(seconds / size), unit);
}

/** `23 Nov 2026, 04:45 CET`, in the zone of this browser. */
export function dayAndTime(time: string): string {
  const date = new Date(time);
  const name = zone.formatToParts(date).find(({ type }) => type === 'timeZoneName')?.value ?? '';
  return `${exact.format(date)} ${name}`.trim();
}
