import { hostname } from 'node:os';
import { IntermissionError } from '../../errors.ts';
import { cliActor } from '../actor.ts';
import { type CommandResult, defineCommand, type ErrorDocument } from '../command.ts';
import { toErrorDocument } from '../errors.ts';

interface TestRow {
  channel: string;
  delivered: boolean;
  error: ErrorDocument | null;
}

export const command = defineCommand({
  examples: [{ command: 'notice test', does: 'Do notices reach people? One test per channel' }],
  notes:
    'The channels are set in the environment: INTERMISSION_NOTIFY_EMAIL with SMTP_URL and INTERMISSION_MAIL_FROM for mail, INTERMISSION_WEBHOOK_URL and INTERMISSION_WEBHOOK_SECRET for a webhook. That a mail server takes a mail does not mean yet that people find it in their inbox: look there.',
  async run(context): Promise<CommandResult<TestRow>> {
    const app = await context.openApp();
    if (app.notices.channels.length === 0) throw noChannel();
    if (context.flags.dryRun) return untried(app.notices.channels);
    const tests = await app.notices.sendTest(`${cliActor().name}@${hostname()}`);
    const results = tests.map(({ channel, error }) => ({
      channel,
      delivered: error === null,
      error: error === null ? null : toErrorDocument(notDelivered(channel, error)),
    }));
    const failed = results.filter(({ delivered }) => !delivered).length;
    return { summary: { total: results.length, failed }, results };
  },
  render: ({ results = [] }, { colors }) =>
    results
      .filter(({ error }) => error === null)
      .map(({ channel, delivered }) =>
        delivered
          ? `${colors.green('✓')} ${colors.bold(channel)} has taken the test.\n`
          : `${colors.bold(channel)} would get a test.\n`,
      )
      .join(''),
});

function untried(channels: readonly string[]): CommandResult<TestRow> {
  const results = channels.map((channel) => ({ channel, delivered: false, error: null }));
  return { summary: { total: results.length, failed: 0, dryRun: true }, results };
}

function notDelivered(channel: string, why: string): IntermissionError {
  return new IntermissionError('not_delivered', `The ${channel} has not taken the test. ${why}`, {
    hint: 'Correct the settings; see docs/notifications.md.',
  });
}

function noChannel(): IntermissionError {
  return new IntermissionError('validation_failed', 'No channel is configured: nobody gets any notice.', {
    hint: 'Set INTERMISSION_NOTIFY_EMAIL, SMTP_URL and INTERMISSION_MAIL_FROM, or INTERMISSION_WEBHOOK_URL and INTERMISSION_WEBHOOK_SECRET.',
  });
}
