import { type CommandResult, defineCommand } from '../command.ts';
import { windowArgument } from '../window-options.ts';
import { type FullWindowRow, toFullWindowRow } from '../window-row.ts';
import { windowText } from '../window-view.ts';

export const command = defineCommand({
  arguments: { id: windowArgument },
  examples: [
    { command: 'schedule show 12', does: 'Times, sites, and what happened to each' },
    { command: 'schedule show 12 --json', does: 'All of it' },
  ],
  async run(context, { arguments: { id } }): Promise<CommandResult<FullWindowRow>> {
    const app = await context.openApp();
    const window = await app.schedule.get(id);
    const next = await app.schedule.nextOccurrences(window);
    return { summary: { total: 1 }, results: [toFullWindowRow(window, context.now(), next)] };
  },
  render: ({ results = [] }, view) => results.map((row) => windowText(row, view)).join(''),
});
