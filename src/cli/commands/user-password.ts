import { IntermissionError } from '../../errors.ts';
import type { CommandContext } from '../command.ts';
import { flag } from '../parameters.ts';
import { readSecret } from '../prompts.ts';

export const PASSWORD_OPTION = flag(
  '--password-stdin',
  'Read the password from standard input; a terminal is asked otherwise',
);

/**
 * A password, from standard input or typed twice unseen. Never from a flag: those show in the process list.
 *
 * @param example a command line that pipes one in
 * @throws IntermissionError `usage` when there is no way to get it, `validation_failed` when the two differ
 */
export async function readPassword(
  { io, prompts }: CommandContext,
  fromStdin: boolean,
  example: string,
): Promise<string> {
  if (fromStdin && !(io.stdin.isTTY === true && prompts.interactive)) return readSecret(io, example);
  const typed = await prompts.secret('Password');
  if (typed === undefined || typed === '') {
    throw new IntermissionError('usage', 'There is no password: none was given on standard input.', {
      hint: `Pipe it in, for example: ${example}`,
    });
  }
  if ((await prompts.secret('The same password again')) === typed) return typed;
  throw new IntermissionError('validation_failed', 'The two passwords are not the same.', {
    hint: 'Run the command again.',
  });
}
