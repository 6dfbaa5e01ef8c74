import { TEMPLATES, type TemplateName } from '../../domain/brand.ts';
import type { CloudflareSite } from '../../domain/cloudflare-site.ts';
import { shorten } from '../../domain/domain-name.ts';
import { checkRecurrence, nextOccurrences } from '../../domain/recurrence.ts';
import { PRIORITIES, type Priority } from '../../domain/scheduled-maintenance.ts';
import { parseTimezone } from '../../domain/wall-clock.ts';
import { IntermissionError } from '../../errors.ts';

/** Which sites a window is about, told anew when it starts. Inactive sites are never among them. */
export interface SiteSelection {
  all?: boolean | undefined;
  /** Domain or name contains this text. */
  search?: string | undefined;
  /** Sites that use the API key of this name. */
  apiKey?: string | undefined;
}

/** A window as it is asked for. */
export interface WindowInput {
  title: string;
  description?: string | undefined;
  /** Left out with a recurrence: the first time that it comes. */
  start?: Date | undefined;
  /** Seconds, at most 365 days. */
  durationSeconds: number;
  /** IANA name; `UTC` unless given. The recurrence is read on its clock, and people are shown it. */
  timezone?: string | undefined;
  /** Five fields of cron. */
  recurrence?: string | undefined;
  /** Domains or sites. Either these or a selection. */
  sites?: readonly (string | CloudflareSite)[] | undefined;
  selection?: SiteSelection | undefined;
  priority?: Priority | undefined;
  /** What visitors may read. */
  message?: string | undefined;
  template?: TemplateName | undefined;
  /** False: a person closes the sites, with `start`. */
  autoEnable?: boolean | undefined;
  /** False: a person reopens them, with `complete`. */
  autoDisable?: boolean | undefined;
  /** Seconds before the start; 3600 unless given, 0 for no notice. */
  notifyBefore?: number | undefined;
  notifyOnStart?: boolean | undefined;
  notifyOnComplete?: boolean | undefined;
}

const MAX_SECONDS = 365 * 86_400;
const MAX_NOTIFY_SECONDS = 30 * 86_400;

/**
 * Checks everything of a window but its sites.
 *
 * @throws IntermissionError `validation_failed`
 */
export function parseWindow(input: WindowInput, now: Date) {
  const timezone = parseTimezone(input.timezone ?? 'UTC');
  const estimatedDuration = parseSeconds(input.durationSeconds);
  return {
    title: text('title', input.title, 200, 1),
    description: text('description', input.description ?? '', 10_000),
    maintenanceMessage: text('message', input.message ?? '', 2_000),
    timezone,
    estimatedDuration,
    recurrence: input.recurrence ?? null,
    start: startOf(input, { timezone, estimatedDuration }, now),
    priority: oneOf('priority', input.priority ?? 'normal', PRIORITIES),
    template: oneOf('template', input.template ?? 'modern', TEMPLATES),
    autoEnable: input.autoEnable ?? true,
    autoDisable: input.autoDisable ?? true,
    notifyBefore: parseNotifyBefore(input.notifyBefore ?? 3_600),
    notifyOnStart: input.notifyOnStart ?? true,
    notifyOnComplete: input.notifyOnComplete ?? true,
  };
}

/** @throws IntermissionError `validation_failed` */
export function parseStart(start: Date, now: Date): Date {
  if (Number.isNaN(start.getTime())) throw refused('The start is not a time.', 'Give a time to come.');
  if (start > now) return start;
  throw refused(
    `The start of the window, ${start.toISOString()}, is in the past.`,
    'Give a time to come. To close sites now: intermission maintenance enable.',
  );
}

/** @throws IntermissionError `validation_failed` */
export function parseSeconds(seconds: number): number {
  const rounded = Math.round(seconds);
  if (rounded >= 1 && rounded <= MAX_SECONDS) return rounded;
  const problem =
    rounded > MAX_SECONDS
      ? 'longer than 365 days'
      : 'not longer than nothing: it ends when or before it starts';
  throw refused(
    `The window is ${problem}.`,
    'Give a duration from one second to 365 days, such as --for 2h.',
  );
}

function startOf(
  { start, recurrence }: WindowInput,
  { timezone, estimatedDuration }: { timezone: string; estimatedDuration: number },
  now: Date,
): Date {
  if (recurrence === undefined) {
    if (start !== undefined) return parseStart(start, now);
    throw refused('The window has no start.', 'Give --start, or --cron for a series.');
  }
  const rule = { expression: recurrence, timezone };
  checkRecurrence(rule, estimatedDuration, now);
  const [first] = nextOccurrences(rule, now, 1);
  return parseStart(start ?? first ?? now, now);
}

function parseNotifyBefore(seconds: number): number {
  const rounded = Math.round(seconds);
  if (rounded >= 0 && rounded <= MAX_NOTIFY_SECONDS) return rounded;
  throw refused('The notice before the start is more than 30 days ahead, or after it.', 'Give 0s to 30d.');
}

function text(field: string, value: string, max: number, min = 0): string {
  const trimmed = value.trim();
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for; PostgreSQL refuses NUL
  if (/[\u0000-\u0008\u000b-\u001f\u007f]/.test(trimmed)) {
    throw refused(
      `The ${field} "${shorten(JSON.stringify(trimmed))}" holds control characters.`,
      `Write the ${field} as plain text.`,
    );
  }
  if (trimmed.length >= min && trimmed.length <= max) return trimmed;
  const problem = trimmed.length < min ? 'is empty' : `has ${trimmed.length} characters; ${max} are allowed`;
  throw refused(`The ${field} ${problem}.`, `Give another ${field}.`);
}

function oneOf<const T extends string>(field: string, value: T, words: readonly T[]): T {
  if (words.includes(value)) return value;
  throw refused(`"${shorten(value)}" is not a ${field}.`, `Use ${words.join(', ')}.`);
}

function refused(message: string, hint: string): IntermissionError {
  return new IntermissionError('validation_failed', message, { hint });
}
