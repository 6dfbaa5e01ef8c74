import type * as z from 'zod';
import type { Intermission } from '../../../intermission.ts';
import { count, numericId, pageOf as pageSchema } from '../../contract/common.ts';
import {
  exportQuery,
  logDetail,
  logFilter,
  logList,
  logRow,
  logStats,
  statsQuery,
} from '../../contract/logs.ts';
import type { AdminApiOptions, ApiServer } from '../api-server.ts';
import { exportLogs } from '../export-logs.ts';
import { pageOf, sortBy } from '../page-of.ts';
import { toLogDetail, toLogRow } from '../rows/log-row.ts';

/** The log: read-only. */
export function logRoutes(server: ApiServer, { app, now }: AdminApiOptions): void {
  const config = { access: 'viewer' } as const;

  server.get(
    '/logs',
    { config, schema: { querystring: logList, response: { 200: pageSchema(logRow) } } },
    async ({ query }) => {
      const newestFirst = sortBy('createdAt', query.order);
      const { rows, pageInfo } = await pageOf(
        selectLogs(app, query).orderBy(newestFirst, sortBy('id', query.order)),
        query,
      );
      return { data: rows.map(toLogRow), pageInfo };
    },
  );

  server.get(
    '/logs/count',
    { config, schema: { querystring: logFilter, response: { 200: count } } },
    async ({ query }) => ({
      total: await selectLogs(app, query).count(),
    }),
  );

  server.get(
    '/logs/stats',
    { config, schema: { querystring: statsQuery, response: { 200: logStats } } },
    ({ query }) => statsOf(app, query.days),
  );

  server.get('/logs/export', { config, schema: { querystring: exportQuery } }, ({ query }, reply) => {
    const { format, ...filter } = query;
    const { type, stream } = exportLogs(selectLogs(app, filter), format);
    const name = `intermission-log-${now().toISOString().slice(0, 10)}.${format}`;
    return reply.header('content-disposition', `attachment; filename="${name}"`).type(type).send(stream);
  });

  server.get(
    '/logs/:id',
    { config, schema: { params: numericId, response: { 200: logDetail } } },
    async ({ params }) => toLogDetail(await app.logs.get(params)),
  );
}

/** Statistics of the last days, as a whole and day by day. */
export async function statsOf(app: Intermission, days: number) {
  const [stats, perDay] = await Promise.all([app.logs.getStats({ days }), app.logs.getDailyStats({ days })]);
  return { ...stats, days: perDay };
}

function selectLogs(app: Intermission, filter: z.output<typeof logFilter>) {
  const { q, domain, since, until, siteId, action, status, actor, source } = filter;
  let logs = app.logs.filter({});
  if (q) logs = logs.search(q);
  if (domain !== undefined) logs = logs.forDomain(domain);
  if (siteId !== undefined) logs = logs.forSite({ id: siteId });
  if (since !== undefined) logs = logs.since(new Date(since));
  if (until !== undefined) logs = logs.filter({ createdAt: { $lt: new Date(until) } });
  for (const equal of [{ action }, { status }, { actor }, { source }]) {
    if (Object.values(equal)[0] !== undefined) logs = logs.filter(equal as { actor: string });
  }
  return logs;
}
