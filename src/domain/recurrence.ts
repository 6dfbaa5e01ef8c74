import { Cron } from 'croner';
import { IntermissionError } from '../errors.ts';
import { shorten } from './domain-name.ts';

/** When a series begins anew: five fields of cron, read on the clock of a time zone. */
export interface Recurrence {
  expression: string;
  /** IANA name. */
  timezone: string;
}

/** Occurrences that are looked at, to see whether they overlap. */
const LOOKED_AT = 50;

/**
 * The next occurrences after a moment. A time that names its hours and minutes (`30 2 * * *`) and that clocks going
 * forward skip begins when the gap ends; one that clocks going back repeat begins the first time only. With a star or
 * a step for minute or hour (`0 * * * *`) time goes on as it passes: a skipped hour is left out, a repeated one counts
 * twice.
 */
export function nextOccurrences(recurrence: Recurrence, after: Date, count: number): Date[] {
  return cronOf(recurrence).nextRuns(count, after);
}

/**
 * Checks a recurrence for windows of `durationSeconds` seconds.
 *
 * @throws IntermissionError `validation_failed` when it is not cron, never comes, or begins again before it has ended
 */
export function checkRecurrence(recurrence: Recurrence, durationSeconds: number, now: Date): void {
  const runs = nextOccurrences(recurrence, now, LOOKED_AT);
  if (runs.length === 0) throw refused(recurrence, 'never comes');
  const isTooSoon = runs.some((run, index) => {
    const next = runs[index + 1];
    return next !== undefined && next.getTime() - run.getTime() < durationSeconds * 1000;
  });
  if (isTooSoon) throw refused(recurrence, 'begins again before the window has ended');
}

function cronOf(recurrence: Recurrence): Cron {
  const { expression, timezone } = recurrence;
  try {
    return new Cron(expression, { timezone, mode: '5-part', fixedTimeRule: 'no-wildcard' });
  } catch (cause) {
    throw refused(recurrence, 'is not a cron expression', cause);
  }
}

function refused({ expression }: Recurrence, problem: string, cause?: unknown): IntermissionError {
  return new IntermissionError('validation_failed', `The recurrence "${shorten(expression)}" ${problem}.`, {
    hint: 'Write minute, hour, day, month and weekday: "0 2 * * 0" is every Sunday at 02:00.',
    cause,
  });
}
