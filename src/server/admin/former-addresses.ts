import type { FastifyInstance } from 'fastify';

/** The models of the Django admin, and the screens that show the same. */
const SCREENS: Record<string, string> = {
  cloudflaresite: 'sites',
  cloudflareapikey: 'api-keys',
  maintenancelog: 'logs',
  scheduledmaintenance: 'windows',
};

/** Bookmarks of the Django admin go on working: `/admin/maintenance/cloudflaresite/…` leads to the sites. */
export function formerAddresses(server: FastifyInstance): void {
  server.get<{ Params: { '*': string } }>('/admin/maintenance/*', (request, reply) => {
    const screen = SCREENS[request.params['*'].split('/')[0] ?? ''];
    return reply.redirect(screen === undefined ? '/admin/' : `/admin/#/${screen}`, 302);
  });
}
