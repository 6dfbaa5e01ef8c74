import Fastify from 'fastify';
import { describe, expect, test } from 'vitest';
import { guard } from '../../../src/server/admin/guard.ts';
import { PUBLIC_ROUTES } from '../../../src/server/public-routes.ts';
import type { SignIn } from '../../../src/server/sign-in/sign-in.ts';
import { ask } from '../../support/ask-server.ts';
import { describeDatabases } from '../../support/describe-databases.ts';
import { browser, cookieOf, ORIGIN, openAdmin, PASSWORD, signInAs } from './admin-workplace.ts';

describeDatabases((_kind, openTestDatabase) => {
  test('what answers without a session is exactly the public list', async () => {
    await using place = await openAdmin(await openTestDatabase.migratedUrl());
    const open: string[] = [];
    for (const route of place.server.routes.filter((each) => !each.startsWith('HEAD'))) {
      const [method, path = ''] = route.split(' ') as [Method, string];
      const url = path.replace(/:\w+/g, '1').replace('*', 'any');
      const reply = await ask(place.server, { method, url, headers: OWN, payload: {} });
      if (reply.statusCode === 401) expect(reply.json()).toMatchObject({ code: 'not_signed_in' });
      else if (reply.statusCode !== 405) open.push(route);
    }
    expect(open.sort()).toEqual([...PUBLIC_ROUTES].sort());
  });

  test('every route is refused to whoever has less than the role that it declares', async () => {
    await using place = await openAdmin(await openTestDatabase.migratedUrl());
    await place.as('admin');
    const viewer = await place.as('viewer');
    const operator = await place.as('operator');
    const before = await place.app.logs.count();
    for (const [method, path] of OPERATOR_ONLY)
      expect((await viewer[method](path, {})).statusCode, path).toBe(403);
    for (const [method, path] of ADMIN_ONLY)
      expect((await operator[method](path, {})).statusCode, path).toBe(403);
    expect(await place.app.logs.count()).toBe(before);
    expect(place.emulator.requests()).toEqual([]);
  });

  test('nobody raises their own role, or reads who the users are', async () => {
    await using place = await openAdmin(await openTestDatabase.migratedUrl());
    await place.as('admin');
    const operator = await place.as('operator');
    const { id } = await place.app.users.get({ email: 'operator@example.com' });
    for (const reply of [
      await operator.patch(`/users/${id}`, { role: 'admin' }),
      await operator.post('/users', { email: 'eve@example.com', role: 'admin', password: PASSWORD }),
      await operator.get('/users'),
    ])
      expect(reply.json()).toMatchObject({ code: 'not_permitted' });
    expect((await operator.get('/session')).json()).toMatchObject({ user: { role: 'operator' } });
  });

  test('the set-up link works once, and signs in', async () => {
    await using place = await openAdmin(await openTestDatabase.migratedUrl());
    const token = await place.app.users.createSetupToken();
    expect((await place.stranger.get('/setup')).json()).toEqual({ needed: true });
    const setUp = { token, email: 'ann@example.com', password: PASSWORD };
    const reply = await place.stranger.post('/setup', setUp);
    expect(reply.json()).toMatchObject({ user: { email: 'ann@example.com', role: 'admin' } });
    expect((await browser(place.server, cookieOf(reply)).get('/users')).statusCode).toBe(200);
    expect((await place.stranger.get('/setup')).json()).toEqual({ needed: false });
    const again = await place.stranger.post('/setup', { ...setUp, email: 'eve@example.com' });
    expect(again.json()).toMatchObject({ code: 'not_found' });
    expect(await place.app.users.all()).toHaveLength(1);
  });
});

describe('requests from other websites', () => {
  test.each([
    ['another origin', { origin: 'https://evil.example' }],
    ['the same host on another port', { origin: 'http://localhost:8000' }],
    ['an opaque origin', { origin: 'null' }],
    ['no origin', {}],
  ])('that change something are refused: %s', async (_case, headers) => {
    await using place = await openAdmin('sqlite::memory:');
    const { cookie } = await place.as('admin');
    for (const url of [
      '/admin/api/session',
      '/admin/api/sites',
      '/admin/api/setup',
      '/admin/api/api-keys/1/deactivate',
    ]) {
      const reply = await ask(place.server, {
        method: 'POST',
        url,
        headers: { host: 'localhost', cookie, ...headers },
        payload: {},
      });
      expect(reply.statusCode, url).toBe(403);
    }
  });

  test('may come from the public address, when a proxy stands before this server', async () => {
    const publicUrl = 'https://admin.example.com';
    await using place = await openAdmin('sqlite::memory:', { app: { publicUrl } });
    await place.as('admin');
    const reply = await ask(place.server, {
      method: 'POST',
      url: '/admin/api/session',
      headers: { host: 'internal:8000', origin: publicUrl },
      payload: { email: 'admin@example.com', password: PASSWORD },
    });
    expect(reply.statusCode).toBe(200);
    expect(reply.headers['set-cookie']).toMatch(/; HttpOnly; SameSite=Strict; Secure$/);
  });
});

