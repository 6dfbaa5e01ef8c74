import helmet from '@fastify/helmet';
import type { FastifyPluginAsync } from 'fastify';
import type { Intermission } from '../../intermission.ts';
import { SignIn } from '../sign-in/sign-in.ts';
import { adminApi } from './admin-api.ts';
import { adminPages } from './admin-pages.ts';
import { formerAddresses } from './former-addresses.ts';

export interface AdminOptions {
  app: Intermission;
  now: () => Date;
  /** Folder of the built pages; undefined when they were not built. */
  pages: string | undefined;
}

/**
 * The admin: its pages under `/admin`, its API under `/admin/api`, and the addresses of the Django admin, which lead to
 * the same screens. Loads better-auth: import it only where the admin is served.
 */
export const admin: FastifyPluginAsync<AdminOptions> = async (server, { app, now, pages }) => {
  const signIn = new SignIn({
    database: app.database,
    secret: await app.deriveSecret('sign-in'),
    log: (level, message) => server.log.info({ level }, message),
  });
  // Each part sets the content security policy that suits it.
  await server.register(helmet, {
    contentSecurityPolicy: false,
    xXssProtection: false,
    xFrameOptions: { action: 'deny' },
    // Other hosts below this one are not ours to speak for.
    strictTransportSecurity: { includeSubDomains: false },
  });
  await server.register(adminApi, { prefix: '/admin/api', app, signIn, now });
  formerAddresses(server);
  await server.register(adminPages, { prefix: '/admin', folder: pages });
};
