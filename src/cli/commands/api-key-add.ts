import { IntermissionError, isIntermissionError } from '../../errors.ts';
import type { Intermission } from '../../intermission.ts';
import type { TokenReport } from '../../services/registry/token-check.ts';
import { cliActor } from '../actor.ts';
import { type CommandContext, type CommandResult, defineCommand, type View } from '../command.ts';
import { normalizeError } from '../errors.ts';
import { argument, flag, option } from '../parameters.ts';
import { readToken } from './api-key-token.ts';
import { type ApiKeyRow, apiKeyRow, maskedToken, tokenFields } from './api-key-view.ts';
import { countsOf, countsText } from './sync-view.ts';

interface AddedKey extends ApiKeyRow {
  /** What Cloudflare lets the token do. */
  token: TokenReport;
}

export const command = defineCommand({
  arguments: { name: argument('name', 'Name of the key, such as the client or account it is for') },
  options: {
    tokenStdin: flag('--token-stdin', 'Read the token from standard input; a terminal is asked otherwise'),
    default: flag('--default', 'Make it the key of sites that have none of their own'),
    description: option('--description <text>', 'What the key is for'),
    discover: flag('--discover', 'Add a site for each zone that the token sees, at once'),
  },
  examples: [
    { command: 'api-key add main', does: 'Type the token at a prompt that does not show it' },
    { command: 'api-key add main --token-stdin < token.txt', does: 'Read it from a file' },
    {
      command: 'api-key add acme --token-stdin --discover --json',
      does: 'In a script, with the token piped in',
    },
  ],
  notes:
    'The token is verified with Cloudflare first and stored encrypted; a token that Cloudflare does not know is not stored. It needs the permissions Zone Read and Page Rules Write on the zones it is for, and must belong to a user; with Dynamic URL Redirects Write it may close sites by redirect rules as well, and for that it may belong to an account. Make one at dash.cloudflare.com/profile/api-tokens.',
  async run(context, { arguments: { name }, options }) {
    const { dryRun, force } = context.flags;
    const apiToken = await readToken(context, options.tokenStdin);
    const app = await context.openApp();
    const input = { name, apiToken, description: options.description, isDefault: options.default };
    const { key, report } = await app.apiKeys.create(input, { actor: cliActor(), dryRun, force });
    const results: AddedKey[] = [{ ...(await apiKeyRow(app, key)), token: report }];
    const stored: CommandResult<AddedKey> = {
      summary: { total: 1, dryRun },
      results,
      warnings: report.problems,
    };
    if (!options.discover || dryRun) return stored;
    return await discover(context, app, key.name, stored);
  },
  render: ({ summary = {}, results = [] }, view) => {
    const [key] = results;
    if (key === undefined) return '';
    const discovered = summary['discovered'] === undefined ? '' : `\n${countsText(summary, view)}`;
    return `${headline(key, summary['dryRun'] === true, view)}\n\n${tokenFields(key.token, view)}${discovered}`;
  },
});

/** The key is stored by now: when finding its sites fails, that is said, and the key stays. */
async function discover(
  { signal }: CommandContext,
  app: Intermission,
  apiKey: string,
  stored: CommandResult<AddedKey>,
): Promise<CommandResult<AddedKey>> {
  try {
    const outcomes = await app.syncZones({ apiKey, actor: cliActor(), signal });
    return { ...stored, summary: { ...stored.summary, ...countsOf(outcomes) } };
  } catch (error) {
    return { ...stored, error: afterStoring(apiKey, error) };
  }
}

function afterStoring(apiKey: string, thrown: unknown): IntermissionError {
  const error = isIntermissionError(thrown) ? thrown : normalizeError(thrown);
  return new IntermissionError(
    error.code,
    `The key is stored, but its zones could not be read: ${error.message}`,
    {
      hint: `Repeat that part with: intermission sync_cloudflare --api-key ${JSON.stringify(apiKey)}`,
      cause: error,
    },
  );
}

function headline(key: AddedKey, dryRun: boolean, { colors }: View): string {
  const what = `the API key ${colors.bold(key.name)} (${maskedToken(key)})`;
  const role = key.isDefault ? 'the default key' : 'not the default key';
  if (dryRun) return `Would store ${what}, ${role}. Nothing was stored.`;
  return `${colors.green('✓')} Stored ${what}, ${role}.`;
}
