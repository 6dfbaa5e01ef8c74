import ical, { ICalEventStatus } from 'ical-generator';
import type { Intermission } from '../intermission.ts';

type Calendar = Awaited<ReturnType<Intermission['schedule']['getMaintenanceCalendar']>>;
type Entry = Calendar[number]['entries'][number];

/** Windows as iCalendar. An event keeps its identity over exports, so that calendars update it. */
export function icsOf(entries: readonly Entry[], now: Date): string {
  const calendar = ical({
    name: 'Maintenance',
    prodId: { company: 'Intermission', product: 'Intermission' },
  });
  for (const { window, start, end, expected } of entries) {
    const domains = window.sites.getItems().map(({ domain }) => domain);
    const series = window.seriesId ?? `window-${window.id}`;
    const time = (expected ? start : (window.occurrence ?? window.createdAt)).toISOString();
    calendar.createEvent({
      id: `${series}-${time}@intermission`,
      stamp: now,
      start,
      end,
      summary: window.title,
      description: [window.description, `Sites: ${domains.sort().join(', ')}`].filter(Boolean).join('\n\n'),
      status: expected ? ICalEventStatus.TENTATIVE : ICalEventStatus.CONFIRMED,
      lastModified: window.updatedAt,
      sequence: (window.version ?? 1) - 1,
    });
  }
  return calendar.toString();
}
