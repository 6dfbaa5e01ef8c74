import type * as z from 'zod';
import { z as zod } from 'zod';
import type { CloudflareSite } from '../../../domain/cloudflare-site.ts';
import type { Intermission } from '../../../intermission.ts';
import type { SiteStatus } from '../../../services/maintenance/describe-sites.ts';
import { count, numericId, pageOf as pageSchema } from '../../contract/common.ts';
import { newSite, siteChanges, siteDetail, siteFilter, siteList, siteRow } from '../../contract/sites.ts';
import type { AdminApiOptions, ApiServer } from '../api-server.ts';
import { actorOf } from '../guard.ts';
import { pageOf, sortBy } from '../page-of.ts';
import { toSiteDetail, toSiteRow } from '../rows/site-row.ts';
import { selectSites } from '../select-sites.ts';

/** The sites of our database: finding, adding, editing and removing them. */
export function siteRoutes(server: ApiServer, { app }: AdminApiOptions): void {
  const read = { access: 'viewer' } as const;
  const write = { access: 'operator' } as const;

  server.get(
    '/sites',
    { config: read, schema: { querystring: siteList, response: { 200: pageSchema(siteRow) } } },
    async ({ query }) => {
      const { id, sort, order, ...filter } = query;
      const sites = (await selectSites(app, filter)).orderBy(sortBy(sort, order));
      const { rows, pageInfo } = await pageOf(id === undefined ? sites : sites.filter({ id }), query);
      return { data: await describe(app, rows), pageInfo };
    },
  );

  server.get(
    '/sites/count',
    { config: read, schema: { querystring: siteFilter, response: { 200: count } } },
    async ({ query }) => ({
      total: await (await selectSites(app, query)).count(),
    }),
  );

  server.get(
    '/sites/:id',
    { config: read, schema: { params: numericId, response: { 200: siteDetail } } },
    async ({ params }) => detailOf(app, await app.sites.get(params)),
  );

  server.post(
    '/sites',
    { config: write, schema: { body: newSite, response: { 201: siteDetail } } },
    async (request, reply) => {
      const input = { domain: request.body.domain, ...(await inputOf(app, request.body)) };
      const site = await app.sites.create(input, { actor: actorOf(request) });
      return reply.status(201).send(await detailOf(app, site));
    },
  );

  server.patch(
    '/sites/:id',
    { config: write, schema: { params: numericId, body: siteChanges, response: { 200: siteDetail } } },
    async (request) => {
      const changes = await inputOf(app, request.body);
      return detailOf(app, await app.sites.update(request.params, changes, { actor: actorOf(request) }));
    },
  );

  server.delete(
    '/sites/:id',
    { config: write, schema: { params: numericId, response: { 200: zod.null() } } },
    async (request) => {
      await app.sites.remove(request.params, { actor: actorOf(request) });
      return null;
    },
  );

  server.post(
    '/sites/:id/forget-unrestored',
    { config: write, schema: { params: numericId, response: { 200: siteDetail } } },
    async (request) => {
      await app.sites.forgetUnrestored(request.params, { actor: actorOf(request) });
      return detailOf(app, await app.sites.get(request.params));
    },
  );
}

/** Rows of these sites, with what keeps each of them closed. */
export async function describe(app: Intermission, sites: readonly CloudflareSite[]) {
  const statuses = await app.describeSites(sites);
  return sites.map((site, index) => toSiteRow(site, statuses[index] as SiteStatus));
}

async function detailOf(app: Intermission, site: CloudflareSite) {
  const [status] = await app.describeSites([site]);
  return toSiteDetail(site, status as SiteStatus, app.config.maintenanceUrl);
}

/** The API key is named by its id here. */
async function inputOf(app: Intermission, { apiKeyId, ...changes }: z.output<typeof siteChanges>) {
  if (apiKeyId === undefined) return changes;
  return { ...changes, apiKey: apiKeyId === null ? null : await app.apiKeys.get({ id: apiKeyId }) };
}
