import { IntermissionError } from '../../errors.ts';
import { cliActor } from '../actor.ts';
import { defineCommand } from '../command.ts';
import { option } from '../parameters.ts';
import { changedWindow, renderChanged } from '../window-change.ts';
import { forOption, startOption, windowArgument } from '../window-options.ts';
import { parseMeantTime } from '../window-time.ts';

export const command = defineCommand({
  arguments: { id: windowArgument },
  options: { start: startOption, for: forOption, title: option('--title <text>', 'Another title') },
  examples: [
    { command: 'schedule clone 12 --start "next friday 02:00"', does: 'The same once more, at another time' },
  ],
  notes:
    'Everything but the time is taken over, on the clock of its zone. A clone of a series is a single window.',
  async run(context, { arguments: { id }, options: { start, for: seconds, title } }) {
    if (start === undefined) {
      throw new IntermissionError('usage', 'The new window needs a start.', {
        hint: 'Give it with --start.',
      });
    }
    const app = await context.openApp();
    const { timezone } = await app.schedule.get(id);
    const meant = await parseMeantTime(start, timezone, context.now());
    const changes = {
      start: meant.time,
      ...(seconds !== undefined && { durationSeconds: seconds }),
      ...(title !== undefined && { title }),
    };
    const { dryRun } = context.flags;
    const window = await app.schedule.clone(id, changes, { actor: cliActor(), dryRun });
    if (dryRun) Object.assign(window, { id });
    return changedWindow(context, window, meant.warnings);
  },
  render: renderChanged('planned'),
});
