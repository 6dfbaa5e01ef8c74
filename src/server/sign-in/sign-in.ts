import { betterAuth } from 'better-auth';
import { admin } from 'better-auth/plugins/admin';
import type { Role } from '../../domain/user.ts';
import { IntermissionError } from '../../errors.ts';
import type { Intermission } from '../../intermission.ts';
import { DatesAsDates } from './dates-as-dates.ts';
import { TABLES, USER_COLUMNS } from './tables.ts';

export interface SignInOptions {
  database: Intermission['database'];
  /** Signs the cookies; at least 32 bytes. */
  secret: Buffer;
  /** Told of what better-auth finds worth saying; never a password. */
  log: (level: string, message: string) => void;
}

/** Who is signed in. */
export interface Session {
  /** Of the session, not of its cookie. */
  id: string;
  user: { id: string; email: string; name: string; role: Role };
  expiresAt: Date;
}

/** A session, and the cookies that the browser is to keep for it. */
export interface SignedIn {
  session: Session;
  cookies: string[];
}

const SESSION_SECONDS = 12 * 3_600;
/** A session in use is made longer, and its user's last activity noted, at most this often. */
const SESSION_UPDATE_SECONDS = 15 * 60;

/**
 * Signing in by e-mail address and password, with better-auth on the database connection of this process. Its HTTP
 * handler is not exposed: these four functions are all that can be reached of it. Origin, rate and the `Secure` of
 * cookies are up to the caller.
 */
export class SignIn {
  readonly #auth: Auth;

  constructor(options: SignInOptions) {
    this.#auth = createAuth(options);
  }

  /** @throws IntermissionError `not_signed_in` (unknown, or a wrong password) or `not_permitted` (disabled) */
  async signIn(email: string, password: string, headers: Headers): Promise<SignedIn> {
    const request = { body: { email, password }, headers, returnHeaders: true as const };
    const { headers: answer } = await this.#auth.api.signInEmail(request).catch(translate);
    const cookies = answer.getSetCookie();
    const sent = cookies.map((cookie) => cookie.split(';')[0]).join('; ');
    const found = await this.find(new Headers({ cookie: sent }));
    if (found === undefined) throw wrongPassword();
    return { session: found.session, cookies };
  }

  /** Ends the session, if there is one. Returns the cookies to set. */
  async signOut(headers: Headers): Promise<string[]> {
    const { headers: answer } = await this.#auth.api.signOut({ headers, returnHeaders: true });
    return answer.getSetCookie();
  }

  /** The session of a request, with its user as they are now, and cookies to set when it was made longer. */
  async find(headers: Headers): Promise<SignedIn | undefined> {
    const { headers: answer, response } = await this.#auth.api.getSession({ headers, returnHeaders: true });
    if (response === null) return undefined;
    const { session, user } = response;
    // Disabling ends all sessions; this is for one that is being made at the same moment.
    if (user.banned === true) return undefined;
    const found = { id: session.id, user: asUser(user), expiresAt: session.expiresAt };
    return { session: found, cookies: answer.getSetCookie() };
  }

  /** @throws IntermissionError `not_signed_in` when it is not the password of whoever is signed in */
  async checkPassword(password: string, headers: Headers): Promise<void> {
    await this.#auth.api.verifyPassword({ body: { password }, headers }).catch(translate);
  }
}

type Auth = ReturnType<typeof createAuth>;

/** For tests as well: what its tables have to look like follows from its options. */
export function createAuth({ database, secret, log }: SignInOptions) {
  const value = secret.toString('hex');
  return betterAuth({
    // A second connection to the same SQLite file would stop this process for seconds.
    database: {
      db: database.read().getConnection().getClient().withPlugin(new DatesAsDates()),
      type: database.kind === 'sqlite' ? 'sqlite' : 'postgres',
      transaction: true,
    },
    ...TABLES,
    appName: 'Intermission',
    // Everything that it would otherwise take from the environment is said here.
    baseURL: 'http://localhost',
    secret: value,
    secrets: [{ version: 1, value }],
    telemetry: { enabled: false },
    rateLimit: { enabled: false },
    logger: { level: 'warn', log: (level, message) => log(level, message) },
    emailAndPassword: { enabled: true, disableSignUp: true, autoSignIn: false },
    session: { ...TABLES.session, expiresIn: SESSION_SECONDS, updateAge: SESSION_UPDATE_SECONDS },
    advanced: {
      cookiePrefix: 'intermission',
      useSecureCookies: false,
      defaultCookieAttributes: { httpOnly: true, sameSite: 'strict', path: '/admin' },
      ipAddress: { ipAddressHeaders: [IP_HEADER] },
    },
    // Keeps those out who are disabled, and gives users their role. None of its endpoints can be reached.
    plugins: [admin({ adminRoles: [], defaultRole: 'viewer', schema: USER_COLUMNS })],
  });
}

/** Carries the address of the client to better-auth; the caller sets it, whatever the client sent. */
export const IP_HEADER = 'x-intermission-client';

function asUser(user: {
  id: string;
  email: string;
  name: string;
  role?: string | null | undefined;
}): Session['user'] {
  const { id, email, name, role } = user;
  return { id, email, name, role: isRole(role) ? role : 'viewer' };
}

function isRole(role: string | null | undefined): role is Role {
  return role === 'operator' || role === 'admin' || role === 'viewer';
}

/** Errors of better-auth carry a code of their own in their body. */
function translate(error: unknown): never {
  const { status, body } = error as { status?: unknown; body?: { code?: string } };
  if (body?.code === 'BANNED_USER') {
    throw new IntermissionError('not_permitted', 'This user is disabled.', {
      hint: 'Ask an admin: `intermission user enable` lets them in again.',
    });
  }
  if (typeof status !== 'string' && typeof status !== 'number') throw error;
  throw wrongPassword();
}

function wrongPassword(): IntermissionError {
  return new IntermissionError('not_signed_in', 'E-mail address and password do not belong together.', {
    hint: 'Try again. `intermission user set-password` gives a user another password.',
  });
}
