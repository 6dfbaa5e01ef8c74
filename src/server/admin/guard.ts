import type { FastifyInstance, FastifyReply, FastifyRequest, RouteOptions } from 'fastify';
import type { Actor } from '../../domain/maintenance-log.ts';
import { hasRole, type Role } from '../../domain/user.ts';
import { IntermissionError } from '../../errors.ts';
import { PUBLIC_ROUTES } from '../public-routes.ts';
import { IP_HEADER, type Session, type SignIn } from '../sign-in/sign-in.ts';

/** Who may use a route: anybody, or who has at least this role. */
export type Access = Role | 'public';

declare module 'fastify' {
  interface FastifyContextConfig {
    access?: Access;
  }
  interface FastifyRequest {
    session: Session | null;
  }
}

export interface GuardOptions {
  signIn: SignIn;
  /** Address of this installation, as people reach it. */
  publicUrl?: string | undefined;
}

/**
 * Lets a request through only with what its route declares: a session with at least that role. Whatever changes
 * something must come from our own pages. A route that declares nothing cannot be registered.
 */
export function guard(server: FastifyInstance, options: GuardOptions): void {
  server.decorateRequest('session', null);
  server.addHook('onRoute', assertDeclared);
  server.addHook('onRequest', async (request, reply) => {
    if (!SAFE_METHODS.includes(request.method)) assertOwnOrigin(request, options.publicUrl);
    const { access } = request.routeOptions.config;
    if (access === 'public') return;
    const found = await options.signIn.find(authHeaders(request));
    if (found === undefined) throw notSignedIn();
    setCookies(request, reply, found.cookies, options);
    if (!request.is404) assertRole(found.session, access);
    request.session = found.session;
  });
}

const SAFE_METHODS = ['GET', 'HEAD'];

/** Whom the log names for what is done through this request. */
export function actorOf(request: FastifyRequest): Actor {
  return { name: sessionOf(request).user.email, source: 'admin' };
}

/** The session of a route that is not public. */
export function sessionOf(request: FastifyRequest): Session {
  if (request.session === null) throw notSignedIn();
  return request.session;
}

/** What better-auth is told of a request: its cookies, and where it comes from as this server sees it. */
export function authHeaders(request: FastifyRequest): Headers {
  return new Headers({
    cookie: request.headers.cookie ?? '',
    'user-agent': request.headers['user-agent'] ?? '',
    [IP_HEADER]: request.ip,
  });
}

/** Passes the cookies of better-auth on; `Secure` wherever the browser speaks TLS. */
export function setCookies(
  request: FastifyRequest,
  reply: FastifyReply,
  cookies: readonly string[],
  { publicUrl }: Pick<GuardOptions, 'publicUrl'>,
): void {
  const { origin } = request.headers;
  const isSecure = request.protocol === 'https' || (origin ?? publicUrl)?.startsWith('https:') === true;
  for (const cookie of cookies) void reply.header('set-cookie', isSecure ? `${cookie}; Secure` : cookie);
}

function assertDeclared({ method, url, config }: RouteOptions): void {
  for (const verb of [method].flat()) {
    const name = `${verb} ${url}`;
    const access = config?.access;
    if (access === undefined) throw new Error(`The route ${name} does not say who may use it.`);
    const isListed = PUBLIC_ROUTES.includes(name);
    if (verb !== 'HEAD' && isListed !== (access === 'public'))
      throw new Error(`The route ${name} is ${access}, and the list of public routes says otherwise.`);
  }
}

/** Other websites can make a browser send requests here, with its cookies; the browser says where they come from. */
function assertOwnOrigin(request: FastifyRequest, publicUrl: string | undefined): void {
  const { origin } = request.headers;
  const own = [
    `${request.protocol}://${request.host}`,
    publicUrl === undefined ? null : new URL(publicUrl).origin,
  ];
  if (origin !== undefined && own.includes(origin)) return;
  throw new IntermissionError(
    'not_permitted',
    `The request comes from ${origin ?? 'an unknown place'}, not from here.`,
    {
      hint: 'Behind a proxy, set INTERMISSION_PUBLIC_URL to the address that people use.',
    },
  );
}

function assertRole({ user }: Session, access: Access | undefined): void {
  if (access !== undefined && access !== 'public' && hasRole(user.role, access)) return;
  throw new IntermissionError(
    'not_permitted',
    `This needs the role ${access}; ${user.email} is ${user.role}.`,
    {
      hint: 'Ask an admin for the role.',
    },
  );
}

function notSignedIn(): IntermissionError {
  return new IntermissionError('not_signed_in', 'Nobody is signed in, or the session has ended.', {
    hint: 'Sign in.',
  });
}
