import { type CommandResult, defineCommand } from '../command.ts';
import { windowArgument } from '../window-options.ts';
import { zonedRelative } from '../window-view.ts';

interface NextRow {
  id: number;
  title: string;
  start: Date;
  timezone: string;
  /** True: a window of its own once the one before has begun. */
  expected: boolean;
}

const SHOWN = 5;

export const command = defineCommand({
  arguments: { id: { ...windowArgument, syntax: '[id]' } },
  examples: [
    { command: 'schedule next', does: 'The five windows that start next' },
    { command: 'schedule next 12', does: 'The next five times of a series' },
  ],
  async run(context, { arguments: { id } }): Promise<CommandResult<NextRow>> {
    const app = await context.openApp();
    const results = id === undefined ? await upcoming(app) : await ofSeries(app, id);
    return { summary: { total: results.length }, results };
  },
  render: ({ results = [] }, view) => {
    if (results.length === 0) return 'Nothing is planned.\n';
    return results
      .map(
        ({ id, title, start, timezone }) =>
          `${zonedRelative(start, timezone, view)}  ${title} (window ${id})\n`,
      )
      .join('');
  },
});

type App = Awaited<ReturnType<Parameters<(typeof command)['run']>[0]['openApp']>>;

async function upcoming(app: App): Promise<NextRow[]> {
  const windows = await app.windows.upcoming().limit(SHOWN).all();
  return windows.map(({ id, title, scheduledStart: start, timezone = 'UTC' }) => ({
    id,
    title,
    start,
    timezone,
    expected: false,
  }));
}

async function ofSeries(app: App, id: number): Promise<NextRow[]> {
  const window = await app.schedule.get(id);
  const { title, timezone = 'UTC', scheduledStart, status } = window;
  const next = await app.schedule.nextOccurrences(window, SHOWN);
  const own = status === 'scheduled' ? [{ id, title, start: scheduledStart, timezone, expected: false }] : [];
  const later = next.map((start) => ({ id, title, start, timezone, expected: true }));
  return [...own, ...later].slice(0, SHOWN);
}
