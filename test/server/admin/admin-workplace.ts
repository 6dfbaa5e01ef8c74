import type { FastifyInstance, LightMyRequestResponse } from 'fastify';
import type { Role } from '../../../src/domain/user.ts';
import { admin } from '../../../src/server/admin/index.ts';
import { buildApp } from '../../../src/server/build-app.ts';
import { openWorkplace, type Workplace, type WorkplaceOptions } from '../../support/workplace.ts';

export const PASSWORD = 'correct horse battery';
export const ORIGIN = 'http://localhost';
const API = '/admin/api';

export interface AdminWorkplace extends Workplace {
  server: FastifyInstance;
  /** Somebody with that role, signed in. The first is an admin in any case: ask for one first. */
  as(role: Role): Promise<Browser>;
  /** Somebody who is not signed in. */
  stranger: Browser;
}

/** Sends requests as a page of ours would, with the cookies that it was given. */
export interface Browser {
  cookie: string;
  get(path: string): Promise<LightMyRequestResponse>;
  post(path: string, body?: object): Promise<LightMyRequestResponse>;
  patch(path: string, body: object): Promise<LightMyRequestResponse>;
  delete(path: string): Promise<LightMyRequestResponse>;
}

/** A workplace, the whole server on it, and nobody who could sign in yet. */
export async function openAdmin(
  databaseUrl: string,
  { pages, ...options }: WorkplaceOptions & { pages?: string } = {},
): Promise<AdminWorkplace> {
  const place = await openWorkplace(databaseUrl, options);
  const { app } = place;
  const now = () => place.clock.now();
  const server = buildApp({ served: app, now });
  server.register(admin, { app, now, pages });
  await server.ready();
  const stranger = browser(server);
  const close = place[Symbol.asyncDispose].bind(place);
  return Object.assign(place, {
    server,
    stranger,
    as: async (role: Role) => {
      const email = `${role}@example.com`;
      if (await app.users.isEmpty())
        await app.users.create({ email: 'admin@example.com', password: PASSWORD });
      if (role !== 'admin') await app.users.create({ email, password: PASSWORD, role });
      return signInAs(server, email);
    },
    [Symbol.asyncDispose]: async () => {
      await server.close();
      await close();
    },
  });
}

export async function signInAs(
  server: FastifyInstance,
  email: string,
  password = PASSWORD,
): Promise<Browser> {
  const reply = await browser(server).post('/session', { email, password });
  if (reply.statusCode !== 200) throw new Error(`Signing in failed: ${reply.body}`);
  return browser(server, cookieOf(reply));
}

export function cookieOf(reply: LightMyRequestResponse): string {
  return reply.cookies.map(({ name, value }) => `${name}=${encodeURIComponent(value)}`).join('; ');
}

export function browser(server: FastifyInstance, cookie = '', remoteAddress = '127.0.0.1'): Browser {
  const send = (method: 'GET' | 'POST' | 'PATCH' | 'DELETE') => (path: string, body?: object) =>
    server.inject({
      method,
      url: `${API}${path}`,
      remoteAddress,
      headers: { cookie, host: 'localhost', ...(method !== 'GET' && { origin: ORIGIN }) },
      ...(body !== undefined && { payload: body }),
    });
  return { cookie, get: send('GET'), post: send('POST'), patch: send('PATCH'), delete: send('DELETE') };
}
