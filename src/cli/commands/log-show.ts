import { type CommandResult, defineCommand } from '../command.ts';
import { type FullLogRow, toFullRow } from '../log-row.ts';
import { renderLog } from '../log-view.ts';
import { argument, wholeNumber } from '../parameters.ts';

export const command = defineCommand({
  arguments: { id: argument('id', 'Number of the log row', wholeNumber(1, 2_147_483_647)) },
  examples: [
    { command: 'log show 42', does: 'What was planned, done and undone, and what Cloudflare answered' },
    { command: 'log show 42 --json', does: 'All of it, with the snapshots of rules that were replaced' },
  ],
  async run(context, { arguments: { id } }): Promise<CommandResult<FullLogRow>> {
    const app = await context.openApp();
    return { summary: { total: 1 }, results: [toFullRow(await app.logs.get({ id }))] };
  },
  render: ({ results = [] }, view) => results.map((row) => renderLog(row, view)).join(''),
});
