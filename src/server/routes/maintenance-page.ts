import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Language } from '../../pages/locales/index.ts';
import { renderNeutralPage, renderNeutralText, renderPage, renderText } from '../../pages/render.ts';
import { type Answer, Answers } from '../answers.ts';
import { type MediaType, wishedLanguage, wishedType } from '../client-wishes.ts';
import type { KnownSite, PublicSites } from '../public-sites.ts';

export interface MaintenancePageOptions {
  sites: Pick<PublicSites, 'find'>;
  now: () => Date;
}

const METHODS = 'GET, HEAD, OPTIONS';
/** When to ask again, seconds: while no end is known; when it has passed, or the site may be open. */
const RETRY_NO_END = 300;
const RETRY_SOON = 60;

/** A page that nobody keeps, indexes, frames or is told of. */
const COMMON_HEADERS = {
  'cache-control': 'no-store',
  'x-robots-tag': 'noindex',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  vary: 'Accept, Accept-Language',
};
const NO_CONTENT_POLICY = "default-src 'none'; frame-ancestors 'none'";

/**
 * `/maintenance?site=example.com`: the page of a closed site, and `/maintenance/status`, which it asks. Whatever is
 * asked for is answered with 503: should the edge still send somebody here by mistake, a search engine comes again.
 */
export function maintenancePage(server: FastifyInstance, { sites, now }: MaintenancePageOptions): void {
  const answers = new Answers();
  server.get('/maintenance', async (request, reply) => {
    const known = await sites.find(siteOf(request));
    const wish = wishOf(request, known, now());
    const answer = answers.get(wish.key, () => makeAnswer(known, wish));
    return send(reply.code(503).header('retry-after', retryAfter(known, now())), answer);
  });
  server.get('/maintenance/status', async (request, reply) => {
    const known = await sites.find(siteOf(request));
    const answer = answers.get(`${known?.revision}|status`, () => statusAnswer(known));
    // By this the page measures the time that is left, whatever the visitor's clock says.
    return send(reply.header('date', now().toUTCString()), answer);
  });
  for (const url of ['/maintenance', '/maintenance/status']) {
    server.options(url, (_, reply) =>
      reply
        .code(204)
        .headers({ ...COMMON_HEADERS, allow: METHODS })
        .send(),
    );
    server.route({
      method: ['POST', 'PUT', 'PATCH', 'DELETE'],
      url,
      // Before a body is read.
      onRequest: async (_, reply) => refuseMethod(reply),
      handler: (_, reply) => refuseMethod(reply),
    });
  }
}

interface Wish {
  type: MediaType;
  language: Language;
  overrun: boolean;
  /** Stands for everything that the answer depends on. */
  key: string;
}

/** A site that is named twice is not named. */
function siteOf(request: FastifyRequest): string | undefined {
  const { site } = request.query as { site?: unknown };
  return typeof site === 'string' ? site : undefined;
}

function wishOf({ headers }: FastifyRequest, known: KnownSite | undefined, now: Date): Wish {
  const type = wishedType(headers.accept);
  const language = wishedLanguage(headers['accept-language']);
  const until = known?.state.until;
  const overrun = until != null && until.getTime() <= now.getTime();
  return { type, language, overrun, key: `${known?.revision}|${type}|${language}|${overrun}` };
}

function makeAnswer(known: KnownSite | undefined, { type, language, overrun }: Wish): Answer {
  if (type === 'application/json') return statusAnswer(known);
  if (type === 'text/plain') {
    const text =
      known === undefined ? renderNeutralText(language) : renderText(known.state, { language, overrun });
    return answerOf(`${type}; charset=utf-8`, NO_CONTENT_POLICY, text, language);
  }
  // Relative: a proxy may serve all of this below a path.
  const pollUrl = `maintenance/status?site=${known?.state.domain}`;
  const { html, csp } =
    known === undefined
      ? renderNeutralPage(language)
      : renderPage(known.state, { language, overrun, pollUrl });
  return answerOf(`${type}; charset=utf-8`, csp, html, language);
}

/** For programs; the same whether a site is open or does not exist. Has no time in it, so that it can be kept. */
function statusAnswer(known: KnownSite | undefined): Answer {
  const document = known === undefined ? { maintenance: false } : statusOf(known);
  return answerOf('application/json; charset=utf-8', NO_CONTENT_POLICY, JSON.stringify(document));
}

function statusOf({ state, revision }: KnownSite) {
  const { domain: site, message, until } = state;
  return { maintenance: true, site, message, until, reopening: state.state === 'reopening', revision };
}

function answerOf(type: string, policy: string, text: string, language?: Language): Answer {
  return {
    body: Buffer.from(text),
    headers: {
      ...COMMON_HEADERS,
      'content-type': type,
      'content-security-policy': policy,
      ...(language !== undefined && { 'content-language': language }),
    },
  };
}

/** Seconds until it is worth asking again: the expected end, where one is known and still to come. */
function retryAfter(known: KnownSite | undefined, now: Date): number {
  if (known?.state.state !== 'closed') return RETRY_SOON;
  const { until } = known.state;
  if (until === null) return RETRY_NO_END;
  const left = Math.ceil((until.getTime() - now.getTime()) / 1000);
  return left > 0 ? left : RETRY_SOON;
}

function send(reply: FastifyReply, { body, headers }: Answer): FastifyReply {
  return reply.headers(headers).send(body);
}

function refuseMethod(reply: FastifyReply): FastifyReply {
  return reply
    .code(405)
    .headers({ ...COMMON_HEADERS, allow: METHODS })
    .send();
}
