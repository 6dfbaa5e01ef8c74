import { randomUUID } from 'node:crypto';
import { type EntityData, LockMode, type RequiredEntityData, type SqlEntityManager } from '@mikro-orm/sql';
import { type Role, User, UserAccount, UserSession } from '../../domain/user.ts';
import { notFound } from './not-found.ts';

export type UserIdentity = { email: string } | { id: string };

export interface NewUser {
  email: string;
  name: string;
  role: Role;
  passwordHash: string;
}

/** Name that better-auth has for signing in with a password. */
const PASSWORD_PROVIDER = 'credential';

/** The people who may sign in. To write, construct it with the entity manager of a transaction. */
export class UserRepository {
  readonly #em: SqlEntityManager;
  readonly #now: () => Date;

  constructor(em: SqlEntityManager, now: () => Date) {
    this.#em = em;
    this.#now = now;
  }

  /** By e-mail address. */
  all(): Promise<User[]> {
    return this.#em.find(User, {}, { orderBy: { email: 'asc' } });
  }

  count(): Promise<number> {
    return this.#em.count(User);
  }

  /** @throws IntermissionError `not_found`, with addresses that are spelt alike as its hint */
  async get(identity: UserIdentity): Promise<User> {
    const user = await this.#em.findOne(User, identity, this.#locked());
    if (user !== null) return user;
    const known = (await this.all()).map(({ email }) => email);
    throw notFound('user', 'id' in identity ? identity.id : identity.email, known, 'intermission user list');
  }

  /** Those who may administer and are not disabled. */
  activeAdmins(): Promise<User[]> {
    return this.#em.find(
      User,
      { role: 'admin', banned: false },
      { orderBy: { id: 'asc' }, ...this.#locked() },
    );
  }

  /** When each user was last active, by user id; as far as a session of theirs is still there. */
  async lastActive(): Promise<Map<string, Date>> {
    const sessions = await this.#em.find(UserSession, {}, { orderBy: { updatedAt: 'asc' } });
    return new Map(sessions.map(({ user, updatedAt }) => [user.id, updatedAt as Date]));
  }

  /** @throws IntermissionError `already_exists` when there is a user with that address */
  async create({ email, name, role, passwordHash }: NewUser): Promise<User> {
    const times = { createdAt: this.#now(), updatedAt: this.#now() };
    const data = { id: randomUUID(), email, name, role, ...times };
    const user = this.#em.create(User, data as RequiredEntityData<User>);
    const account = {
      id: randomUUID(),
      accountId: user.id,
      providerId: PASSWORD_PROVIDER,
      user,
      password: passwordHash,
      ...times,
    };
    this.#em.create(UserAccount, account as RequiredEntityData<UserAccount>);
    await this.#em.flush();
    return user;
  }

  async update(user: User, changes: EntityData<User>): Promise<void> {
    this.#em.assign(user, { ...changes, updatedAt: this.#now() } as EntityData<User>);
    await this.#em.flush();
  }

  async setPassword({ id }: User, password: string): Promise<void> {
    const where = { user: id, providerId: PASSWORD_PROVIDER };
    await this.#em.nativeUpdate(UserAccount, where, { password, updatedAt: this.#now() });
  }

  /** Signs the user out everywhere, or everywhere but in one session. */
  async endSessions({ id }: User, exceptSession?: string): Promise<void> {
    const others = exceptSession === undefined ? {} : { id: { $ne: exceptSession } };
    await this.#em.nativeDelete(UserSession, { user: id, ...others });
  }

  #locked(): { lockMode?: LockMode.PESSIMISTIC_WRITE } {
    return this.#em.isInTransaction() ? { lockMode: LockMode.PESSIMISTIC_WRITE } : {};
  }
}
