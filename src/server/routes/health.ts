import type { FastifyInstance } from 'fastify';

export interface HealthOptions {
  /** Rejects when the database does not answer. */
  ping: () => Promise<void>;
}

/** `/healthz`: the process runs. `/readyz`: it can also do its work. Neither says more than that. */
export function health(server: FastifyInstance, { ping }: HealthOptions): void {
  const noStore = { 'cache-control': 'no-store' };
  server.get('/healthz', (_, reply) => reply.headers(noStore).send({ status: 'ok' }));
  server.get('/readyz', async (_, reply) => {
    const isReady = await ping().then(
      () => true,
      () => false,
    );
    const status = isReady ? 'ready' : 'unavailable';
    return reply
      .code(isReady ? 200 : 503)
      .headers(noStore)
      .send({ status });
  });
}
