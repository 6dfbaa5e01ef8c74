import { numericId } from '../../contract/common.ts';
import { liveQuery, liveStatus, siteProof, zoneRules } from '../../contract/sites.ts';
import type { AdminApiOptions, ApiServer } from '../api-server.ts';
import { toErrorFact } from '../rows/error-fact.ts';

/** What Cloudflare has of a site and what visitors get, read when it is asked for. */
export function siteLiveRoutes(server: ApiServer, { app }: AdminApiOptions): void {
  const read = { access: 'viewer' } as const;

  server.get(
    '/sites/:id/live',
    { config: read, schema: { params: numericId, querystring: liveQuery, response: { 200: liveStatus } } },
    async ({ params, query }) => {
      const { error, ...status } = await app.maintenance(params).getLiveStatus(query);
      return { ...status, error: toErrorFact(error) };
    },
  );

  server.get(
    '/sites/:id/rules',
    { config: read, schema: { params: numericId, response: { 200: zoneRules } } },
    async ({ params }) => {
      const { zoneName, rules } = await app.maintenance(params).getZoneRules();
      return { zoneName, data: rules };
    },
  );

  server.post(
    '/sites/:id/verify',
    { config: { access: 'operator' }, schema: { params: numericId, response: { 200: siteProof } } },
    ({ params }) => app.maintenance(params).verify(),
  );
}
