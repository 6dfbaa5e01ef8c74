import { momentOfLocal, offsetAt } from '../domain/wall-clock.ts';
import type { Warning } from './command.ts';
import { refusal } from './parameters.ts';
import { parseTime } from './time.ts';

const LOCAL = /^(\d{4}-\d{2}-\d{2})[Tt ](\d{1,2}:\d{2})(:\d{2})?$/;
const WITH_ZONE = /(Z|[+-]\d{2}:?\d{2})$/i;
const EXAMPLES =
  'Write it like 2026-12-01T02:00:00Z, or with --tz like "2026-12-01 02:00" or "tomorrow 2am".';

/** The moment that somebody meant, and what is peculiar about it. */
export interface MeantTime {
  time: Date;
  warnings: Warning[];
}

/**
 * Reads a time as people write it: ISO 8601 with a zone; or, on the clock of a time zone, `2026-12-01 02:00` and words
 * such as `tomorrow 2am`, `next sunday 02:00`, `in 2 hours`.
 *
 * @throws IntermissionError `validation_failed`
 */
export async function parseMeantTime(
  text: string,
  timezone: string | undefined,
  now: Date,
): Promise<MeantTime> {
  if (/^\d{4}-/.test(text) && WITH_ZONE.test(text)) return { time: parseTime(text), warnings: [] };
  if (timezone === undefined) {
    const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
    throw refusal(
      text,
      'has no time zone, so the moment it means is not clear',
      `Name the zone with --tz, such as --tz ${here}. ${EXAMPLES}`,
    );
  }
  const local = LOCAL.exec(text);
  if (local === null) return parseWords(text, timezone, now);
  const [, day = '', minute = '', second = ':00'] = local;
  return momentOf(`${day}T${minute.padStart(5, '0')}${second}`, { text, timezone });
}

async function parseWords(text: string, timezone: string, now: Date): Promise<MeantTime> {
  const chrono = await import('chrono-node/en');
  const reference = { instant: now, timezone: offsetAt(now.getTime(), timezone) / 60_000 };
  const [found] = chrono.parse(text, reference, { forwardDate: true });
  if (found === undefined || found.text.length < text.trim().length) {
    throw refusal(text, 'is not a time', EXAMPLES);
  }
  const { start } = found;
  if (!start.isCertain('hour'))
    throw refusal(text, 'names no time of the day', 'Add one, such as "friday 02:00".');
  if (start.isCertain('timezoneOffset')) return { time: start.date(), warnings: [] };
  const part = (name: 'year' | 'month' | 'day' | 'hour' | 'minute' | 'second', width = 2) =>
    String(start.get(name) ?? 0).padStart(width, '0');
  const day = `${part('year', 4)}-${part('month')}-${part('day')}`;
  return momentOf(`${day}T${part('hour')}:${part('minute')}:${part('second')}`, { text, timezone });
}

/** @param local ISO 8601 without a zone */
function momentOf(local: string, { text, timezone }: { text: string; timezone: string }): MeantTime {
  parseTime(`${local}Z`);
  const { time, kind } = momentOfLocal(local, timezone);
  const warnings =
    kind === 'plain' ? [] : [{ code: `time_${kind}`, message: clockText(kind, text, timezone) }];
  return { time, warnings };
}

function clockText(kind: 'skipped' | 'repeated', text: string, timezone: string): string {
  return kind === 'skipped'
    ? `${text} does not exist in ${timezone}: clocks go forward then. The moment is taken that it would have been.`
    : `${text} comes twice in ${timezone}: clocks go back then. The first one is meant.`;
}
