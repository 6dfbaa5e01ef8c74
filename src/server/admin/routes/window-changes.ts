import type * as z from 'zod';
import type { Intermission } from '../../../intermission.ts';
import type { WindowRun } from '../../../services/scheduled-maintenance/process-window.ts';
import type { WindowInput } from '../../../services/scheduled-maintenance/window-input.ts';
import { numericId } from '../../contract/common.ts';
import {
  cancelRequest,
  cloneRequest,
  extendRequest,
  newWindow,
  rescheduleRequest,
  windowDetail,
  windowPreview,
  windowRun,
} from '../../contract/windows.ts';
import type { AdminApiOptions, ApiServer } from '../api-server.ts';
import { actorOf } from '../guard.ts';
import { toErrorFact } from '../rows/error-fact.ts';
import { toWindowDetail, toWindowRow } from '../rows/window-row.ts';

const config = { access: 'operator' } as const;

/** Planning maintenance. */
export function windowChangeRoutes(server: ApiServer, { app }: AdminApiOptions): void {
  server.post(
    '/windows/preview',
    { config, schema: { body: newWindow, response: { 200: windowPreview } } },
    async ({ body }) => preview(app, await inputOf(app, body)),
  );

  server.post(
    '/windows',
    { config, schema: { body: newWindow, response: { 201: windowDetail } } },
    async (request, reply) => {
      const input = await inputOf(app, request.body);
      const made = await app.schedule.createScheduledMaintenance(input, { actor: actorOf(request) });
      return reply.status(201).send(toWindowDetail(await app.schedule.get(made)));
    },
  );

  for (const step of ['start', 'complete'] as const) {
    server.post(
      `/windows/:id/${step}`,
      { config, schema: { params: numericId, response: { 200: windowRun } } },
      async (request) => toRun(await app.schedule[step](request.params, { actor: actorOf(request) })),
    );
  }

  server.post(
    '/windows/:id/cancel',
    { config, schema: { params: numericId, body: cancelRequest, response: { 200: windowRun } } },
    async (request) =>
      toRun(
        await app.schedule.cancel(request.params, { actor: actorOf(request), series: request.body.series }),
      ),
  );

  timeRoutes(server, app);
}

/** When a window is. */
function timeRoutes(server: ApiServer, app: Intermission): void {
  const answer = { params: numericId, response: { 200: windowDetail } };

  server.post(
    '/windows/:id/extend',
    { config, schema: { ...answer, body: extendRequest } },
    async (request) => {
      const { body, params } = request;
      const end = 'until' in body ? { until: new Date(body.until) } : body;
      await app.schedule.extend(params, end, { actor: actorOf(request) });
      return toWindowDetail(await app.schedule.get(params));
    },
  );

  server.post(
    '/windows/:id/reschedule',
    { config, schema: { ...answer, body: rescheduleRequest } },
    async (request) => {
      const { start, durationSeconds } = request.body;
      const to = { start: new Date(start), durationSeconds };
      await app.schedule.reschedule(request.params, to, { actor: actorOf(request) });
      return toWindowDetail(await app.schedule.get(request.params));
    },
  );

  server.post(
    '/windows/:id/clone',
    { config, schema: { ...answer, body: cloneRequest } },
    async (request) => {
      const { start, title } = request.body;
      const changes = { start: new Date(start), ...(title !== undefined && { title }) };
      const made = await app.schedule.clone(request.params, changes, { actor: actorOf(request) });
      return toWindowDetail(await app.schedule.get(made));
    },
  );
}

/** Sites are named by their ids here. @throws IntermissionError `not_found` */
async function inputOf(
  app: Intermission,
  { siteIds, start, ...rest }: z.output<typeof newWindow>,
): Promise<WindowInput> {
  const sites =
    siteIds === undefined ? {} : { sites: await Promise.all(siteIds.map((id) => app.sites.get({ id }))) };
  return { ...rest, ...sites, ...(start !== undefined && { start: new Date(start) }) };
}

/** Planned, looked at, and rolled back. */
async function preview(app: Intermission, input: WindowInput) {
  const [window, sites] = await Promise.all([
    app.schedule.createScheduledMaintenance(input, { dryRun: true }),
    app.schedule.sitesOf(input),
  ]);
  const { scheduledStart: start, scheduledEnd: end } = window;
  const [occurrences, conflicts] = await Promise.all([
    app.schedule.nextOccurrences(window),
    app.schedule.findConflicts({ sites, start, end }),
  ]);
  return {
    start: start.toISOString(),
    end: end.toISOString(),
    occurrences: occurrences.map((time) => time.toISOString()),
    sites: sites.map(({ id, domain }) => ({ id, domain })),
    conflicts: conflicts.map((conflict) => ({ window: toWindowRow(conflict.window), sites: conflict.sites })),
  };
}

function toRun({ failed, ...run }: WindowRun) {
  const failures = failed.map(({ domain, error }) => ({ domain, error: toErrorFact(error) }));
  return { ...run, failed: failures };
}
