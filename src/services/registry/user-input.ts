import { shorten } from '../../domain/domain-name.ts';
import { ROLES, type Role, type User } from '../../domain/user.ts';
import { IntermissionError, type JsonValue } from '../../errors.ts';
import { parseName } from './site-input.ts';

/** What a person says of a new user. */
export interface UserInput {
  email: string;
  /** In plain text; hashed before it is stored. */
  password: string;
  /** The e-mail address unless given. */
  name?: string | undefined;
  role?: Role | undefined;
}

const MIN_PASSWORD = 12;
/** What better-auth accepts when somebody signs in. */
const MAX_PASSWORD = 128;
const MAX_EMAIL = 254;

/** @throws IntermissionError `validation_failed` */
export function parseEmail(text: string): string {
  const email = text.trim().toLowerCase();
  if (email.length <= MAX_EMAIL && /^[^\s@<>"\p{Cc}]+@[^\s@<>"\p{Cc}]+\.[^\s@<>".\p{Cc}]+$/u.test(email))
    return email;
  throw refuse(`"${shorten(email)}" is not an e-mail address.`, 'Give an address such as ann@example.com.');
}

/** @throws IntermissionError `validation_failed`; the password is not repeated */
export function parsePassword(password: string): string {
  if (password.length >= MIN_PASSWORD && password.length <= MAX_PASSWORD) return password;
  throw refuse(
    `The password has ${password.length} characters.`,
    `Use ${MIN_PASSWORD} to ${MAX_PASSWORD} characters; several words in a row are good.`,
  );
}

/** @throws IntermissionError `validation_failed` */
export function parseRole(text: string): Role {
  const role = ROLES.find((known) => known === text);
  if (role !== undefined) return role;
  throw refuse(`There is no role "${shorten(text)}".`, `Use ${ROLES.join(', ')}.`);
}

/** @throws IntermissionError `validation_failed` */
export function parseUserName(name: string | undefined, email: string): string {
  return parseName('user', name?.trim() || email.slice(0, 100));
}

/** The fields of a user that a log row shows: nothing of the password. */
export function auditedUser(user: User): { [field: string]: JsonValue } {
  return { email: user.email, name: user.name, role: user.role ?? 'viewer', isActive: user.banned !== true };
}

function refuse(message: string, hint: string): IntermissionError {
  return new IntermissionError('validation_failed', message, { hint });
}
