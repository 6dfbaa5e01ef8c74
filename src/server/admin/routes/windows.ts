import { numericId, pageOf as pageSchema } from '../../contract/common.ts';
import { windowDetail, windowList, windowRow } from '../../contract/windows.ts';
import type { AdminApiOptions, ApiServer } from '../api-server.ts';
import { pageOf, sortBy } from '../page-of.ts';
import { toWindowDetail, toWindowRow } from '../rows/window-row.ts';

/** Planned maintenance. */
export function windowRoutes(server: ApiServer, { app }: AdminApiOptions): void {
  const config = { access: 'viewer' } as const;

  server.get(
    '/windows',
    { config, schema: { querystring: windowList, response: { 200: pageSchema(windowRow) } } },
    async ({ query }) => {
      const { q, status, siteId, from, to, sort, order } = query;
      let windows = app.windows.orderBy(sortBy(sort, order));
      if (q) windows = windows.search(q);
      if (status !== undefined) windows = windows.byStatus(status);
      if (siteId !== undefined) windows = windows.forSite({ id: siteId });
      if (from !== undefined) windows = windows.filter({ scheduledEnd: { $gte: new Date(from) } });
      if (to !== undefined) windows = windows.filter({ scheduledStart: { $lt: new Date(to) } });
      const { rows, pageInfo } = await pageOf(windows, query);
      return { data: rows.map(toWindowRow), pageInfo };
    },
  );

  server.get(
    '/windows/:id',
    { config, schema: { params: numericId, response: { 200: windowDetail } } },
    async ({ params }) => toWindowDetail(await app.schedule.get(params)),
  );
}
