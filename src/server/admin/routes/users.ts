import * as z from 'zod';
import { textId } from '../../contract/common.ts';
import { newUser, passwordReset, userChanges, userRow, users } from '../../contract/session.ts';
import type { AdminApiOptions, ApiServer } from '../api-server.ts';
import { actorOf } from '../guard.ts';
import { toUserRow } from '../rows/user-row.ts';

/** Who may sign in. */
export function userRoutes(server: ApiServer, { app }: AdminApiOptions): void {
  const config = { access: 'admin' } as const;

  server.get('/users', { config, schema: { response: { 200: users } } }, async () => {
    const [all, lastActive] = await Promise.all([app.users.all(), app.users.lastActive()]);
    return { data: all.map((user) => toUserRow(user, lastActive)) };
  });

  server.get(
    '/users/:id',
    { config, schema: { params: textId, response: { 200: userRow } } },
    async ({ params }) => {
      const [user, lastActive] = await Promise.all([app.users.get(params), app.users.lastActive()]);
      return toUserRow(user, lastActive);
    },
  );

  server.post(
    '/users',
    { config, schema: { body: newUser, response: { 201: userRow } } },
    async (request, reply) => {
      const user = await app.users.create(request.body, { actor: actorOf(request) });
      return reply.status(201).send(toUserRow(user));
    },
  );

  server.patch(
    '/users/:id',
    { config, schema: { params: textId, body: userChanges, response: { 200: userRow } } },
    async (request) => {
      const { params, body } = request;
      const options = { actor: actorOf(request) };
      if (body.role !== undefined) await app.users.setRole(params, body.role, options);
      if (body.isActive === true) await app.users.enable(params, options);
      if (body.isActive === false) await app.users.disable(params, options);
      return toUserRow(await app.users.get(params), await app.users.lastActive());
    },
  );

  server.post(
    '/users/:id/password',
    { config, schema: { params: textId, body: passwordReset, response: { 200: z.null() } } },
    async (request) => {
      await app.users.setPassword(request.params, request.body.password, { actor: actorOf(request) });
      return null;
    },
  );
}
