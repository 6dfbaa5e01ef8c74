import type { SiteStatus } from '../services/maintenance/describe-sites.ts';
import type { View } from './command.ts';
import type { Colors } from './io.ts';
import { formatRelative, formatTime } from './time.ts';

type Moment = Pick<View, 'now'>;

/** The intended state in words: never by colour alone. */
export function stateWords(maintenanceActive: boolean): string {
  return maintenanceActive ? 'in maintenance' : 'open';
}

export function stateColor(maintenanceActive: boolean, colors: Colors): (text: string) => string {
  return maintenanceActive ? colors.yellow : colors.green;
}

export function stateText(maintenanceActive: boolean, colors: Colors): string {
  return stateColor(maintenanceActive, colors)(stateWords(maintenanceActive));
}

/** `2026-03-01T22:30:00Z (in 2 h)`. */
export function timeText(time: Date, { now }: Moment): string {
  return `${formatTime(time)} (${formatRelative(time, now)})`;
}

/** Stands for the end of a site whose last hold has ended, while nothing has reopened it yet. */
export const OVERDUE = 'its end has come; run intermission process_scheduled_maintenance';

/** When a closed site reopens. */
export function untilText(until: Date | null, view: Moment): string {
  return until === null ? 'somebody reopens it (no end was given)' : timeText(until, view);
}

/** The holds of a site, one text each: who, why, since when, and until when where that is not the end of all. */
export function holdTexts(
  { holds, until: last }: Pick<SiteStatus, 'holds' | 'until'>,
  { now }: Moment,
): string[] {
  return holds.map(({ name, actor, reason, since, until }) => {
    const by = actor === '' ? '' : ` by ${actor}`;
    const why = reason === '' ? '' : `: ${reason}`;
    const isLast = until?.getTime() === last?.getTime();
    const end = isLast ? '' : until === null ? ', no end' : `, until ${formatTime(until)}`;
    return `${name}${by}${why} (placed ${formatRelative(since, now)}${end})`;
  });
}

/** `An enable was interrupted (log 7, begun 2 min ago).` */
export function operationText(
  { logId, action, since, running }: SiteStatus['operations'][number],
  { now }: Moment,
): string {
  const state = running ? 'is running' : 'was interrupted';
  const article = action === 'enable' ? 'An' : 'A';
  return `${article} ${action} ${state} (log ${logId}, begun ${formatRelative(since, now)}).`;
}

/** The same in two words, for a table. */
export function operationWords({ action, running }: SiteStatus['operations'][number]): string {
  return `${action} ${running ? 'running' : 'interrupted'}`;
}

/** What makes the recorded state of a site not the whole truth, in a few words each. */
export function doubtsAbout({
  leftRules,
  operations,
}: Pick<SiteStatus, 'leftRules' | 'operations'>): string[] {
  return [...operations.map(operationWords), ...(leftRules.length > 0 ? ['rules left'] : [])];
}

/** A terminal in which a table has to do without the columns that matter least. */
export function isNarrow(width: number | undefined): boolean {
  return width !== undefined && width < 80;
}
