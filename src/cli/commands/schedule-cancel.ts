import { cliActor } from '../actor.ts';
import { defineCommand } from '../command.ts';
import { flag } from '../parameters.ts';
import { windowArgument } from '../window-options.ts';
import { renderRun, runResult } from '../window-run.ts';

export const command = defineCommand({
  arguments: { id: windowArgument },
  options: { series: flag('--series', 'End the whole series: nothing of it comes any more') },
  examples: [
    { command: 'schedule cancel 12', does: 'Take it back; an active window reopens its sites first' },
    { command: 'schedule cancel 12 --series', does: 'Take it back with everything that would follow' },
  ],
  notes: 'Of a series, the next window comes all the same, unless --series is given.',
  async run(context, { arguments: { id }, options: { series } }) {
    const { flags, signal } = context;
    const app = await context.openApp();
    const options = { actor: cliActor(), dryRun: flags.dryRun, signal, series };
    return runResult(await app.schedule.cancel(id, options));
  },
  render: renderRun,
});
