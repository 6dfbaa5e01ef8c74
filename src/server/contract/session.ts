import * as z from 'zod';
import { time } from './common.ts';

export const role = z.enum(['viewer', 'operator', 'admin']);
export type RoleName = z.output<typeof role>;

export const password = z.string().min(12).max(128);
const secret = z.string().min(1).max(1_000);

export const me = z.object({ id: z.string(), email: z.string(), name: z.string(), role });
export type Me = z.output<typeof me>;

/** `POST /session` */
export const signInRequest = z.object({ email: z.string().max(254), password: secret });

/** `GET /session`, and the answer of signing in */
export const sessionAnswer = z.object({
  user: me,
  /** When the session ends unless it is used. */
  expiresAt: time,
  /** Which installation this is, such as `staging`; null when it has no label. */
  environment: z.string().nullable(),
  version: z.string(),
});
export type SessionAnswer = z.output<typeof sessionAnswer>;

/** `POST /session/password` */
export const changePasswordRequest = z.object({ current: secret, next: password });

/** `GET /setup`: whether nobody can sign in yet */
export const setupAnswer = z.object({ needed: z.boolean() });
/** `POST /setup`: the token is what follows `token=` in the link */
export const setupRequest = z.object({
  token: z.string().min(1).max(200),
  email: z.string().max(254),
  name: z.string().max(100).optional(),
  password,
});

export const userRow = me.extend({
  isActive: z.boolean(),
  lastActiveAt: time.nullable(),
  createdAt: time,
});
export type UserRow = z.output<typeof userRow>;
export const users = z.object({ data: z.array(userRow) });

/** `POST /users` */
export const newUser = z.object({
  email: z.string().max(254),
  name: z.string().max(100).optional(),
  role,
  password,
});
/** `PATCH /users/:id` */
export const userChanges = z.object({ role: role.optional(), isActive: z.boolean().optional() });
/** `POST /users/:id/password` */
export const passwordReset = z.object({ password });
