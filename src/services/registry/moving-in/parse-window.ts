import { parseDomain, shorten } from '../../../domain/domain-name.ts';
import { WINDOW_STATUSES, type WindowStatus } from '../../../domain/scheduled-maintenance.ts';
import { IntermissionError } from '../../../errors.ts';
import type { WindowEntry } from './moving-file.ts';

/** A window of the old app in the form in which it is stored here. */
export interface ParsedWindow {
  status: WindowStatus;
  domains: string[];
  fields: {
    title: string;
    description: string;
    scheduledStart: Date;
    scheduledEnd: Date;
    /** Seconds. */
    estimatedDuration: number;
    priority: string;
    template: string;
    maintenanceMessage: string;
    autoEnable: boolean;
    autoDisable: boolean;
    notifyBefore: number;
    notifyOnStart: boolean;
    notifyOnComplete: boolean;
    createdBy: string;
  };
}

const PRIORITIES = ['low', 'normal', 'high', 'critical'];
const TEMPLATES = ['modern', 'simple', 'premium', 'minimal'];
const HOUR = 3_600;
const LONGEST_DAYS = 366;

/**
 * Pure: reads a window as the Django app had it.
 *
 * @throws IntermissionError `validation_failed`, naming the field
 */
export function parseWindow({ values, sites }: WindowEntry): ParsedWindow {
  const text = (field: string) => String(values[field] ?? '');
  const word = <T extends string>(field: string, words: readonly T[], other: T) =>
    oneOf(field, text(field) || other, words);
  const start = time('scheduled_start', text('scheduled_start'));
  const seconds = duration('estimated_duration', values['estimated_duration']);
  if (seconds === 0) throw refuse('estimated_duration', 'is zero');
  const title = text('title').trim().slice(0, 200);
  if (title === '') throw refuse('title', 'is empty');
  return {
    status: word('status', WINDOW_STATUSES, 'scheduled'),
    domains: sites.map((domain) => site(domain)),
    fields: {
      title,
      description: text('description'),
      scheduledStart: start,
      scheduledEnd: new Date(start.getTime() + seconds * 1000),
      estimatedDuration: seconds,
      priority: word('priority', PRIORITIES, 'normal'),
      template: word('template', TEMPLATES, 'modern'),
      maintenanceMessage: text('maintenance_message'),
      autoEnable: values['auto_enable'] !== false,
      autoDisable: values['auto_disable'] !== false,
      notifyBefore:
        values['notify_before'] == null ? HOUR : duration('notify_before', values['notify_before']),
      notifyOnStart: values['notify_on_start'] !== false,
      notifyOnComplete: values['notify_on_complete'] !== false,
      createdBy: text('created_by').slice(0, 200),
    },
  };
}

function site(domain: string | undefined): string {
  if (domain !== undefined) return parseDomain(domain);
  throw refuse('sites', 'names a site that is not in the file');
}

function oneOf<T extends string>(field: string, found: string, words: readonly T[]): T {
  const known = words.find((word) => word === found);
  if (known !== undefined) return known;
  throw refuse(field, `is "${shorten(found, 40)}", none of ${words.join(', ')}`);
}

/** Django writes times in ISO 8601; one without a zone is UTC there unless the project says otherwise. */
function time(field: string, text: string): Date {
  const hasZone = /(Z|[+-]\d\d:?\d\d)$/.test(text);
  const found = new Date(hasZone ? text : `${text}Z`);
  if (/^\d{4}-\d\d-\d\dT/.test(text) && !Number.isNaN(found.getTime())) return found;
  throw refuse(field, `is no time: "${shorten(text, 40)}"`);
}

/** `[days ]hh:mm:ss[.ffffff]` as `dumpdata` writes it, ISO 8601 as other parts of Django do, or seconds. */
function duration(field: string, value: unknown): number {
  const text = String(value ?? '');
  const plain = /^(?:(\d+) )?(\d+):(\d\d):(\d\d)(?:\.\d+)?$/.exec(text);
  const iso = /^P(?:(\d+)D)?T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)(?:\.\d+)?S)?$/.exec(text);
  const only = /^(\d+)(?:\.\d+)?$/.exec(text);
  const [days, hours, minutes, seconds] = (plain ?? iso)?.slice(1) ?? (only && [0, 0, 0, only[1]]) ?? [];
  const total = Number(days ?? 0) * 24 * HOUR + Number(hours ?? 0) * HOUR + Number(minutes ?? 0) * 60;
  const found = total + Number(seconds ?? 0);
  const isRead = plain !== null || iso !== null || only !== null;
  if (isRead && found <= LONGEST_DAYS * 24 * HOUR) return found;
  throw refuse(field, `is no duration of at most ${LONGEST_DAYS} days: "${shorten(text, 40)}"`);
}

function refuse(field: string, problem: string): IntermissionError {
  return new IntermissionError('validation_failed', `${field} ${problem}.`, {
    hint: 'Correct the file, or plan the window here.',
  });
}
