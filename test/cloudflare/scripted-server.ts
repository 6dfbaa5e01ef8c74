import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CloudflareGateway } from '../../src/cloudflare/gateway.ts';
import type { GatewayOptions } from '../../src/cloudflare/types.ts';

export const TOKEN = 'cfut_abcdefghijklmnopqrstuvwxyz0123456789ABCD1a2b3c4d';
export const ZONE = '023e105f4ecef8ad9ca31a8372d0c353';

export interface Received {
  method: string;
  /** With the query. */
  url: string;
  headers: IncomingHttpHeaders;
  body: string;
}

/** What the server does with one request. */
export type Step = (response: ServerResponse, request: Received) => unknown;

export interface ScriptedServer extends AsyncDisposable {
  baseUrl: string;
  received: Received[];
  /** `POST /zones/…/pagerules` and so on, in order. */
  log(): string[];
}

/** A real HTTP server that takes one step per request, the last one for all that follow. */
export async function scriptedServer(...steps: Step[]): Promise<ScriptedServer> {
  const received: Received[] = [];
  const server = createServer(async (request, response) => {
    const body = await textOf(request);
    const { method = '', url = '', headers } = request;
    const entry = { method, url: url.replace('/client/v4', ''), headers, body };
    received.push(entry);
    const step = steps[Math.min(received.length, steps.length) - 1];
    await step?.(response, entry);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    baseUrl: `http://127.0.0.1:${port}/client/v4`,
    received,
    log: () => received.map(({ method, url }) => `${method} ${url.split('?')[0]}`),
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** A step that answers with JSON. */
export function answer(status: number, body: unknown, headers: Record<string, string> = {}): Step {
  return (response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(JSON.stringify(body));
  };
}

export const success = (result: unknown, extra: object = {}, headers: Record<string, string> = {}) =>
  answer(200, { result, success: true, errors: [], messages: [], ...extra }, headers);

export function refusal(
  status: number,
  code: number,
  message: string,
  messages: unknown[] = [],
  headers: Record<string, string> = {},
): Step {
  return answer(status, { success: false, errors: [{ code, message }], messages, result: null }, headers);
}

/** A step that closes the connection without a reply. */
export const drop: Step = (response) => {
  response.socket?.destroy();
};

/** A step that never answers. */
export const silence: Step = () => {};

export function gateway(baseUrl: string, options: Partial<GatewayOptions> = {}): CloudflareGateway {
  return new CloudflareGateway({
    token: TOKEN,
    baseUrl,
    maxRetries: 3,
    retryBaseMs: 1000,
    timeoutMs: 5000,
    clock: { now: () => new Date() },
    // Back-offs are computed, not slept.
    wait: async () => {},
    ...options,
  });
}

export const rule = (id: string, pattern: string, priority = 1) => ({
  id,
  targets: [{ target: 'url', constraint: { operator: 'matches', value: pattern } }],
  actions: [{ id: 'forwarding_url', value: { url: 'https://down.example.net/', status_code: 302 } }],
  priority,
  status: 'active',
  created_on: '2026-01-18T21:33:59.000000Z',
  modified_on: '2026-01-23T01:03:53.000000Z',
});

export const fields = (pattern: string) => ({
  targets: [{ target: 'url', constraint: { operator: 'matches', value: pattern } }],
  actions: [{ id: 'forwarding_url', value: { url: 'https://down.example.net/', status_code: 302 } }],
  priority: 1000,
  status: 'active' as const,
});

async function textOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request) text += chunk;
  return text;
}
