import type { Actor } from '../../../domain/maintenance-log.ts';
import type { Intermission } from '../../../intermission.ts';
import type { SyncResult } from '../../../services/sync-result.ts';
import {
  addedApiKey,
  apiKeyRow,
  apiKeys,
  discovery,
  newApiKey,
  removeApiKeyQuery,
  removedApiKey,
  setDefaultRequest,
  tokenReport,
} from '../../contract/api-keys.ts';
import { numericId } from '../../contract/common.ts';
import type { AdminApiOptions, ApiServer } from '../api-server.ts';
import { actorOf } from '../guard.ts';
import { toApiKeyRow, toDiscovery } from '../rows/api-key-row.ts';
import { toErrorFact } from '../rows/error-fact.ts';

/** The API keys. A token comes in, and nothing but its last four characters goes out. */
export function apiKeyRoutes(server: ApiServer, { app }: AdminApiOptions): void {
  const read = { access: 'viewer' } as const;
  const operate = { access: 'operator' } as const;
  const administer = { access: 'admin' } as const;
  const one = { params: numericId, response: { 200: apiKeyRow } };

  server.get('/api-keys', { config: read, schema: { response: { 200: apiKeys } } }, async () => {
    const data = await Promise.all((await app.apiKeys.all()).map((key) => toApiKeyRow(app, key)));
    return { data, environmentToken: app.config.cloudflareApiToken !== undefined };
  });

  server.get('/api-keys/:id', { config: read, schema: one }, async ({ params }) =>
    toApiKeyRow(app, await app.apiKeys.get(params)),
  );

  server.post(
    '/api-keys',
    { config: administer, schema: { body: newApiKey, response: { 201: addedApiKey } } },
    async (request, reply) => {
      const { discover: wanted, ...input } = request.body;
      const actor = actorOf(request);
      const { key, report } = await app.apiKeys.create(input, { actor });
      const found = wanted ? await tryToDiscover(app, key.name, actor) : NOT_ASKED;
      return reply
        .status(201)
        .send({ apiKey: await toApiKeyRow(app, await app.apiKeys.get({ id: key.id })), report, ...found });
    },
  );

  server.post(
    '/api-keys/:id/verify',
    { config: operate, schema: { params: numericId, response: { 200: tokenReport } } },
    async ({ params }) => app.checkToken((await app.apiKeys.get(params)).name),
  );

  server.post(
    '/api-keys/:id/discover',
    { config: operate, schema: { params: numericId, response: { 200: discovery } } },
    async (request) => {
      const { name } = await app.apiKeys.get(request.params);
      return discover(app, name, actorOf(request));
    },
  );

  server.post(
    '/api-keys/:id/default',
    { config: administer, schema: { ...one, body: setDefaultRequest } },
    async (request) => {
      const options = { actor: actorOf(request), force: request.body.force };
      return toApiKeyRow(app, await app.apiKeys.setDefault(request.params, options));
    },
  );

  for (const change of ['activate', 'deactivate'] as const) {
    server.post(`/api-keys/:id/${change}`, { config: administer, schema: one }, async (request) =>
      toApiKeyRow(app, await app.apiKeys[change](request.params, { actor: actorOf(request) })),
    );
  }

  server.delete(
    '/api-keys/:id',
    {
      config: administer,
      schema: { params: numericId, querystring: removeApiKeyQuery, response: { 200: removedApiKey } },
    },
    async (request) => {
      const { moveTo: id } = request.query;
      const moveTo = id === undefined ? undefined : (await app.apiKeys.get({ id })).name;
      return app.apiKeys.remove(request.params, { actor: actorOf(request), moveTo });
    },
  );
}

const NOT_ASKED = { discovery: null, discoveryError: null };

async function discover(app: Intermission, apiKey: string, actor: Actor) {
  const [outcome] = await app.syncZones({ apiKey, actor });
  return toDiscovery(outcome?.result as SyncResult);
}

/** The key is stored by now: when finding its sites fails, that is said, and the key stays. */
async function tryToDiscover(app: Intermission, apiKey: string, actor: Actor) {
  try {
    return { discovery: await discover(app, apiKey, actor), discoveryError: null };
  } catch (error) {
    return { discovery: null, discoveryError: toErrorFact(error) };
  }
}
