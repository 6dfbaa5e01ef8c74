import { defineCommand, type View } from '../command.ts';
import { type Column, table } from '../table.ts';
import { formatRelative } from '../time.ts';
import { type UserRow, userRow } from './user-view.ts';

export const command = defineCommand({
  examples: [{ command: 'user list', does: 'Everybody, their roles, and when they were last there' }],
  async run(context) {
    const { users } = await context.openApp();
    const [all, lastActive] = await Promise.all([users.all(), users.lastActive()]);
    return { summary: { total: all.length }, results: all.map((user) => userRow(user, lastActive)) };
  },
  render: ({ results = [] }, view) =>
    results.length > 0
      ? table(columns(view), results, view)
      : 'There is no user. Add the first one, an admin, with: intermission user create EMAIL\n',
});

function columns({ colors, now }: View): Column<UserRow>[] {
  return [
    { header: 'E-mail', value: ({ email }) => email, style: (text) => colors.bold(text), shrink: true },
    { header: 'Name', value: ({ name, email }) => (name === email ? '' : name), shrink: true },
    { header: 'Role', value: ({ role }) => role },
    {
      header: 'State',
      value: ({ isActive }) => (isActive ? 'active' : 'disabled'),
      style: (text, { isActive }) => (isActive ? colors.green(text) : colors.yellow(text)),
    },
    {
      header: 'Last active',
      value: ({ lastActiveAt }) => (lastActiveAt === null ? '' : formatRelative(lastActiveAt, now)),
    },
  ];
}
