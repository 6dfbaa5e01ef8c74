import { IntermissionError } from '../../errors.ts';
import { type CommandResult, defineCommand } from '../command.ts';

export const command = defineCommand({
  examples: [{ command: 'notice retry', does: 'The mail server works again: send what has waited' }],
  notes:
    'Also what was given up is tried again, as if for the first time. What is being handed over now is left alone.',
  async run(context): Promise<CommandResult> {
    const app = await context.openApp();
    const { dryRun } = context.flags;
    if (dryRun) {
      const undelivered = (await app.notices.undelivered()).length;
      return { summary: { delivered: 0, failed: 0, undelivered, dryRun } };
    }
    const { delivered, failed } = await app.notices.retry({ signal: context.signal });
    const left = await app.notices.undelivered();
    const summary = { delivered, failed, undelivered: left.length };
    return left.length === 0 ? { summary } : { summary, error: stillUndelivered(left) };
  },
  render: ({ summary = {} }) =>
    summary['dryRun'] === true
      ? `${summary['undelivered']} would be tried.\n`
      : `${summary['delivered']} delivered.\n`,
});

function stillUndelivered(left: readonly { lastError: string | null }[]): IntermissionError {
  const why = left.find(({ lastError }) => lastError !== null)?.lastError;
  const message = `${left.length} ${left.length === 1 ? 'notice is' : 'notices are'} still undelivered.`;
  return new IntermissionError('not_delivered', why == null ? message : `${message} ${why}`, {
    hint: 'See intermission notice list; intermission notice test tries the channels.',
  });
}
