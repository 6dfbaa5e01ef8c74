import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FastifyBaseLogger, FastifyInstance, RawServerDefault } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import type { Intermission } from '../../intermission.ts';
import type { SignIn } from '../sign-in/sign-in.ts';

export interface AdminApiOptions {
  app: Intermission;
  signIn: SignIn;
  now: () => Date;
}

/** A server whose routes are typed by their zod schemas. */
export type ApiServer = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  ZodTypeProvider
>;

/** Of sign-in and set-up, from one address. */
export const ATTEMPTS_PER_MINUTE = 10;
