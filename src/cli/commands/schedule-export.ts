import { IntermissionError } from '../../errors.ts';
import { type CommandResult, defineCommand } from '../command.ts';
import { flag, option, wholeNumber } from '../parameters.ts';

interface Exported {
  format: 'ics';
  content: string;
}

const DEFAULT_DAYS = 90;

export const command = defineCommand({
  options: {
    ics: flag('--ics', 'As iCalendar, for calendars of people'),
    days: option('--days <number>', `How many days ahead (default ${DEFAULT_DAYS})`, wholeNumber(1, 366)),
  },
  examples: [{ command: 'schedule export --ics > maintenance.ics', does: 'A file that calendars read' }],
  notes: 'What a series will bring is in it, each time as an event of its own.',
  async run(context, { options: { ics, days = DEFAULT_DAYS } }): Promise<CommandResult<Exported>> {
    if (!ics) {
      throw new IntermissionError('usage', 'The format of the export is not named.', { hint: 'Use --ics.' });
    }
    const app = await context.openApp();
    const calendar = await app.schedule.getMaintenanceCalendar(days);
    const { icsOf } = await import('../window-ics.ts');
    const entries = calendar.flatMap((day) => day.entries);
    const results = [{ format: 'ics' as const, content: icsOf(entries, context.now()) }];
    return { summary: { total: entries.length, days }, results };
  },
  render: ({ results = [] }) => results.map(({ content }) => `${content}\n`).join(''),
});
