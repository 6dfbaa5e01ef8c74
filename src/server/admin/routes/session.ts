import type { FastifyReply, FastifyRequest } from 'fastify';
import * as z from 'zod';
import {
  changePasswordRequest,
  type SessionAnswer,
  sessionAnswer,
  setupAnswer,
  setupRequest,
  signInRequest,
} from '../../contract/session.ts';
import type { Session } from '../../sign-in/sign-in.ts';
import { VERSION } from '../../version.ts';
import { type AdminApiOptions, type ApiServer, ATTEMPTS_PER_MINUTE } from '../api-server.ts';
import { actorOf, authHeaders, sessionOf, setCookies } from '../guard.ts';

const nothing = z.null();
const LIMITED = { rateLimit: { max: ATTEMPTS_PER_MINUTE, timeWindow: 60_000 } };

/** Signing in and out, one's own password, and the set-up link. */
export function sessionRoutes(server: ApiServer, { app, signIn }: AdminApiOptions): void {
  const { publicUrl, environmentLabel = null } = app.config;
  const answer = ({ user, expiresAt }: Pick<Session, 'user' | 'expiresAt'>): SessionAnswer => ({
    user,
    expiresAt: expiresAt.toISOString(),
    environment: environmentLabel,
    version: VERSION,
  });
  const begin = async (request: FastifyRequest, reply: FastifyReply, email: string, password: string) => {
    const { cookies, session } = await signIn.signIn(email, password, authHeaders(request));
    setCookies(request, reply, cookies, { publicUrl });
    return answer(session);
  };

  server.post(
    '/session',
    {
      config: { access: 'public', ...LIMITED },
      schema: { body: signInRequest, response: { 200: sessionAnswer } },
    },
    (request, reply) => begin(request, reply, request.body.email, request.body.password),
  );

  server.get(
    '/session',
    { config: { access: 'viewer' }, schema: { response: { 200: sessionAnswer } } },
    async (request) => answer(sessionOf(request)),
  );

  server.delete(
    '/session',
    { config: { access: 'public' }, schema: { response: { 200: nothing } } },
    async (request, reply) => {
      setCookies(request, reply, await signIn.signOut(authHeaders(request)), { publicUrl });
      return null;
    },
  );

  server.post(
    '/session/password',
    {
      config: { access: 'viewer', ...LIMITED },
      schema: { body: changePasswordRequest, response: { 200: nothing } },
    },
    async (request) => {
      const { id, user } = sessionOf(request);
      await signIn.checkPassword(request.body.current, authHeaders(request));
      await app.users.setPassword({ id: user.id }, request.body.next, {
        actor: actorOf(request),
        keepSession: id,
      });
      return null;
    },
  );

  server.get(
    '/setup',
    { config: { access: 'public' }, schema: { response: { 200: setupAnswer } } },
    async () => ({
      needed: await app.users.isEmpty(),
    }),
  );

  server.post(
    '/setup',
    {
      config: { access: 'public', ...LIMITED },
      schema: { body: setupRequest, response: { 200: sessionAnswer } },
    },
    async (request, reply) => {
      const { token, ...user } = request.body;
      const { email } = await app.users.setUp(token, user);
      return begin(request, reply, email, user.password);
    },
  );
}
