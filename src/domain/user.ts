import { defineEntity, p } from '@mikro-orm/core';
import { ZonedTime } from './zoned-time.ts';

/** What somebody may do in the admin, the least first. Each may do what those before it may. */
export const ROLES = ['viewer', 'operator', 'admin'] as const;
export type Role = (typeof ROLES)[number];

/** Whether somebody with the role `role` may do what `needed` is required for. */
export function hasRole(role: Role, needed: Role): boolean {
  return ROLES.indexOf(role) >= ROLES.indexOf(needed);
}

// The tables of signing in, as better-auth needs them. It reads and writes sessions; users and passwords are ours.

/** Somebody who may sign in to the admin. */
const userSchema = defineEntity({
  name: 'User',
  tableName: 'auth_user',
  properties: {
    id: p.string().length(64).primary(),
    name: p.string().length(100),
    /** Lower-case. */
    email: p.string().length(254).unique(),
    emailVerified: p.boolean().default(false),
    image: p.text().nullable(),
    role: p.enum(ROLES).default('viewer'),
    /** Disabled: cannot sign in. */
    banned: p.boolean().default(false),
    banReason: p.text().nullable(),
    banExpires: p.type(ZonedTime).nullable(),
    createdAt: p.type(ZonedTime),
    updatedAt: p.type(ZonedTime),
  },
});
export class User extends userSchema.class {}
userSchema.setClass(User);

/** Somebody's browser that is signed in. */
const userSessionSchema = defineEntity({
  name: 'UserSession',
  tableName: 'auth_session',
  properties: {
    id: p.string().length(64).primary(),
    /** The cookie holds it signed: it alone opens nothing. */
    token: p.string().length(64).unique().hidden(),
    user: () => p.manyToOne(User).deleteRule('cascade').index(),
    expiresAt: p.type(ZonedTime),
    ipAddress: p.text().nullable(),
    userAgent: p.text().nullable(),
    impersonatedBy: p.text().nullable(),
    createdAt: p.type(ZonedTime),
    updatedAt: p.type(ZonedTime),
  },
});
export class UserSession extends userSessionSchema.class {}
userSessionSchema.setClass(UserSession);

/** How a user signs in: always by a password. */
const userAccountSchema = defineEntity({
  name: 'UserAccount',
  tableName: 'auth_account',
  properties: {
    id: p.string().length(64).primary(),
    accountId: p.string().length(64),
    providerId: p.string().length(40),
    user: () => p.manyToOne(User).deleteRule('cascade').index(),
    /** Hashed. */
    password: p.text().nullable().hidden(),
    accessToken: p.text().nullable().hidden(),
    refreshToken: p.text().nullable().hidden(),
    idToken: p.text().nullable().hidden(),
    accessTokenExpiresAt: p.type(ZonedTime).nullable(),
    refreshTokenExpiresAt: p.type(ZonedTime).nullable(),
    scope: p.text().nullable(),
    createdAt: p.type(ZonedTime),
    updatedAt: p.type(ZonedTime),
  },
});
export class UserAccount extends userAccountSchema.class {}
userAccountSchema.setClass(UserAccount);

/** What better-auth waits for; nothing here makes use of it. */
const userVerificationSchema = defineEntity({
  name: 'UserVerification',
  tableName: 'auth_verification',
  properties: {
    id: p.string().length(64).primary(),
    identifier: p.text().index(),
    value: p.text().hidden(),
    expiresAt: p.type(ZonedTime),
    createdAt: p.type(ZonedTime),
    updatedAt: p.type(ZonedTime),
  },
});
export class UserVerification extends userVerificationSchema.class {}
userVerificationSchema.setClass(UserVerification);

/** A link that makes the first user; there are some only while there is no user. */
const setupLinkSchema = defineEntity({
  name: 'SetupLink',
  tableName: 'setup_link',
  properties: {
    /** SHA-256 of its token, hexadecimal. */
    tokenHash: p.string().length(64).primary(),
    expiresAt: p.datetime(3),
  },
});
export class SetupLink extends setupLinkSchema.class {}
setupLinkSchema.setClass(SetupLink);
