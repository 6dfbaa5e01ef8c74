import fastify, { type FastifyInstance, type FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { ApiParts } from './api-server.ts';
import { param, parse, parseJson } from './control-input.ts';
import type { Hold } from './holds.ts';
import type { Operations } from './operations.ts';
import { addRedirectRoutes } from './redirect-rules/control.ts';
import {
  delaySchema,
  faultSeedSchema,
  holdSeedSchema,
  releaseSchema,
  requestFilterSchema,
  ruleEditSchema,
  ruleSeedSchema,
  tokenEditSchema,
  tokenSeedSchema,
  zoneEditSchema,
  zoneSeedSchema,
} from './schemas.ts';
import { EmulatorError } from './state.ts';
import { switchesSchema } from './switches.ts';

const done = { ok: true } as const;

/** The operations over HTTP, for other processes; every input is validated, every problem named. */
export function createControlServer(operations: Operations, parts: ApiParts): FastifyInstance {
  const server = fastify({ forceCloseConnections: true });
  // A body is optional where every field of it is: fastify would refuse an empty one.
  server.addContentTypeParser(
    'application/json',
    { parseAs: 'string' },
    async (_request: FastifyRequest, text: string) => parseJson(text),
  );
  server.setErrorHandler((error, _request, reply) => {
    const status = statusOf(error);
    return reply.code(status).send({ error: messageOf(error) });
  });
  addZoneRoutes(server, operations);
  addRedirectRoutes(server, operations);
  addSettingRoutes(server, operations, parts);
  addRequestRoutes(server, operations);
  addFaultRoutes(server, operations, parts);
  addHoldRoutes(server, operations, parts);
  return server;
}

function addZoneRoutes(server: FastifyInstance, operations: Operations): void {
  server.get('/zones', () => operations.zones());
  server.post('/zones', (request) => operations.addZone(parse(zoneSeedSchema, request.body)));
  server.get('/zones/:zone', (request) => operations.zone(param(request, 'zone')));
  server.patch('/zones/:zone', (request) =>
    operations.setZone(param(request, 'zone'), parse(zoneEditSchema, request.body)),
  );
  server.delete('/zones/:zone', (request) => {
    operations.removeZone(param(request, 'zone'));
    return done;
  });
  server.get('/zones/:zone/rules', (request) => operations.rules(param(request, 'zone')));
  server.post('/zones/:zone/rules', (request) =>
    operations.addRule(param(request, 'zone'), parse(ruleSeedSchema, request.body)),
  );
  server.patch('/zones/:zone/rules/:rule', (request) =>
    operations.editRule(param(request, 'zone'), param(request, 'rule'), parse(ruleEditSchema, request.body)),
  );
  server.delete('/zones/:zone/rules/:rule', (request) => {
    operations.removeRule(param(request, 'zone'), param(request, 'rule'));
    return done;
  });
}

function addSettingRoutes(
  server: FastifyInstance,
  operations: Operations,
  { state, faults, holds }: ApiParts,
): void {
  server.get('/state', () => ({
    latencyMs: state.latencyMs,
    propagationMs: state.propagationMs,
    switches: operations.switches(),
    zones: operations.zones(),
    tokens: [...state.tokens.values()],
    faults: faults.list().map(faultBody),
    holds: holds.list().map(holdBody),
    requests: operations.requests().length,
  }));
  server.post('/reset', async () => {
    await operations.reset();
    return done;
  });
  server.get('/switches', () => operations.switches());
  server.put('/switches', (request) => operations.setSwitches(parse(switchesSchema, request.body)));
  server.put('/latency', (request) => {
    operations.setLatency(parse(delaySchema, request.body).ms);
    return done;
  });
  server.put('/propagation', (request) => {
    operations.setPropagation(parse(delaySchema, request.body).ms);
    return done;
  });
  server.post('/tokens', (request) => ({ token: operations.addToken(parse(tokenSeedSchema, request.body)) }));
  server.patch('/tokens/:token', (request) => {
    operations.setToken(param(request, 'token'), parse(tokenEditSchema, request.body));
    return done;
  });
}

const boolean = z.stringbool().exactOptional();
const number = z.coerce.number().int().min(0).exactOptional();
const requestQuerySchema = requestFilterSchema.extend({
  status: number,
  after: number,
  write: boolean,
  unknown: boolean,
  limit: number,
});

function addRequestRoutes(server: FastifyInstance, operations: Operations): void {
  server.get('/requests', (request) => {
    const { limit = 1_000, ...filter } = parse(requestQuerySchema, request.query);
    const requests = operations.requests(filter);
    return { total: requests.length, requests: limit === 0 ? [] : requests.slice(-limit) };
  });
  server.delete('/requests', () => {
    operations.clearRequests();
    return done;
  });
}

function addFaultRoutes(server: FastifyInstance, operations: Operations, { faults }: ApiParts): void {
  server.get('/faults', () => faults.list().map(faultBody));
  server.post('/faults', (request) => {
    const { id, seed, fired } = operations.addFault(parse(faultSeedSchema, request.body));
    return faultBody({ id, seed, fired });
  });
  server.delete('/faults', () => {
    operations.clearFaults();
    return done;
  });
  server.delete('/faults/:id', (request) => {
    if (!faults.remove(param(request, 'id'))) throw new EmulatorError('There is no such fault');
    return done;
  });
}

const holdQuerySchema = z.strictObject({ waitSeconds: z.coerce.number().min(0).max(600).default(30) });

function addHoldRoutes(server: FastifyInstance, operations: Operations, { holds }: ApiParts): void {
  const getHold = (request: FastifyRequest): Hold => {
    const hold = holds.find(param(request, 'id'));
    if (hold === undefined) throw new EmulatorError('There is no such hold');
    return hold;
  };
  server.get('/holds', () => holds.list().map(holdBody));
  server.post('/holds', (request) => holdBody(operations.hold(parse(holdSeedSchema, request.body))));
  server.get('/holds/:id', async (request) => {
    const hold = getHold(request);
    await reachedWithin(hold, parse(holdQuerySchema, request.query).waitSeconds);
    return holdBody(hold);
  });
  server.post('/holds/:id/release', async (request) => {
    const hold = getHold(request);
    await hold.release(parse(releaseSchema, request.body));
    return holdBody(hold);
  });
}

/** The long poll: comes back when the request is there, or when the time is up. */
async function reachedWithin(hold: Hold, seconds: number): Promise<void> {
  if (hold.state !== 'armed' || seconds === 0) return;
  const timeUp = Promise.withResolvers<void>();
  const timer = setTimeout(timeUp.resolve, seconds * 1_000);
  await Promise.race([hold.reached, timeUp.promise]);
  clearTimeout(timer);
}

function holdBody({ id, when, state, request }: Hold) {
  return { id, when, state, ...(request === undefined ? {} : { request }) };
}

function faultBody<Fault extends { seed: { path?: string | RegExp } }>(fault: Fault) {
  const { path } = fault.seed;
  const seed = path === undefined ? fault.seed : { ...fault.seed, path: String(path) };
  return { ...fault, seed };
}

function statusOf(error: unknown): number {
  if (error instanceof EmulatorError) return error.status;
  const { statusCode } = error as { statusCode?: unknown };
  return typeof statusCode === 'number' ? statusCode : 500;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
