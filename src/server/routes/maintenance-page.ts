import { gzipSync } from 'node:zlib';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Language } from '../../pages/locales/index.ts';
import { renderNeutralPage, renderNeutralText, renderPage, renderText } from '../../pages/render.ts';
import { type Answer, Answers } from '../answers.ts';
import {
  type Encoding,
  type MediaType,
  wishedEncoding,
  wishedLanguage,
  wishedType,
} from '../client-wishes.ts';
import type { KnownSite, PublicSites } from '../public-sites.ts';

export interface MaintenancePageOptions {
  sites: Pick<PublicSites, 'find' | 'isReady' | 'isStale' | 'refresh'>;
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
  vary: 'Accept, Accept-Language, Accept-Encoding',
};
const NO_CONTENT_POLICY = "default-src 'none'; frame-ancestors 'none'";

/**
 * `/maintenance?site=example.com`: the page of a closed site, and `/maintenance/status`, which it asks. Whatever is
 * asked for is answered with 503: should the edge still send somebody here by mistake, a search engine comes again.
 */
export function maintenancePage(server: FastifyInstance, { sites, now }: MaintenancePageOptions): void {
  const answers = new Answers();
  const answerWith = (handle: (request: FastifyRequest, reply: FastifyReply, now: Date) => FastifyReply) => {
    return (request: FastifyRequest, reply: FastifyReply) => {
      const time = now();
      // Mostly there is nothing to wait for, and waiting for nothing costs, too.
      if (!sites.isStale(time)) return handle(request, reply, time);
      return sites.refresh().then(() => handle(request, reply, time));
    };
  };
  const page = answerWith((request, reply, time) => {
    const known = siteOf(request, sites);
    const wish = wishOf(request, known, time);
    const answer = answers.get(wish.key, () => makeAnswer(known, wish));
    return send(reply, 503, answer, ['retry-after', String(retryAfter(known, time))]);
  });
  const status = answerWith((request, reply, time) => {
    const known = siteOf(request, sites);
    const answer = answers.get(`${known?.revision}|status`, () => statusAnswer(known));
    // By its date the page measures the time that is left, whatever the visitor's clock says. A page that was told
    // "open" by a server that has not read anything yet would send its visitor back in vain.
    return send(reply, sites.isReady ? 200 : 503, answer, ['date', time.toUTCString()]);
  });
  server.get('/maintenance', page);
  server.get('/maintenance/status', status);
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
  encoding: Encoding;
  overrun: boolean;
  /** Stands for everything that the answer depends on. */
  key: string;
}

/** A site that is named twice is not named. */
function siteOf(request: FastifyRequest, sites: Pick<PublicSites, 'find'>): KnownSite | undefined {
  const { site } = request.query as { site?: unknown };
  return typeof site === 'string' ? sites.find(site) : undefined;
}

function wishOf({ headers }: FastifyRequest, known: KnownSite | undefined, now: Date): Wish {
  const type = wishedType(headers.accept);
  const language = wishedLanguage(headers['accept-language']);
  const encoding = wishedEncoding(headers['accept-encoding']);
  const until = known?.state.until;
  const overrun = until != null && until.getTime() <= now.getTime();
  const key = `${known?.revision}|${type}|${language}|${encoding}|${overrun}`;
  return { type, language, encoding, overrun, key };
}

function makeAnswer(known: KnownSite | undefined, wish: Wish): Answer {
  const { type, language, encoding, overrun } = wish;
  if (type === 'application/json') return statusAnswer(known);
  if (type === 'text/plain') {
    const text =
      known === undefined ? renderNeutralText(language) : renderText(known.state, { language, overrun });
    return answerOf({ type, policy: NO_CONTENT_POLICY, text, language, encoding });
  }
  // Relative: a proxy may serve all of this below a path.
  const pollUrl = `maintenance/status?site=${known?.state.domain}`;
  const { html, csp } =
    known === undefined
      ? renderNeutralPage(language)
      : renderPage(known.state, { language, overrun, pollUrl });
  return answerOf({ type, policy: csp, text: html, language, encoding });
}

/** For programs; the same whether a site is open or does not exist. Has no time in it, so that it can be kept. */
function statusAnswer(known: KnownSite | undefined): Answer {
  const document = known === undefined ? { maintenance: false } : statusOf(known);
  const text = JSON.stringify(document);
  return answerOf({ type: 'application/json', policy: NO_CONTENT_POLICY, text });
}

function statusOf({ state, revision }: KnownSite) {
  const { domain: site, message, until } = state;
  return { maintenance: true, site, message, until, reopening: state.state === 'reopening', revision };
}

interface Content {
  type: MediaType;
  policy: string;
  text: string;
  language?: Language;
  encoding?: Encoding;
}

function answerOf({ type, policy, text, language, encoding = 'identity' }: Content): Answer {
  const bytes = encoding === 'gzip' ? gzipSync(text) : Buffer.from(text);
  const headers = {
    ...COMMON_HEADERS,
    'content-type': `${type}; charset=utf-8`,
    'content-length': String(bytes.length),
    'content-security-policy': policy,
    ...(language !== undefined && { 'content-language': language }),
    ...(encoding !== 'identity' && { 'content-encoding': encoding }),
  };
  return { body: bytes.toString('latin1'), headers: Object.entries(headers).flat() };
}

/** Seconds until it is worth asking again: the expected end, where one is known and still to come. */
function retryAfter(known: KnownSite | undefined, now: Date): number {
  if (known?.state.state !== 'closed') return RETRY_SOON;
  const { until } = known.state;
  if (until === null) return RETRY_NO_END;
  const left = Math.ceil((until.getTime() - now.getTime()) / 1000);
  return left > 0 ? left : RETRY_SOON;
}

/** Past Fastify's own sending, which would write head and body one after the other: a quarter of the time. */
function send(reply: FastifyReply, status: number, answer: Answer, more: readonly string[]): FastifyReply {
  reply.hijack();
  reply.raw.writeHead(status, [...answer.headers, ...more]).end(answer.body, 'latin1');
  return reply;
}

function refuseMethod(reply: FastifyReply): FastifyReply {
  return reply
    .code(405)
    .headers({ ...COMMON_HEADERS, allow: METHODS })
    .send();
}
