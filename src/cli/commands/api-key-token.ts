import { IntermissionError } from '../../errors.ts';
import type { CommandContext } from '../command.ts';
import { readSecret } from '../prompts.ts';

/**
 * The token of a key, from standard input or typed unseen. Never from a flag: those show in the process list.
 *
 * @throws IntermissionError `usage` when there is no way to get it
 */
export async function readToken(
  context: CommandContext,
  fromStdin: boolean,
  what = 'Cloudflare API token',
): Promise<string> {
  const { io, prompts } = context;
  // A person who types at `--token-stdin` should not see the token either.
  if (fromStdin && !(io.stdin.isTTY === true && prompts.interactive)) return readSecret(io);
  const typed = await prompts.secret(what);
  if (typed !== undefined && typed.trim() !== '') return typed.trim();
  throw new IntermissionError('usage', 'There is no token: none was given on standard input.', {
    hint: 'Pipe it in: printenv TOKEN | intermission api-key … --token-stdin',
  });
}
