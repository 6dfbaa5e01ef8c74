import rateLimit from '@fastify/rate-limit';
import type { FastifyPluginAsync, FastifyRequest } from 'fastify';
import { serializerCompiler, validatorCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod';
import { IntermissionError } from '../../errors.ts';
import { type AdminApiOptions, ATTEMPTS_PER_MINUTE } from './api-server.ts';
import { guard } from './guard.ts';
import { toAnswer } from './http-errors.ts';
import { apiKeyRoutes } from './routes/api-keys.ts';
import { dashboardRoutes } from './routes/dashboard.ts';
import { logRoutes } from './routes/logs.ts';
import { operationRoutes } from './routes/operations.ts';
import { sessionRoutes } from './routes/session.ts';
import { siteLiveRoutes } from './routes/site-live.ts';
import { siteRoutes } from './routes/sites.ts';
import { userRoutes } from './routes/users.ts';
import { windowChangeRoutes } from './routes/window-changes.ts';
import { windowRoutes } from './routes/windows.ts';

/** The API of the admin; register it with the prefix `/admin/api`. */
export const adminApi: FastifyPluginAsync<AdminApiOptions> = async (server, options) => {
  const { app, signIn } = options;
  server.setValidatorCompiler(validatorCompiler);
  server.setSerializerCompiler(serializerCompiler);
  server.setErrorHandler((error, request, reply) => {
    const { status, body } = toAnswer(error);
    if (status >= 500) request.log.error({ err: error }, body.message);
    return reply.status(status).send(body);
  });
  server.setNotFoundHandler(nothingHere);
  await server.register(rateLimit, {
    global: false,
    max: ATTEMPTS_PER_MINUTE,
    errorResponseBuilder: tooMany,
  });
  server.addHook('onSend', async (_request, reply) => {
    void reply.headers({ 'cache-control': 'no-store', 'content-security-policy': API_POLICY });
  });
  guard(server, { signIn, publicUrl: app.config.publicUrl });
  // Else the pages would answer.
  server.get('/*', { config: { access: 'viewer' } }, nothingHere);
  const api = server.withTypeProvider<ZodTypeProvider>();
  sessionRoutes(api, options);
  userRoutes(api, options);
  siteRoutes(api, options);
  siteLiveRoutes(api, options);
  apiKeyRoutes(api, options);
  logRoutes(api, options);
  windowRoutes(api, options);
  windowChangeRoutes(api, options);
  dashboardRoutes(api, options);
  operationRoutes(api, options);
};

function nothingHere({ method, url }: FastifyRequest): never {
  throw new IntermissionError('not_found', `There is nothing at ${method} ${url.split('?')[0]}.`);
}

/** An answer is no page, whatever a browser takes it for. */
const API_POLICY = "default-src 'none'; frame-ancestors 'none'";

function tooMany(): IntermissionError {
  return new IntermissionError('too_many_attempts', 'There were too many attempts from this address.', {
    hint: 'Wait a minute, then try again.',
  });
}
