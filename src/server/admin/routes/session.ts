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

/** Signing in and out. */
export function sessionRoutes(server: ApiServer, options: AdminApiOptions): void {
  server.post(
    '/session',
    {
      config: { access: 'public', ...LIMITED },
      schema: { body: signInRequest, response: { 200: sessionAnswer } },
    },
    (request, reply) => begin(options, { request, reply, ...request.body }),
  );

  server.get(
    '/session',
    { config: { access: 'viewer' }, schema: { response: { 200: sessionAnswer } } },
    async (request) => answerFor(options, sessionOf(request)),
  );

  server.delete(
    '/session',
    { config: { access: 'public' }, schema: { response: { 200: nothing } } },
    async (request, reply) => {
      setCookies(request, reply, await options.signIn.signOut(authHeaders(request)), options.app.config);
      return null;
    },
  );
  passwordRoute(server, options);
  setupRoutes(server, options);
}

/** One's own password. */
function passwordRoute(server: ApiServer, { app, signIn }: AdminApiOptions): void {
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
}

/** The first user, by the link that `serve` prints. */
function setupRoutes(server: ApiServer, options: AdminApiOptions): void {
  const { app } = options;
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
      return begin(options, { request, reply, email, password: user.password });
    },
  );
}

interface Credentials {
  request: FastifyRequest;
  reply: FastifyReply;
  email: string;
  password: string;
}

async function begin(options: AdminApiOptions, { request, reply, email, password }: Credentials) {
  const { cookies, session } = await options.signIn.signIn(email, password, authHeaders(request));
  setCookies(request, reply, cookies, options.app.config);
  return answerFor(options, session);
}

function answerFor({ app }: AdminApiOptions, { user, expiresAt }: Session): SessionAnswer {
  const environment = app.config.environmentLabel ?? null;
  return { user, expiresAt: expiresAt.toISOString(), environment, version: VERSION };
}
