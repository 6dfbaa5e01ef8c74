import { defineCommand } from '../command.ts';
import { argument, oneOf } from '../parameters.ts';
import { changeText, changeUser, EMAIL, ROLE_WORDS, ROLES_NOTE } from './user-view.ts';

export const command = defineCommand({
  arguments: { email: EMAIL, role: argument('role', ROLE_WORDS.join(', '), oneOf(ROLE_WORDS)) },
  examples: [
    { command: 'user set-role ann@example.com operator', does: 'Let somebody close and reopen sites' },
  ],
  notes: `${ROLES_NOTE} It takes effect at once. The last admin stays one.`,
  run: (context, { arguments: { email, role } }) =>
    changeUser(context, email, role === 'viewer' ? 'a viewer' : `an ${role}`, (app, options) =>
      app.users.setRole({ email }, role, options),
    ),
  render: changeText,
});
