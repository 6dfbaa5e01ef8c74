import type { Intermission } from '../../intermission.ts';
import { type CommandResult, defineCommand, type View } from '../command.ts';
import { type Column, table } from '../table.ts';
import { formatRelative } from '../time.ts';

type NoticeRow = Awaited<ReturnType<Intermission['notices']['undelivered']>>[number];

export const command = defineCommand({
  examples: [
    { command: 'notice list', does: 'What is on its way, and what could not be delivered' },
    { command: 'notice list --json', does: 'The same for a program' },
  ],
  async run(context): Promise<CommandResult<NoticeRow>> {
    const app = await context.openApp();
    const results = await app.notices.undelivered();
    const givenUp = results.filter(({ nextAttemptAt }) => nextAttemptAt === null).length;
    return { summary: { total: results.length, givenUp }, results };
  },
  render: ({ results = [] }, view) =>
    results.length === 0 ? 'Every notice has been delivered.\n' : table(columns(view), results, view),
});

function columns({ colors, now }: View): Column<NoticeRow>[] {
  return [
    { header: 'Written', value: ({ createdAt }) => formatRelative(createdAt, now) },
    { header: 'Notice', value: ({ subject }) => subject.replace(/^Intermission: /, ''), shrink: true },
    { header: 'Channel', value: ({ channel }) => channel ?? '' },
    { header: 'Tries', value: ({ attempts }) => String(attempts), align: 'right' },
    {
      header: 'Next',
      value: ({ nextAttemptAt }) => nextText(nextAttemptAt, now),
      style: (text, { nextAttemptAt }) => (nextAttemptAt === null ? colors.red(text) : text),
    },
    { header: 'Last error', value: ({ lastError }) => lastError ?? '', shrink: true },
  ];
}

function nextText(nextAttemptAt: Date | null, now: Date): string {
  if (nextAttemptAt === null) return 'given up';
  return nextAttemptAt <= now ? 'with the next tick' : formatRelative(nextAttemptAt, now);
}
