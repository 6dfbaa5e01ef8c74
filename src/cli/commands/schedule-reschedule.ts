import { IntermissionError } from '../../errors.ts';
import { cliActor } from '../actor.ts';
import { defineCommand } from '../command.ts';
import { changedWindow, renderChanged } from '../window-change.ts';
import { forOption, startOption, windowArgument } from '../window-options.ts';
import { parseMeantTime } from '../window-time.ts';

export const command = defineCommand({
  arguments: { id: windowArgument },
  options: { start: startOption, for: forOption },
  examples: [
    {
      command: 'schedule reschedule 12 --start "2026-12-02 02:00"',
      does: 'A day later, on the clock of its zone',
    },
    { command: 'schedule reschedule 12 --start "tomorrow 3am" --for 1h', does: 'Another time, and shorter' },
  ],
  notes: 'Of a series, only this window is moved: the next one comes as always.',
  async run(context, { arguments: { id }, options: { start, for: durationSeconds } }) {
    if (start === undefined) {
      throw new IntermissionError('usage', 'The window needs a new start.', {
        hint: 'Give it with --start.',
      });
    }
    const app = await context.openApp();
    const { timezone } = await app.schedule.get(id);
    const meant = await parseMeantTime(start, timezone, context.now());
    const { dryRun } = context.flags;
    const to = { start: meant.time, durationSeconds };
    const window = await app.schedule.reschedule(id, to, { actor: cliActor(), dryRun });
    return changedWindow(context, window, meant.warnings);
  },
  render: renderChanged('rescheduled'),
});
