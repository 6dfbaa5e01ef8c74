import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import {
  fields,
  gateway,
  rule,
  type ScriptedServer,
  scriptedServer,
  success,
  TOKEN,
  ZONE,
} from './scripted-server.ts';

const POISON = {
  CLOUDFLARE_API_KEY: 'poison-key',
  CLOUDFLARE_EMAIL: 'poison@example.com',
  CLOUDFLARE_API_EMAIL: 'poison@example.com',
  CLOUDFLARE_API_TOKEN: 'poison-token',
  CLOUDFLARE_API_USER_SERVICE_KEY: 'v1.0-poison',
  CLOUDFLARE_BASE_URL: 'http://127.0.0.1:9/poison',
  CLOUDFLARE_ACCOUNT_ID: 'poison-account',
  CLOUDFLARE_ZONE_ID: 'poison-zone',
  CLOUDFLARE_LOG: 'debug',
};

/** All headers that a request may have; what is not ours is added by Node's fetch itself. */
const EXPECTED = [
  'accept',
  'accept-encoding',
  'accept-language',
  'authorization',
  'connection',
  'host',
  'sec-fetch-mode',
  'user-agent',
];

const printed: unknown[] = [];

beforeEach(() => {
  for (const [name, value] of Object.entries(POISON)) vi.stubEnv(name, value);
  for (const method of ['log', 'info', 'warn', 'error', 'debug'] as const) {
    vi.spyOn(console, method).mockImplementation((...args) => void printed.push(args));
  }
});
afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

async function callEverything(server: ScriptedServer) {
  const client = gateway(server.baseUrl);
  await client.listPageRules(ZONE);
  await client.createPageRule(ZONE, fields('*example.com/*'));
}

test.each([
  { name: 'a second credential', value: 'Authorization: Bearer poison\nX-Auth-Key: poison\nX-Poison: 1' },
  { name: 'an invalid name', value: 'not a header name: poison' },
  { name: 'an invalid value', value: 'X-Poison: \u0001\u{1F600}' },
])('variables for other tools change nothing, custom headers with $name included', async ({ value }) => {
  vi.stubEnv('CLOUDFLARE_CUSTOM_HEADERS', value);
  await using server = await scriptedServer(success([]), success(rule('a', '*example.com/*')));

  await callEverything(server);

  expect(server.log()).toEqual([`GET /zones/${ZONE}/pagerules`, `POST /zones/${ZONE}/pagerules`]);
  const [read, write] = server.received.map(({ headers }) => headers);
  expect(Object.keys(read ?? {}).sort()).toEqual(EXPECTED);
  expect(Object.keys(write ?? {}).sort()).toEqual([...EXPECTED, 'content-length', 'content-type'].sort());
  expect([read?.authorization, write?.authorization]).toEqual([`Bearer ${TOKEN}`, `Bearer ${TOKEN}`]);
  expect(JSON.stringify(server.received)).not.toMatch(/poison/i);
  expect(printed).toEqual([]);
});
