import type { FastifyInstance, InjectOptions, LightMyRequestResponse } from 'fastify';

/** Asks a server without any socket. */
export function ask(
  server: FastifyInstance,
  request: InjectOptions | string,
): Promise<LightMyRequestResponse> {
  return server.inject(request);
}

/** Lets a server listen on a free port of this machine; gives its address. */
export function listen(server: FastifyInstance): Promise<string> {
  return server.listen({ host: '127.0.0.1', port: 0 });
}
