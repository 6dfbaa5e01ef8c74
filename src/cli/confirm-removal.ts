import { IntermissionError } from '../errors.ts';
import type { CommandContext } from './command.ts';

/**
 * Asks before something is removed for good. Where nobody can be asked, `--yes` has to be given.
 *
 * @throws IntermissionError `cancelled` when the answer is no, `usage` when nobody is there and `--yes` is missing
 */
export async function confirmRemoval(
  { flags, prompts }: Pick<CommandContext, 'flags' | 'prompts'>,
  what: string,
  verb: 'remove' | 'forget' = 'remove',
): Promise<void> {
  if (flags.dryRun) return;
  if (!flags.yes && !prompts.interactive) {
    throw new IntermissionError(
      'usage',
      `Nobody is there to confirm that ${what} shall be ${verb === 'remove' ? 'removed' : 'forgotten'}.`,
      {
        hint: 'Run it again with --yes.',
      },
    );
  }
  await prompts.confirm({ message: `${verb === 'remove' ? 'Remove' : 'Forget'} ${what}?` });
}
