import { nextOccurrences } from '../../domain/recurrence.ts';
import type { ScheduledMaintenance } from '../../domain/scheduled-maintenance.ts';
import { localText } from '../../domain/wall-clock.ts';

/** A window, or what a series will bring. */
export interface CalendarEntry {
  window: ScheduledMaintenance;
  start: Date;
  end: Date;
  /** True: this occurrence of the series is not a window of its own yet. */
  expected: boolean;
}

/** One day with everything that begins on it. */
export interface CalendarDay {
  /** `2026-12-01`, on the clock of the time zone that was asked for. */
  date: string;
  entries: CalendarEntry[];
}

/** Most occurrences of one series that a calendar shows. */
const MAX_OF_SERIES = 400;

/** What begins from `from` to `to`, by day. Of a series, the window that comes next stands for all after it. */
export function calendarOf(
  windows: readonly ScheduledMaintenance[],
  { from, to, timezone }: { from: Date; to: Date; timezone: string },
): CalendarDay[] {
  const entries = windows
    .flatMap((window) => [entryOf(window), ...expectedOf(window, to)])
    .filter(({ start, end }) => start < to && end > from)
    .sort((a, b) => a.start.getTime() - b.start.getTime() || a.window.id - b.window.id);
  const byDay = Map.groupBy(entries, ({ start }) => localText(start, timezone).slice(0, 10));
  return [...byDay].map(([date, ofDay]) => ({ date, entries: ofDay }));
}

function entryOf(window: ScheduledMaintenance): CalendarEntry {
  return { window, start: window.scheduledStart, end: window.scheduledEnd, expected: false };
}

function expectedOf(window: ScheduledMaintenance, to: Date): CalendarEntry[] {
  const { recurrence, timezone = 'UTC', status } = window;
  if (recurrence == null || status !== 'scheduled') return [];
  const after = window.occurrence ?? window.scheduledStart;
  return nextOccurrences({ expression: recurrence, timezone }, after, MAX_OF_SERIES)
    .filter((start) => start < to)
    .map((start) => ({
      window,
      start,
      end: new Date(start.getTime() + window.estimatedDuration * 1000),
      expected: true,
    }));
}