describe('sessions', () => {
  test('a cookie that was planted before signing in is worth nothing after it', async () => {
    await using place = await openAdmin('sqlite::memory:');
    const victim = await place.as('admin');
    const planted = 'intermission.session_token=planted.by-somebody';
    const reply = await browser(place.server, planted).post('/session', {
      email: 'admin@example.com',
      password: PASSWORD,
    });
    expect(cookieOf(reply)).not.toContain('planted');
    expect((await browser(place.server, planted).get('/session')).statusCode).toBe(401);
    expect((await victim.get('/session')).statusCode).toBe(200);
  });

  test('signing out ends the session, also for whoever copied the cookie', async () => {
    await using place = await openAdmin('sqlite::memory:');
    const { cookie, delete: end } = await place.as('admin');
    expect((await end('/session')).statusCode).toBe(200);
    expect((await browser(place.server, cookie).get('/session')).statusCode).toBe(401);
  });

  test('a new password ends all other sessions, and needs the old one', async () => {
    await using place = await openAdmin('sqlite::memory:');
    const here = await place.as('admin');
    const elsewhere = await signInAs(place.server, 'admin@example.com');
    const next = 'another horse battery';
    const refused = await here.post('/session/password', { current: 'wrong horse battery', next });
    expect(refused.statusCode).toBe(401);
    expect((await here.post('/session/password', { current: PASSWORD, next })).statusCode).toBe(200);
    expect((await here.get('/session')).statusCode).toBe(200);
    expect((await elsewhere.get('/session')).statusCode).toBe(401);
    await signInAs(place.server, 'admin@example.com', next);
  });

  test('a session that has ended is none', async () => {
    await using place = await openAdmin('sqlite::memory:');
    const admin = await place.as('admin');
    await place.app.database.transaction((em) =>
      em.execute("update auth_session set expires_at = '2020-01-01T00:00:00.000Z'"),
    );
    expect((await admin.get('/session')).statusCode).toBe(401);
  });
});

test('the eleventh attempt to sign in within a minute is refused, from that address only', async () => {
  await using place = await openAdmin('sqlite::memory:');
  await place.as('admin');
  const from = (address: string) => browser(place.server, '', address);
  const attempt = { email: 'admin@example.com', password: 'wrong horse battery' };
  for (let count = 0; count < 10; count += 1)
    expect((await from('192.0.2.1').post('/session', attempt)).statusCode).toBe(401);
  const refused = await from('192.0.2.1').post('/session', { ...attempt, password: PASSWORD });
  expect(refused.statusCode).toBe(429);
  expect(refused.json()).toMatchObject({ code: 'too_many_attempts' });
  expect((await from('192.0.2.2').post('/session', { ...attempt, password: PASSWORD })).statusCode).toBe(200);
});

test.each([
  '/auth/sign-up/email',
  '/auth/admin/create-user',
  '/auth/admin/impersonate-user',
  '/auth/get-session',
  '/sign-up/email',
])('the library behind signing in cannot be reached: %s', async (path) => {
  await using place = await openAdmin('sqlite::memory:');
  const admin = await place.as('admin');
  const body = { email: 'eve@example.com', password: PASSWORD, name: 'Eve' };
  expect((await admin.post(path, body)).statusCode).toBe(404);
  expect((await admin.get(path)).statusCode).toBe(404);
  expect(await place.app.users.all()).toHaveLength(1);
});

test('no answer holds a session token, a password or the token of an API key', async () => {
  await using place = await openAdmin('sqlite::memory:');
  const admin = await place.as('admin');
  const token = place.emulator.addToken({});
  const added = await admin.post('/api-keys', { name: 'two', apiToken: token });
  expect(added.statusCode).toBe(201);
  const bodies = [added.body];
  for (const path of EVERY_READ) bodies.push((await admin.get(path)).body);
  bodies.push(
    (await place.stranger.post('/session', { email: 'admin@example.com', password: PASSWORD })).body,
  );
  const all = bodies.join('\n');
  expect(all).toContain(token.slice(-4));
  for (const secret of [token.slice(0, 12), token.slice(-12), place.emulator.token.slice(0, 12), 'horse'])
    expect(all).not.toContain(secret);
  expect(all).not.toContain(decodeURIComponent(admin.cookie).split('=')[1]?.slice(0, 16));
});

test('a route that does not say who may use it cannot be registered', async () => {
  const server = Fastify();
  guard(server, { signIn: {} as SignIn, publicUrl: undefined });
  expect(() => server.get('/secrets', async () => 'all')).toThrow('does not say who may use it');
  expect(() => server.get('/secrets', { config: { access: 'public' } }, async () => 'all')).toThrow('public');
});

const OWN = { host: 'localhost', origin: ORIGIN };

const OPERATOR_ONLY = [
  ['post', '/sites'],
  ['patch', '/sites/1'],
  ['delete', '/sites/1'],
  ['post', '/sites/1/forget-unrestored'],
  ['post', '/sites/1/verify'],
  ['post', '/api-keys/1/verify'],
  ['post', '/api-keys/1/discover'],
  ['post', '/plans'],
  ['post', '/operations'],
] as const;

const ADMIN_ONLY = [
  ['post', '/api-keys'],
  ['post', '/api-keys/1/default'],
  ['post', '/api-keys/1/activate'],
  ['post', '/api-keys/1/deactivate'],
  ['delete', '/api-keys/1'],
  ['get', '/users'],
  ['post', '/users'],
  ['patch', '/users/1'],
  ['post', '/users/1/password'],
] as const;

const EVERY_READ = [
  '/session',
  '/users',
  '/sites',
  '/sites/1',
  '/sites/1/live?observe=true',
  '/sites/1/rules',
  '/api-keys',
  '/api-keys/1',
  '/logs',
  '/logs/1',
  '/logs/stats',
  '/logs/export?format=csv',
  '/logs/export?format=json',
  '/windows',
  '/dashboard',
  '/operations',
];

type Method = 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE' | 'OPTIONS';
