import { IntermissionError } from '../../errors.ts';
import { cliActor } from '../actor.ts';
import { defineCommand } from '../command.ts';
import { parseDuration } from '../duration.ts';
import { option } from '../parameters.ts';
import { changedWindow, renderChanged } from '../window-change.ts';
import { windowArgument } from '../window-options.ts';
import { parseMeantTime } from '../window-time.ts';

export const command = defineCommand({
  arguments: { id: windowArgument },
  options: {
    by: option('--by <duration>', 'So much later than planned: 30m, 1h', (text) => parseDuration(text)),
    until: option(
      '--until <time>',
      'Its new end, which may also be earlier; a local time is one of the zone of the window',
    ),
  },
  examples: [
    { command: 'schedule extend 12 --by 30m', does: 'Half an hour more, also while it is active' },
    { command: 'schedule extend 12 --until 2026-12-01T05:00:00Z', does: 'Until then' },
  ],
  notes: 'The sites stay closed as they are; the end that visitors are shown moves along.',
  async run(context, { arguments: { id }, options: { by, until } }) {
    if ((by === undefined) === (until === undefined)) {
      throw new IntermissionError('usage', 'The new end is not clear.', {
        hint: 'Give either --by or --until.',
      });
    }
    const app = await context.openApp();
    const { timezone } = await app.schedule.get(id);
    const meant = until === undefined ? undefined : await parseMeantTime(until, timezone, context.now());
    const end = meant === undefined ? { bySeconds: by ?? 0 } : { until: meant.time };
    const { dryRun } = context.flags;
    const window = await app.schedule.extend(id, end, { actor: cliActor(), dryRun });
    return changedWindow(context, window, meant?.warnings);
  },
  render: renderChanged('extended'),
});
