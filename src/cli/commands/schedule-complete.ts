import { cliActor } from '../actor.ts';
import { defineCommand } from '../command.ts';
import { windowArgument } from '../window-options.ts';
import { renderRun, runResult } from '../window-run.ts';

export const command = defineCommand({
  arguments: { id: windowArgument },
  examples: [
    { command: 'schedule complete 12', does: 'Done early, or where a person has to (--no-auto-disable)' },
  ],
  notes:
    'Sites that somebody else needs down stay down. One that does not reopen keeps the window active; process_scheduled_maintenance tries again.',
  async run(context, { arguments: { id } }) {
    const { flags, signal } = context;
    const app = await context.openApp();
    return runResult(await app.schedule.complete(id, { actor: cliActor(), dryRun: flags.dryRun, signal }));
  },
  render: renderRun,
});
