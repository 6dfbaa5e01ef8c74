import { cliActor } from '../actor.ts';
import { defineCommand } from '../command.ts';
import { windowArgument } from '../window-options.ts';
import { renderRun, runResult } from '../window-run.ts';

export const command = defineCommand({
  arguments: { id: windowArgument },
  examples: [
    {
      command: 'schedule run 12',
      does: 'Begin now: before its start, or where a person has to (--no-auto-enable)',
    },
  ],
  notes: 'Its sites reopen at its end as planned.',
  async run(context, { arguments: { id } }) {
    const { flags, prompts, signal } = context;
    const app = await context.openApp();
    const window = await app.schedule.get(id);
    if (!flags.dryRun) {
      const sites = window.affectedSitesCount() === 1 ? '1 site' : `${window.affectedSitesCount()} sites`;
      await prompts.confirm({ message: `Close ${sites} now?` });
    }
    return runResult(await app.schedule.start(id, { actor: cliActor(), dryRun: flags.dryRun, signal }));
  },
  render: renderRun,
});
