import { defineCommand } from '../command.ts';
import { changeText, changeUser, EMAIL } from './user-view.ts';

export const command = defineCommand({
  arguments: { email: EMAIL },
  examples: [{ command: 'user enable ann@example.com', does: 'Let somebody sign in again' }],
  run: (context, { arguments: { email } }) =>
    changeUser(context, email, 'active', (app, options) => app.users.enable({ email }, options)),
  render: changeText,
});
