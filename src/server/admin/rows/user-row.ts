import type { User } from '../../../domain/user.ts';
import type { UserRow } from '../../contract/session.ts';

export function toUserRow(user: User, lastActive?: Map<string, Date>): UserRow {
  return {
    id: user.id,
    email: user.email,
    name: user.name,
    role: user.role ?? 'viewer',
    isActive: user.banned !== true,
    lastActiveAt: lastActive?.get(user.id)?.toISOString() ?? null,
    createdAt: (user.createdAt as Date).toISOString(),
  };
}
