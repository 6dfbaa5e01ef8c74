import { inspect } from 'node:util';
import type { CloudflareGateway } from '../../src/cloudflare/gateway.ts';
import { type IntermissionError, isIntermissionError } from '../../src/errors.ts';
import { fields, gateway, type Step, scriptedServer, ZONE } from './scripted-server.ts';

const RULE = '50fdc2d542e0f6c6246963277d1dc140';

/** Calls of each kind, for tests that only want their failure. */
export const getZone = (client: CloudflareGateway) => client.getZone(ZONE);
export const list = (client: CloudflareGateway) => client.listPageRules(ZONE);
export const create = (client: CloudflareGateway) => client.createPageRule(ZONE, fields('*example.com/*'));
export const remove = (client: CloudflareGateway) => client.deletePageRule(ZONE, RULE);

/** The error of a call that the server answers with `step`, again and again. */
export async function failureOf(
  step: Step,
  call: (client: CloudflareGateway) => Promise<unknown>,
): Promise<IntermissionError> {
  await using server = await scriptedServer(step);
  const outcome = await call(gateway(server.baseUrl, { timeoutMs: 100 })).catch((error: unknown) => error);
  if (!isIntermissionError(outcome))
    throw new Error(`Expected an IntermissionError, got ${inspect(outcome)}`);
  return outcome;
}
