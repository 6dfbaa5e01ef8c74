import { defineCommand } from '../command.ts';
import { changeText, changeUser, EMAIL } from './user-view.ts';

export const command = defineCommand({
  arguments: { email: EMAIL },
  examples: [{ command: 'user disable ann@example.com', does: 'Sign somebody out and let them in no more' }],
  notes: 'It takes effect at once. The last admin cannot be disabled.',
  run: (context, { arguments: { email } }) =>
    changeUser(context, email, 'disabled', (app, options) => app.users.disable({ email }, options)),
  render: changeText,
});
