import type { Intermission } from '../../intermission.ts';
import { type CommandResult, defineCommand } from '../command.ts';
import { secondsText } from '../log-row.ts';
import { option, wholeNumber } from '../parameters.ts';
import { fields } from '../table.ts';

const DEFAULT_DAYS = 30;

type StatsRow = { days: number } & Awaited<ReturnType<Intermission['logs']['getStats']>>;

export const command = defineCommand({
  options: {
    days: option('--days <number>', `Of the last days (default ${DEFAULT_DAYS})`, wholeNumber(1, 36_500)),
  },
  examples: [
    { command: 'log stats', does: 'How many operations succeeded in the last 30 days' },
    { command: 'log stats --days 7 --json', does: 'For a report' },
  ],
  async run(context, { options: { days = DEFAULT_DAYS } }): Promise<CommandResult<StatsRow>> {
    const app = await context.openApp();
    const stats = await app.logs.getStats({ days });
    return { summary: { total: stats.total, days }, results: [{ days, ...stats }] };
  },
  render: ({ results: [stats] = [] }, { colors }) => {
    if (stats === undefined) return '';
    const { days, total, successful, failed, pending, successRate, avgDuration } = stats;
    const period = days === 1 ? 'the last day' : `the last ${days} days`;
    const rows = fields(
      [
        ['Successful', String(successful)],
        ['Failed', String(failed), failed > 0 ? colors.red : plain],
        ['Pending', String(pending), pending > 0 ? colors.yellow : plain],
        ['Success rate', total === 0 ? undefined : `${successRate.toFixed(1)} %`],
        ['Average time', total === 0 ? undefined : secondsText(avgDuration)],
      ],
      colors,
    );
    return `${total} ${total === 1 ? 'log row' : 'log rows'} in ${period}\n${rows}`;
  },
});

function plain(text: string): string {
  return text;
}
