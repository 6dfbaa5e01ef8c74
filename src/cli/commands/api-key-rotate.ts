import type { TokenReport } from '../../services/registry/token-check.ts';
import { cliActor } from '../actor.ts';
import { type CommandResult, defineCommand, type View, type Warning } from '../command.ts';
import { printable } from '../io.ts';
import { argument, flag } from '../parameters.ts';
import { readToken } from './api-key-token.ts';
import { type ApiKeyRow, apiKeyRow, maskedToken, tokenFields } from './api-key-view.ts';

interface RotatedKey extends ApiKeyRow {
  /** False: the token was the same already. */
  changed: boolean;
  /** What the old token could read and the new one cannot; empty without --force. */
  lost: string[];
  /** What Cloudflare lets the new token do. */
  token: TokenReport;
}

export const command = defineCommand({
  arguments: { name: argument('name', 'Name of the key') },
  options: {
    tokenStdin: flag(
      '--token-stdin',
      'Read the new token from standard input; a terminal is asked otherwise',
    ),
  },
  examples: [
    { command: 'api-key rotate main', does: 'Type the new token at a prompt that does not show it' },
    { command: 'api-key rotate main --token-stdin < token.txt', does: 'Read it from a file' },
  ],
  notes:
    'The new token is asked first: it has to see every zone that the old one sees, and every zone of the sites of the key, and to read their rules. What it could not read is named and the old token stays, unless --force is given. Sites, also closed ones, keep their key and are reopened with the new token. Revoke the old token at dash.cloudflare.com/profile/api-tokens afterwards.',
  async run(context, { arguments: { name }, options: { tokenStdin } }): Promise<CommandResult<RotatedKey>> {
    const { dryRun, force } = context.flags;
    const text = await readToken(context, tokenStdin, `New Cloudflare API token of ${printable(name)}`);
    const app = await context.openApp();
    const { key, report, changed, lost } = await app.apiKeys.rotate({ name }, text, {
      actor: cliActor(),
      dryRun,
      force,
    });
    return {
      summary: { total: 1, changed: changed ? 1 : 0, dryRun },
      results: [{ ...(await apiKeyRow(app, key)), changed, lost, token: report }],
      warnings: [...report.problems, ...lostWarnings(lost)],
    };
  },
  render: ({ summary = {}, results = [] }, view) =>
    results
      .map((key) => `${headline(key, summary['dryRun'] === true, view)}\n\n${tokenFields(key.token, view)}`)
      .join(''),
});

function lostWarnings(lost: readonly string[]): Warning[] {
  if (lost.length === 0) return [];
  return [{ code: 'token_lost', message: `The new token cannot read: ${lost.join(', ')}.` }];
}

function headline(key: RotatedKey, dryRun: boolean, { colors }: View): string {
  const name = colors.bold(printable(key.name));
  if (!key.changed) return `The API key ${name} has this token (${maskedToken(key)}) already.`;
  if (dryRun)
    return `The API key ${name} would have the new token (${maskedToken(key)}). Nothing was stored.`;
  return `${colors.green('✓')} The API key ${name} has the new token (${maskedToken(key)}).`;
}
