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
  /** Proxies that are believed what they say of a client: addresses or networks, separated by commas. */
  trustProxy?: string | undefined;
  /** Whether the maintenance page is served; it is unless this is false. */
  page?: boolean;
}

declare module 'fastify' {
  interface FastifyInstance {
    /** Everything that this server answers, as `METHOD /path`: what the list of public routes is compared with. */
    routes: string[];
  }
}

/** A request that has not arrived whole by then is given up, milliseconds. */
const REQUEST_TIMEOUT_MS = 30_000;

/**
 * The server, not listening yet: the maintenance page, whether it is well, and what the caller registers. Closing it waits
 * for the requests in hand; what is served stays open.
 */
export function buildApp({ served, now, log, trustProxy, page = true }: AppOptions): FastifyInstance {
  const server = Fastify({
    logger: log ?? false,
    logController: new LogController({ disableRequestLogging: true }),
    // One logger for all requests: none of them is logged.
    childLoggerFactory: (logger) => logger,
    requestTimeout: REQUEST_TIMEOUT_MS,
    trustProxy: trustProxy ?? false,
  });
  server.decorate('routes', []);
  server.addHook('onRoute', ({ method, url }) => {
    server.routes.push(...[method].flat().map((verb) => `${verb} ${url}`));
  });
  const onFailure = (error: unknown) =>
    server.log.error(error, 'The database was not read; the page shows what was known last.');
  health(server, { ping: () => served.database.ping() });
  if (page) maintenancePage(server, { sites: new PublicSites({ source: served, now, onFailure }), now });
  server.setNotFoundHandler((_, reply) => reply.code(404).send({ error: { code: 'not_found' } }));
  server.setErrorHandler((error, _, reply) => {
    const status = (error as { statusCode?: number }).statusCode ?? 500;
    if (status >= 500) server.log.error(error);
    // What went wrong is for the log; a client that made a mistake is told its kind.
    return reply.code(status).send({ error: { code: status >= 500 ? 'internal' : 'bad_request' } });
  });
  return server;
}
