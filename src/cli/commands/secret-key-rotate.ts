import { cliActor } from '../actor.ts';
import {
  type CommandContext,
  type CommandResult,
  defineCommand,
  type View,
  type Warning,
} from '../command.ts';
import { flag } from '../parameters.ts';
import { readSecret } from '../prompts.ts';

interface Rotated {
  tokens: number;
  resealed: number;
  keyFile: string | null;
}

export const command = defineCommand({
  options: {
    newKeyStdin: flag(
      '--new-key-stdin',
      'Read the new key from standard input: only where the key is in INTERMISSION_SECRET_KEY; a terminal is asked otherwise',
    ),
  },
  examples: [
    { command: 'secret-key rotate', does: 'Make a new key file; every stored token is sealed with it' },
    {
      command: 'secret-key rotate --new-key-stdin < new.key',
      does: 'The key is in INTERMISSION_SECRET_KEY, and shall be this one from now on',
    },
  ],
  notes:
    'All tokens are sealed anew in one transaction. If the command is interrupted, every token can still be opened, and running it again goes on from there. A backup of the database that was made before needs the old key: keep the two together first. Where several machines use one database, give all of them the new key. Sessions of the web admin end.',
  async run(context, { options: { newKeyStdin } }): Promise<CommandResult<Rotated>> {
    const { dryRun } = context.flags;
    const config = await context.config();
    const isVariable = config.secretKey !== undefined;
    const newKey = isVariable || newKeyStdin ? await readNewKey(context, newKeyStdin) : undefined;
    if (!dryRun) await confirm(context);
    const app = await context.openApp();
    const rotation = await app.apiKeys.rotateSecretKey({ actor: cliActor(), dryRun, newKey });
    return {
      summary: { total: rotation.tokens, resealed: rotation.resealed, dryRun },
      results: [rotation],
      warnings: variableWarnings(isVariable, dryRun),
    };
  },
  render: ({ summary = {}, results = [] }, view) =>
    results.map((row) => sentence(row, summary['dryRun'] === true, view)).join(''),
});

/** Undefined: nobody is there to type it. */
async function readNewKey({ io, prompts }: CommandContext, fromStdin: boolean): Promise<string | undefined> {
  return fromStdin && io.stdin.isTTY !== true ? readSecret(io) : prompts.secret('New secret key');
}

function confirm({ prompts }: CommandContext): Promise<void> {
  return prompts.confirm({
    message: 'Backups made so far need the old secret key, which is then gone from here. Change it?',
  });
}

function variableWarnings(isVariable: boolean, dryRun: boolean): Warning[] {
  if (!isVariable || dryRun) return [];
  const message =
    'Set INTERMISSION_SECRET_KEY to the new key now, wherever Intermission runs: with the old one the tokens do not open.';
  return [{ code: 'variable_to_set', message }];
}

function sentence({ tokens, resealed, keyFile }: Rotated, dryRun: boolean, { colors }: View): string {
  const count = `${tokens} ${tokens === 1 ? 'token' : 'tokens'}`;
  if (dryRun) return `${count} would be sealed with a new secret key. Nothing was changed.\n`;
  const where = keyFile === null ? '' : ` in ${keyFile}`;
  const already = resealed < tokens ? ` (${tokens - resealed} of them were so already)` : '';
  return `${colors.green('✓')} The secret key${where} is new; ${count} ${tokens === 1 ? 'is' : 'are'} sealed with it${already}.\n`;
}
