import type { Role, User } from '../../domain/user.ts';
import type { Intermission } from '../../intermission.ts';
import type { ChangeOptions } from '../../services/change.ts';
import { cliActor } from '../actor.ts';
import type { CommandContext, CommandResult, View } from '../command.ts';
import { printable } from '../io.ts';
import { argument } from '../parameters.ts';

// Written out here because the entity costs a tenth of a second to load.
export const ROLE_WORDS = ['viewer', 'operator', 'admin'] as const satisfies readonly Role[];

export const ROLES_NOTE =
  'A viewer sees everything and changes nothing; an operator also closes and reopens sites, edits them, and plans maintenance; an admin also manages API keys and users.';

export const EMAIL = argument('email', 'E-mail address of the user');

/** A user as `--json` shows them. */
export interface UserRow {
  email: string;
  name: string;
  role: Role;
  isActive: boolean;
  lastActiveAt: Date | null;
  createdAt: Date;
}

export function userRow(user: User, lastActive?: Map<string, Date>): UserRow {
  return {
    email: user.email,
    name: user.name,
    role: user.role ?? 'viewer',
    isActive: user.banned !== true,
    lastActiveAt: lastActive?.get(user.id) ?? null,
    createdAt: user.createdAt as Date,
  };
}

export interface ChangedUser extends UserRow {
  /** What is so now, as in `… is now an admin`. */
  state: string;
  changed: boolean;
}

/** Changes one user and says what is so now. */
export async function changeUser(
  { openApp, flags: { dryRun } }: CommandContext,
  email: string,
  state: string,
  change: (app: Intermission, options: ChangeOptions) => Promise<User>,
): Promise<CommandResult<ChangedUser>> {
  const app = await openApp();
  const before = JSON.stringify(userRow(await app.users.get({ email })));
  const row = userRow(await change(app, { actor: cliActor(), dryRun }));
  const changed = JSON.stringify(row) !== before;
  return { summary: { total: 1, changed: changed ? 1 : 0, dryRun }, results: [{ ...row, state, changed }] };
}

export function changeText(
  { summary = {}, results = [] }: CommandResult<ChangedUser>,
  { colors }: View,
): string {
  const [user] = results;
  if (user === undefined) return '';
  const name = colors.bold(printable(user.email));
  if (!user.changed) return `${name} is ${user.state} already.\n`;
  if (summary['dryRun'] === true) return `${name} would be ${user.state}. Nothing was changed.\n`;
  return `${colors.green('✓')} ${name} is now ${user.state}.\n`;
}
