import type { FastifyInstance } from 'fastify';
import { param, parse } from '../control-input.ts';
import type { RedirectOperations } from './operations.ts';
import { redirectRuleEditSchema, redirectRuleSeedSchema } from './seed.ts';

const done = { ok: true } as const;

export function addRedirectRoutes(server: FastifyInstance, operations: RedirectOperations): void {
  server.get('/zones/:zone/redirects', (request) => operations.redirectRules(param(request, 'zone')));
  server.post('/zones/:zone/redirects', (request) =>
    operations.addRedirectRule(param(request, 'zone'), parse(redirectRuleSeedSchema, request.body)),
  );
  server.patch('/zones/:zone/redirects/:rule', (request) =>
    operations.editRedirectRule(
      param(request, 'zone'),
      param(request, 'rule'),
      parse(redirectRuleEditSchema, request.body),
    ),
  );
  server.delete('/zones/:zone/redirects/:rule', (request) => {
    operations.removeRedirectRule(param(request, 'zone'), param(request, 'rule'));
    return done;
  });
  server.get('/zones/:zone/ruleset', (request) => operations.redirectRuleset(param(request, 'zone')) ?? null);
  server.delete('/zones/:zone/ruleset', (request) => {
    operations.removeRedirectRuleset(param(request, 'zone'));
    return done;
  });
}
