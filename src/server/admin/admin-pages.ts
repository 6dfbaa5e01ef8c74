import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyPluginAsync, FastifyReply } from 'fastify';

/** Stands in the built page where the nonce of each answer goes. */
const NONCE_PLACEHOLDER = '__CSP_NONCE__';

/**
 * The built pages of the admin: hashed files that browsers keep for ever, and one page, made anew for every answer. Every
 * other address below the prefix gets that page, so that addresses of screens can be opened and reloaded.
 */
export const adminPages: FastifyPluginAsync<{ folder: string | undefined }> = async (server, { folder }) => {
  const page = folder === undefined ? undefined : await readFile(join(folder, 'index.html'), 'utf8');
  const sendPage = (reply: FastifyReply) => {
    if (page === undefined) return reply.code(404).type('text/plain; charset=utf-8').send(NOT_BUILT);
    const nonce = randomBytes(16).toString('base64');
    return reply
      .headers({ 'cache-control': 'no-store', 'content-security-policy': policy(nonce) })
      .type('text/html; charset=utf-8')
      .send(page.replaceAll(NONCE_PLACEHOLDER, nonce));
  };
  // Addresses are relative to a folder: without the slash they would lead elsewhere.
  server.get('/', ({ url }, reply) =>
    /^\/admin(\?|$)/.test(url) ? reply.redirect('/admin/', 302) : sendPage(reply),
  );
  if (folder === undefined) {
    server.get('/*', (_, reply) => sendPage(reply));
    return;
  }
  await server.register(fastifyStatic, {
    root: folder,
    index: false,
    immutable: true,
    maxAge: '1y',
    preCompressed: true,
    decorateReply: false,
  });
  server.setNotFoundHandler(({ method }, reply) =>
    method === 'GET' || method === 'HEAD' ? sendPage(reply) : reply.code(404).send(),
  );
};

const NOT_BUILT = 'This build of Intermission comes without the pages of the admin. Its API is there.\n';

/** Nothing from elsewhere, and no script or style but those that carry the nonce of this answer. */
function policy(nonce: string): string {
  return [
    "default-src 'none'",
    `script-src 'self' 'nonce-${nonce}'`,
    `style-src 'self' 'nonce-${nonce}'`,
    "style-src-attr 'none'",
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "form-action 'self'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
  ].join('; ');
}
