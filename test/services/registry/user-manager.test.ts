import { expect, test } from 'vitest';
import { UserAccount } from '../../../src/domain/user.ts';
import type { Database } from '../../../src/persistence/open-database.ts';
import { MaintenanceLogRepository } from '../../../src/persistence/repositories/maintenance-log-repository.ts';
import { UserManager } from '../../../src/services/registry/user-manager.ts';
import { describeDatabases } from '../../support/describe-databases.ts';
import { type FakeClock, fakeClock } from '../../support/fake-clock.ts';
import { failureOf } from '../../support/workplace.ts';

const PASSWORD = 'correct horse battery';
const ann = { email: 'ann@example.com' };
const bob = { email: 'bob@example.com' };
const actor = { name: 'root', source: 'cli' as const };

describeDatabases((_kind, openTestDatabase) => {
  test('the first user is an admin, the next a viewer unless said otherwise', async () => {
    const { users } = await open(openTestDatabase);
    expect(await users.isEmpty()).toBe(true);
    await users.create({ ...ann, password: PASSWORD, role: 'viewer' });
    await users.create({ ...bob, password: PASSWORD, name: 'Bob' });
    await users.create({ email: ' Eve@Example.COM ', password: PASSWORD, role: 'operator' });
    const all = await users.all();
    expect(all.map(({ email, name, role }) => [email, name, role])).toEqual([
      ['ann@example.com', 'ann@example.com', 'admin'],
      ['bob@example.com', 'Bob', 'viewer'],
      ['eve@example.com', 'eve@example.com', 'operator'],
    ]);
    expect(all[0]?.createdAt).toEqual(new Date('2026-01-01T00:00:00.000Z'));
  });

  test.each([
    ['an address twice', { ...ann, password: PASSWORD }, 'already_exists'],
    ['what is no address', { email: 'ann', password: PASSWORD }, 'validation_failed'],
    ['a short password', { ...bob, password: 'short' }, 'validation_failed'],
    ['an endless password', { ...bob, password: 'x'.repeat(129) }, 'validation_failed'],
    ['an unknown role', { ...bob, password: PASSWORD, role: 'owner' as 'admin' }, 'validation_failed'],
  ] as const)('%s is refused, and leaves neither user nor log row', async (_case, input, code) => {
    const { users, logs } = await open(openTestDatabase);
    await users.create({ ...ann, password: PASSWORD });
    const error = await failureOf(users.create(input), code);
    expect(error.message).not.toContain(input.password);
    expect(await users.all()).toHaveLength(1);
    expect(await logs()).toHaveLength(1);
  });

  test('every change leaves a row that says who and what, and nothing of a password', async () => {
    const { users, logs } = await open(openTestDatabase);
    await users.create({ ...ann, password: PASSWORD }, { actor });
    await users.create({ ...bob, password: PASSWORD }, { actor });
    await users.setRole(bob, 'operator', { actor });
    await users.setRole(bob, 'operator', { actor });
    await users.setPassword(bob, 'another horse battery', { actor });
    await users.disable(bob, { actor });
    const rows = await logs();
    expect(rows.map(({ action, reason, actor: by, changed }) => [action, reason, by, changed])).toEqual([
      ['configure', 'user ann@example.com added', 'root', added('ann@example.com', 'admin')],
      ['configure', 'user bob@example.com added', 'root', added('bob@example.com', 'viewer')],
      ['configure', 'user bob@example.com edited', 'root', changed({ role: 'viewer' }, { role: 'operator' })],
      [
        'configure',
        'user bob@example.com edited',
        'root',
        changed({ password: null }, { password: 'changed' }),
      ],
      ['configure', 'user bob@example.com edited', 'root', changed({ isActive: true }, { isActive: false })],
    ]);
    expect(JSON.stringify(rows)).not.toContain('horse');
  });

  test('the last admin who can sign in stays one', async () => {
    const { users } = await open(openTestDatabase);
    await users.create({ ...ann, password: PASSWORD });
    await users.create({ ...bob, password: PASSWORD, role: 'admin' });
    await users.disable(bob);
    await failureOf(users.setRole(ann, 'operator'), 'in_use');
    await failureOf(users.disable(ann), 'in_use');
    await users.enable(bob);
    await users.disable(ann);
    await failureOf(users.disable(bob), 'in_use');
  });

  test('of two admins who disable each other at the same moment one stays', async () => {
    const { users } = await open(openTestDatabase);
    await users.create({ ...ann, password: PASSWORD });
    await users.create({ ...bob, password: PASSWORD, role: 'admin' });
    const outcomes = await Promise.allSettled([users.disable(ann), users.disable(bob)]);
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect((await users.all()).filter(({ banned }) => banned !== true)).toHaveLength(1);
  });

  test('what is only tried changes nothing', async () => {
    const { users, logs } = await open(openTestDatabase);
    await users.create({ ...ann, password: PASSWORD }, { dryRun: true });
    expect(await users.isEmpty()).toBe(true);
    expect(await logs()).toEqual([]);
  });

  test('passwords are stored hashed', async () => {
    const { users, database } = await open(openTestDatabase);
    await users.create({ ...ann, password: PASSWORD });
    const [account] = await database.read().find(UserAccount, {});
    expect(account?.password).toMatch(/^[0-9a-f]{32}:[0-9a-f]{128}$/);
  });

  test('a set-up link makes the first user, once', async () => {
    const { users, logs } = await open(openTestDatabase);
    const token = (await users.createSetupToken()) ?? '';
    expect(Buffer.from(token, 'base64url')).toHaveLength(32);
    await failureOf(users.setUp(`${token}x`, { ...ann, password: PASSWORD }), 'not_found');
    await failureOf(users.setUp(token, { ...ann, password: 'short' }), 'validation_failed');
    expect((await users.setUp(token, { ...ann, password: PASSWORD })).role).toBe('admin');
    await failureOf(users.setUp(token, { ...bob, password: PASSWORD }), 'not_found');
    expect(await users.createSetupToken()).toBeUndefined();
    expect(await logs()).toMatchObject([{ actor: 'ann@example.com', source: 'admin' }]);
  });

  test('of two set-up links that are used at once one works', async () => {
    const { users } = await open(openTestDatabase);
    const tokens = [await users.createSetupToken(), await users.createSetupToken()];
    const outcomes = await Promise.allSettled([
      users.setUp(tokens[0] ?? '', { ...ann, password: PASSWORD }),
      users.setUp(tokens[1] ?? '', { ...bob, password: PASSWORD }),
    ]);
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(await users.all()).toHaveLength(1);
  });

  test('a set-up link works for an hour, and not once there is a user', async () => {
    const { users, clock } = await open(openTestDatabase);
    const token = (await users.createSetupToken()) ?? '';
    clock.advance(3_600_000);
    await failureOf(users.setUp(token, { ...ann, password: PASSWORD }), 'not_found');
    const fresh = (await users.createSetupToken()) ?? '';
    await users.create({ ...ann, password: PASSWORD });
    await failureOf(users.setUp(fresh, { ...bob, password: PASSWORD }), 'not_found');
  });

  test('the database holds the link hashed only', async () => {
    const { users, database } = await open(openTestDatabase);
    const token = (await users.createSetupToken()) ?? '';
    const rows = await database.read().execute('select * from setup_link');
    expect(rows).toHaveLength(1);
    expect(JSON.stringify(rows)).not.toContain(token.slice(0, 8));
  });
});

async function open(openTestDatabase: () => Promise<Database>) {
  const database = await openTestDatabase();
  const clock: FakeClock = fakeClock('2026-01-01T00:00:00.000Z');
  const now = () => clock.now();
  const { hashPassword } = await import('better-auth/crypto');
  const logs = () => new MaintenanceLogRepository(database.read(), now).orderBy('id').all();
  return { database, clock, logs, users: new UserManager({ database, now, hashPassword }) };
}

const added = (email: string, role: string) => ({
  before: null,
  after: { email, name: email, role, isActive: true },
});

const changed = (before: object, after: object) => ({ before, after });
