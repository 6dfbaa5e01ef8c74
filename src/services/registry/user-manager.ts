import type { SqlEntityManager } from '@mikro-orm/sql';
import type { Role, User } from '../../domain/user.ts';
import { IntermissionError, type JsonValue } from '../../errors.ts';
import type { Database } from '../../persistence/open-database.ts';
import { createSetupToken, useSetupToken } from '../../persistence/repositories/setup-links.ts';
import { type UserIdentity, UserRepository } from '../../persistence/repositories/user-repository.ts';
import { logEdit } from '../audit.ts';
import { type ChangeOptions, LIBRARY, transact } from '../change.ts';
import {
  auditedUser,
  parseEmail,
  parsePassword,
  parseRole,
  parseUserName,
  type UserInput,
} from './user-input.ts';

export interface UserManagerOptions {
  database: Database;
  now: () => Date;
  hashPassword: (password: string) => Promise<string>;
}

export interface PasswordOptions extends ChangeOptions {
  /** The session that stays signed in: that of whoever changes the own password. */
  keepSession?: string | undefined;
}

type Change = (users: UserRepository, user: User) => Promise<void>;

/** The people who may sign in to the admin. Every change leaves a log row; nothing of a password is in it. */
export class UserManager {
  readonly #options: UserManagerOptions;

  constructor(options: UserManagerOptions) {
    this.#options = options;
  }

  all = (): Promise<User[]> => this.#users().all();
  /** @throws IntermissionError `not_found`, with addresses that are spelt alike */
  get = (identity: UserIdentity): Promise<User> => this.#users().get(canonical(identity));
  /** When each user was last active, by id; as far as a session of theirs is still there. */
  lastActive = (): Promise<Map<string, Date>> => this.#users().lastActive();

  /** Whether nobody can sign in yet. */
  async isEmpty(): Promise<boolean> {
    return (await this.#users().count()) === 0;
  }

  /**
   * The first user is an admin, whatever role was asked for; others are viewers unless said otherwise.
   *
   * @throws IntermissionError `validation_failed` or `already_exists`
   */
  async create(input: UserInput, options: ChangeOptions = {}): Promise<User> {
    const made = await this.#parse(input);
    return transact(this.#options.database, options, async (em) => {
      const users = this.#users(em);
      const role = (await users.count()) === 0 ? 'admin' : made.role;
      const user = await users.create({ ...made, role });
      await this.#log(em, user, { before: null, after: auditedUser(user) }, options);
      return user;
    });
  }

  /** @throws IntermissionError `not_found`, `validation_failed`; `in_use` for the last admin */
  setRole(identity: UserIdentity, role: Role, options: ChangeOptions = {}): Promise<User> {
    return this.#change(identity, options, async (users, user) => {
      if (parseRole(role) !== 'admin') await refuseLastAdmin(users, user);
      await users.update(user, { role });
    });
  }

  /**
   * The user can no longer sign in, and is signed out everywhere at once.
   *
   * @throws IntermissionError `not_found`; `in_use` for the last admin
   */
  disable(identity: UserIdentity, options: ChangeOptions = {}): Promise<User> {
    return this.#change(identity, options, async (users, user) => {
      await refuseLastAdmin(users, user);
      await users.update(user, { banned: true });
      await users.endSessions(user);
    });
  }

  /** @throws IntermissionError `not_found` */
  enable(identity: UserIdentity, options: ChangeOptions = {}): Promise<User> {
    return this.#change(identity, options, (users, user) => users.update(user, { banned: false }));
  }

  /**
   * Signs the user out everywhere.
   *
   * @throws IntermissionError `not_found`, `validation_failed`
   */
  async setPassword(
    identity: UserIdentity,
    password: string,
    { keepSession, ...options }: PasswordOptions = {},
  ): Promise<User> {
    const hash = await this.#options.hashPassword(parsePassword(password));
    const change: Change = async (users, user) => {
      await users.setPassword(user, hash);
      await users.endSessions(user, keepSession);
    };
    return this.#change(identity, options, change, { password: 'changed' });
  }

  /**
   * The token of a link that makes the first user, good for one hour; undefined when there is a user. Only its hash is
   * stored, so it can be shown once.
   */
  createSetupToken(): Promise<string | undefined> {
    return this.#options.database.transaction((em) => createSetupToken(em, this.#options.now()));
  }

  /**
   * Makes the first user, an admin. After that no set-up link works any more.
   *
   * @throws IntermissionError `not_found` for a token that is wrong, used up or too old; `validation_failed`
   */
  async setUp(token: string, input: Omit<UserInput, 'role'>): Promise<User> {
    const made = await this.#parse({ ...input, role: 'admin' });
    return this.#options.database.transaction(async (em) => {
      await useSetupToken(em, token, this.#options.now());
      const user = await this.#users(em).create(made);
      const actor = { name: user.email, source: 'admin' as const };
      await this.#log(em, user, { before: null, after: auditedUser(user) }, { actor });
      return user;
    });
  }

  async #parse({ email: text, password, name, role = 'viewer' }: UserInput) {
    const email = parseEmail(text);
    const passwordHash = await this.#options.hashPassword(parsePassword(password));
    return { email, name: parseUserName(name, email), role: parseRole(role), passwordHash };
  }

  #change(
    identity: UserIdentity,
    options: ChangeOptions,
    change: Change,
    also: { [field: string]: JsonValue } = {},
  ): Promise<User> {
    return transact(this.#options.database, options, async (em) => {
      const users = this.#users(em);
      const user = await users.get(canonical(identity));
      const before = auditedUser(user);
      await change(users, user);
      await this.#log(em, user, { before, after: { ...auditedUser(user), ...also } }, options);
      return user;
    });
  }

  #users(em?: SqlEntityManager): UserRepository {
    return new UserRepository(em ?? this.#options.database.read(), this.#options.now);
  }

  #log(
    em: SqlEntityManager,
    { email }: User,
    change: Pick<Parameters<typeof logEdit>[2], 'before' | 'after'>,
    { actor: by = LIBRARY }: ChangeOptions,
  ): Promise<void> {
    return logEdit(em, this.#options.now, { what: 'user', name: email, ...change, by });
  }
}

/** Nobody could give it back. */
async function refuseLastAdmin(users: UserRepository, user: User): Promise<void> {
  const admins = await users.activeAdmins();
  if (admins.length !== 1 || admins[0]?.id !== user.id) return;
  throw new IntermissionError('in_use', `${user.email} is the only admin who can sign in.`, {
    hint: 'Make somebody else an admin first.',
  });
}

function canonical(identity: UserIdentity): UserIdentity {
  return 'id' in identity ? identity : { email: parseEmail(identity.email) };
}
