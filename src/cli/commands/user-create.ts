import { cliActor } from '../actor.ts';
import { defineCommand } from '../command.ts';
import { printable } from '../io.ts';
import { oneOf, option } from '../parameters.ts';
import { PASSWORD_OPTION, readPassword } from './user-password.ts';
import { EMAIL, ROLE_WORDS, ROLES_NOTE, userRow } from './user-view.ts';

export const command = defineCommand({
  arguments: { email: EMAIL },
  options: {
    name: option('--name <text>', 'Name of the person (default: the address)'),
    role: option(
      '--role <role>',
      `${ROLE_WORDS.join(', ')} (default: viewer; the first user is an admin)`,
      oneOf(ROLE_WORDS),
    ),
    passwordStdin: PASSWORD_OPTION,
  },
  examples: [
    { command: 'user create ann@example.com --role operator', does: 'Type the password at a prompt' },
    {
      command: 'user create ann@example.com --password-stdin < password.txt',
      does: 'Read the password from a file',
    },
  ],
  notes: `${ROLES_NOTE} A password has 12 to 128 characters.`,
  async run(context, { arguments: { email }, options: { passwordStdin, ...options } }) {
    const example = `intermission user create ${email} --password-stdin < password.txt`;
    const password = await readPassword(context, passwordStdin, example);
    const app = await context.openApp();
    const { dryRun } = context.flags;
    const user = await app.users.create({ email, password, ...options }, { actor: cliActor(), dryRun });
    return { summary: { total: 1, dryRun }, results: [userRow(user)] };
  },
  render: ({ summary = {}, results = [] }, { colors }) =>
    results
      .map(({ email, role }) => {
        const who = `${colors.bold(printable(email))}, ${role}`;
        if (summary['dryRun'] === true) return `Would add ${who}. Nothing was changed.\n`;
        return `${colors.green('✓')} Added ${who}.\n`;
      })
      .join(''),
});
