import Fastify, { type FastifyInstance, LogController } from 'fastify';
import { PublicSites, type PublicSource } from './public-sites.ts';
import { health } from './routes/health.ts';
import { maintenancePage } from './routes/maintenance-page.ts';

/** What is served; an open `Intermission` is all of it. */
export interface Served extends PublicSource {
  database: { ping(): Promise<void> };
}

export interface AppOptions {
  served: Served;
  now: () => Date;
  /** Where log lines go, as JSON; nothing is logged without it. */
  log?: { level: string; stream: { write(line: string): void } } | undefined;
}

/** A request that has not arrived whole by then is given up, milliseconds. */
const REQUEST_TIMEOUT_MS = 30_000;

/**
 * The server, not listening yet. What it serves today is public: the maintenance page, and whether it is well. Closing
 * it waits for the requests in hand; what is served stays open.
 */
export function buildApp({ served, now, log }: AppOptions): FastifyInstance {
  const server = Fastify({
    logger: log ?? false,
    logController: new LogController({ disableRequestLogging: true }),
    // One logger for all requests: none of them is logged.
    childLoggerFactory: (logger) => logger,
    requestTimeout: REQUEST_TIMEOUT_MS,
  });
  const onFailure = (error: unknown) =>
    server.log.error(error, 'The database was not read; the page shows what was known last.');
  health(server, { ping: () => served.database.ping() });
  maintenancePage(server, { sites: new PublicSites({ source: served, now, onFailure }), now });
  server.setNotFoundHandler((_, reply) => reply.code(404).send({ error: { code: 'not_found' } }));
  server.setErrorHandler((error, _, reply) => {
    const status = (error as { statusCode?: number }).statusCode ?? 500;
    if (status >= 500) server.log.error(error);
    // What went wrong is for the log; a client that made a mistake is told its kind.
    return reply.code(status).send({ error: { code: status >= 500 ? 'internal' : 'bad_request' } });
  });
  return server;
}
