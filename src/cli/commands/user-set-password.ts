import { cliActor } from '../actor.ts';
import { defineCommand } from '../command.ts';
import { printable } from '../io.ts';
import { PASSWORD_OPTION, readPassword } from './user-password.ts';
import { EMAIL, userRow } from './user-view.ts';

export const command = defineCommand({
  arguments: { email: EMAIL },
  options: { passwordStdin: PASSWORD_OPTION },
  examples: [{ command: 'user set-password ann@example.com', does: 'Type the new password at a prompt' }],
  notes: 'The user is signed out everywhere. A password has 12 to 128 characters.',
  async run(context, { arguments: { email }, options }) {
    const app = await context.openApp();
    await app.users.get({ email });
    const example = `intermission user set-password ${email} --password-stdin < password.txt`;
    const password = await readPassword(context, options.passwordStdin, example);
    const { dryRun } = context.flags;
    const user = await app.users.setPassword({ email }, password, { actor: cliActor(), dryRun });
    return { summary: { total: 1, dryRun }, results: [userRow(user)] };
  },
  render: ({ summary = {}, results = [] }, { colors }) =>
    results
      .map(({ email }) => {
        const name = colors.bold(printable(email));
        if (summary['dryRun'] === true) return `${name} would get the new password. Nothing was changed.\n`;
        return `${colors.green('✓')} ${name} has a new password and is signed out everywhere.\n`;
      })
      .join(''),
});
