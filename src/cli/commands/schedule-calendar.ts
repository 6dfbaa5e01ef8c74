import { localText, parseTimezone } from '../../domain/wall-clock.ts';
import { type CommandResult, defineCommand } from '../command.ts';
import { printable } from '../io.ts';
import { option, wholeNumber } from '../parameters.ts';

interface CalendarRow {
  date: string;
  id: number;
  title: string;
  status: string;
  start: Date;
  end: Date;
  timezone: string;
  siteCount: number;
  /** True: an occurrence of the series that is no window of its own yet. */
  expected: boolean;
}

const DEFAULT_DAYS = 30;

export const command = defineCommand({
  options: {
    days: option('--days <number>', `How many days ahead (default ${DEFAULT_DAYS})`, wholeNumber(1, 366)),
    tz: option('--tz <zone>', 'Clock of the calendar (default UTC)', parseTimezone),
  },
  examples: [
    { command: 'schedule calendar', does: 'The next 30 days, with what series will bring' },
    { command: 'schedule calendar --days 7 --tz Europe/Berlin', does: 'A week, on the clock of Berlin' },
  ],
  async run(context, { options: { days = DEFAULT_DAYS, tz = 'UTC' } }): Promise<CommandResult<CalendarRow>> {
    const app = await context.openApp();
    const calendar = await app.schedule.getMaintenanceCalendar(days, { timezone: tz });
    const results = calendar.flatMap(({ date, entries }) =>
      entries.map(({ window, start, end, expected }) => ({
        date,
        id: window.id,
        title: window.title,
        status: expected ? 'expected' : (window.status ?? 'scheduled'),
        start,
        end,
        timezone: tz,
        siteCount: window.affectedSitesCount(),
        expected,
      })),
    );
    return { summary: { total: results.length, days, timezone: tz }, results };
  },
  render: ({ summary = {}, results = [] }, { colors }) => {
    if (results.length === 0) return `Nothing is planned for the next ${summary['days']} days.\n`;
    const days = [...Map.groupBy(results, ({ date }) => date)];
    const text = days.map(([date, rows]) => `${colors.bold(date)}\n${rows.map((row) => line(row)).join('')}`);
    return `${text.join('')}${colors.dim(`Times of ${summary['timezone']}.\n`)}`;
  },
});

function line({ id, title, status, start, end, timezone, siteCount }: CalendarRow): string {
  const until = localText(end, timezone);
  const from = localText(start, timezone);
  const sameDay = until.slice(0, 10) === from.slice(0, 10);
  const time = `${from.slice(11)}–${sameDay ? until.slice(11) : until}`;
  const sites = siteCount === 1 ? '1 site' : `${siteCount} sites`;
  return `  ${time}  ${printable(title)} (window ${id}, ${status}, ${sites})\n`;
}
