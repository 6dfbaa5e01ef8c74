import { randomBytes } from 'node:crypto';
import { getMigrations } from 'better-auth/db/migration';
import { describe, expect, test } from 'vitest';
import { UserSession } from '../../../src/domain/user.ts';
import { hashPassword } from '../../../src/parts.ts';
import type { Database } from '../../../src/persistence/open-database.ts';
import { createAuth, SignIn } from '../../../src/server/sign-in/sign-in.ts';
import { UserManager } from '../../../src/services/registry/user-manager.ts';
import { describeDatabases } from '../../support/describe-databases.ts';
import { failureOf } from '../../support/workplace.ts';

const PASSWORD = 'correct horse battery';
const ANN = { email: 'ann@example.com', password: PASSWORD };

describeDatabases((_kind, openTestDatabase) => {
  test('the tables are those that better-auth wants', async () => {
    const said: string[] = [];
    const options = optionsFor(await openTestDatabase(), said);
    const { options: resolved } = createAuth(options);
    const { compileMigrations, toBeCreated, toBeAdded } = await getMigrations(resolved);
    expect({ toBeCreated, toBeAdded }).toEqual({ toBeCreated: [], toBeAdded: [] });
    expect((await compileMigrations()).replace(/;\s*$/, '')).toBe('');
    expect(said).toEqual([]);
  });

  describe('signing in', () => {
    test('gives a cookie that scripts cannot read, and that names the user', async () => {
      const { signIn } = await openWithAnn(openTestDatabase);
      const { session, cookies } = await signIn.signIn(ANN.email, PASSWORD, new Headers());
      expect(session.user).toMatchObject({ email: ANN.email, name: ANN.email, role: 'admin' });
      expect(cookies).toHaveLength(1);
      expect(cookies[0]).toMatch(/; Path=\/admin; HttpOnly; SameSite=Strict$/);
      const found = await signIn.find(withCookie(cookies));
      expect(found?.session).toEqual(session);
      expect(await signIn.find(new Headers())).toBeUndefined();
    });

    test('takes the address in any letter case', async () => {
      const { signIn } = await openWithAnn(openTestDatabase);
      expect((await signIn.signIn('Ann@Example.com', PASSWORD, new Headers())).session.user.email).toBe(
        ANN.email,
      );
    });

    test.each([
      ['a wrong password', ANN.email, 'wrong horse battery'],
      ['an unknown address', 'eve@example.com', PASSWORD],
      ['what is no address', 'ann', PASSWORD],
      ['an endless password', ANN.email, 'x'.repeat(10_000)],
    ])('refuses %s, each in the same words', async (_case, email, password) => {
      const { signIn } = await openWithAnn(openTestDatabase);
      const error = await failureOf(signIn.signIn(email, password, new Headers()), 'not_signed_in');
      expect(error.message).toBe('E-mail address and password do not belong together.');
    });

    test('makes a new session each time, whatever cookie was sent along', async () => {
      const { signIn } = await openWithAnn(openTestDatabase);
      const first = await signIn.signIn(ANN.email, PASSWORD, new Headers());
      const second = await signIn.signIn(ANN.email, PASSWORD, withCookie(first.cookies));
      expect(second.cookies[0]).not.toBe(first.cookies[0]);
    });

    test('ends with signing out: the cookie is worth nothing then', async () => {
      const { signIn } = await openWithAnn(openTestDatabase);
      const { cookies } = await signIn.signIn(ANN.email, PASSWORD, new Headers());
      const cleared = await signIn.signOut(withCookie(cookies));
      expect(cleared.join()).toContain('Max-Age=0');
      expect(await signIn.find(withCookie(cookies))).toBeUndefined();
    });

    test('is refused to whoever is disabled, and their sessions end', async () => {
      const { signIn, users } = await openWithAnn(openTestDatabase);
      await users.create({ email: 'bob@example.com', password: PASSWORD, role: 'operator' });
      const { cookies } = await signIn.signIn('bob@example.com', PASSWORD, new Headers());
      await users.disable({ email: 'bob@example.com' });
      expect(await signIn.find(withCookie(cookies))).toBeUndefined();
      await failureOf(signIn.signIn('bob@example.com', PASSWORD, new Headers()), 'not_permitted');
      await users.enable({ email: 'bob@example.com' });
      await signIn.signIn('bob@example.com', PASSWORD, new Headers());
    });

    test('shows a change of role at once', async () => {
      const { signIn, users } = await openWithAnn(openTestDatabase);
      await users.create({ email: 'bob@example.com', password: PASSWORD, role: 'operator' });
      const { cookies } = await signIn.signIn('bob@example.com', PASSWORD, new Headers());
      await users.setRole({ email: 'bob@example.com' }, 'viewer');
      expect((await signIn.find(withCookie(cookies)))?.session.user.role).toBe('viewer');
    });
  });

  test('a session that has ended is none', async () => {
    const { signIn, database } = await openWithAnn(openTestDatabase);
    const { cookies, session } = await signIn.signIn(ANN.email, PASSWORD, new Headers());
    expect(session.expiresAt.getTime()).toBeGreaterThan(Date.now());
    await database.transaction((em) =>
      em.nativeUpdate(UserSession, {}, { expiresAt: new Date(Date.now() - 1) }),
    );
    expect(await signIn.find(withCookie(cookies))).toBeUndefined();
  });

  test('a cookie that was signed with another secret is none', async () => {
    const { signIn, database } = await openWithAnn(openTestDatabase);
    const { cookies } = await signIn.signIn(ANN.email, PASSWORD, new Headers());
    const other = new SignIn(optionsFor(database));
    expect(await other.find(withCookie(cookies))).toBeUndefined();
  });

  test('twenty that sign in while others write do not wait for ever', async () => {
    const { signIn, users } = await openWithAnn(openTestDatabase);
    const roles = ['viewer', 'operator'] as const;
    await users.create({ email: 'bob@example.com', password: PASSWORD });
    const signingIn = Array.from({ length: 20 }, () => signIn.signIn(ANN.email, PASSWORD, new Headers()));
    const changing = Array.from({ length: 20 }, (_, at) =>
      users.setRole({ email: 'bob@example.com' }, roles[at % 2] ?? 'viewer'),
    );
    await Promise.all([...signingIn, ...changing]);
    expect((await users.lastActive()).size).toBe(1);
  });
});

async function openWithAnn(open: () => Promise<Database>) {
  const database = await open();
  const users = new UserManager({ database, now: () => new Date(), hashPassword });
  await users.create(ANN);
  return { database, users, signIn: new SignIn(optionsFor(database)) };
}

function optionsFor(database: Database, said: string[] = []) {
  return {
    database,
    secret: randomBytes(32),
    log: (_level: string, message: string) => void said.push(message),
  };
}

/** What a browser would send back. */
function withCookie(cookies: readonly string[]): Headers {
  return new Headers({ cookie: cookies.map((cookie) => cookie.split(';')[0]).join('; ') });
}
