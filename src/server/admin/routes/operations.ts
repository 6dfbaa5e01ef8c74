import { Readable } from 'node:stream';
import type { FastifyRequest } from 'fastify';
import { IntermissionError } from '../../../errors.ts';
import { textId } from '../../contract/common.ts';
import {
  operation,
  operationRequest,
  operations,
  planAnswer,
  planRequest,
} from '../../contract/operations.ts';
import type { AdminApiOptions, ApiServer } from '../api-server.ts';
import { actorOf } from '../guard.ts';
import { carryOut } from '../operations/carry-out.ts';
import { eventStream } from '../operations/event-stream.ts';
import { OperationStore } from '../operations/operation-store.ts';
import { type PlanInput, reasonOf, resolveOrder } from '../operations/order.ts';
import { makePlan } from '../operations/plan.ts';

/** Closing and reopening: a plan is shown, confirmed by its digest, and followed site by site. */
export function operationRoutes(server: ApiServer, { app, now }: AdminApiOptions): void {
  const operate = { access: 'operator' } as const;
  const read = { access: 'viewer' } as const;
  const store = new OperationStore({
    now,
    onError: (error) => server.log.error({ err: error }, 'An operation stopped.'),
  });
  const resolve = (request: FastifyRequest, input: PlanInput) =>
    resolveOrder(app, input, actorOf(request), now());

  server.post(
    '/plans',
    { config: operate, schema: { body: planRequest, response: { 200: planAnswer } } },
    async (request) => (await makePlan(app, await resolve(request, request.body))).answer,
  );

  server.post(
    '/operations',
    { config: operate, schema: { body: operationRequest, response: { 202: operation } } },
    async (request, reply) => {
      const { plan: input, digest } = request.body;
      const order = await resolve(request, input);
      const plan = await makePlan(app, order);
      if (plan.answer.digest !== digest) throw planChanged();
      const about = {
        action: input.action,
        reason: reasonOf(order),
        actor: order.actor.name,
        total: order.sites.length,
      };
      const started = store.start(about, (signal) => carryOut(app, order, plan, signal));
      return reply.status(202).send(started.state);
    },
  );

  server.get('/operations', { config: read, schema: { response: { 200: operations } } }, async () => ({
    data: store.all(),
  }));

  server.get(
    '/operations/:id',
    { config: read, schema: { params: textId, response: { 200: operation } } },
    async ({ params }) => store.get(params.id).state,
  );

  server.post(
    '/operations/:id/cancel',
    { config: operate, schema: { params: textId, response: { 200: operation } } },
    async ({ params }) => {
      const running = store.get(params.id);
      running.cancel();
      return running.state;
    },
  );

  eventRoute(server, store);
}

function eventRoute(server: ApiServer, store: OperationStore): void {
  const shutDown = new AbortController();
  server.addHook('preClose', async () => {
    await store.close();
    shutDown.abort();
  });
  server.get(
    '/operations/:id/events',
    { config: { access: 'viewer' }, schema: { params: textId } },
    (request, reply) => {
      const running = store.get(request.params.id);
      const after = Number(request.headers['last-event-id'] ?? 0);
      const stream = Readable.from(
        eventStream(running, Number.isInteger(after) ? after : 0, shutDown.signal),
      );
      return reply.type('text/event-stream').header('x-accel-buffering', 'no').send(stream);
    },
  );
}

function planChanged(): IntermissionError {
  return new IntermissionError(
    'plan_changed',
    'What would be done now is not what was shown. Nothing was done.',
    {
      hint: 'Look at the new plan, and confirm that.',
    },
  );
}
