import { BasePageRules } from 'cloudflare/resources/page-rules/page-rules';
import { BaseTokens } from 'cloudflare/resources/user/tokens/tokens';
import { BaseZones } from 'cloudflare/resources/zones/zones';
import { createClient } from 'cloudflare/tree-shakable';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type Emulator, startEmulator } from '../../src/emulator/index.ts';

let emulator: Emulator;

beforeAll(async () => {
  emulator = await startEmulator({ zones: 45 });
});
beforeEach(() => emulator.reset());
afterAll(() => emulator.close());

function connect() {
  return createClient({
    resources: [BaseZones, BasePageRules, BaseTokens],
    apiToken: emulator.token,
    apiKey: null,
    apiEmail: null,
    userServiceKey: null,
    baseURL: emulator.api,
    maxRetries: 0,
  });
}

test('Cloudflare’s own client lists all zones, with one empty page at the end', async () => {
  const names: string[] = [];
  for await (const zone of connect().zones.list({ per_page: 20 })) names.push(zone.name);
  expect(names).toHaveLength(45);
  expect(emulator.requests()).toHaveLength(4);
});

test('Cloudflare’s own client creates, reads, changes and deletes a page rule', async () => {
  const client = connect();
  const zone_id = emulator.zone('site-1.example').id;
  const rule = await client.pageRules.create({
    zone_id,
    targets: [{ target: 'url', constraint: { operator: 'matches', value: '*site-1.example/*' } }],
    actions: [{ id: 'forwarding_url', value: { url: 'https://status.example.net/', status_code: 302 } }],
    priority: 1_000,
    status: 'active',
  });
  expect(await client.pageRules.list({ zone_id })).toEqual([rule]);
  expect((await client.pageRules.edit(rule.id, { zone_id, status: 'disabled' })).status).toBe('disabled');
  expect(await client.pageRules.delete(rule.id, { zone_id })).toEqual({ id: rule.id });
  await expect(client.pageRules.get(rule.id, { zone_id })).rejects.toMatchObject({ status: 404 });
  expect(emulator.requests({ unknown: true })).toEqual([]);
});

test('Cloudflare’s own client verifies its token', async () => {
  expect((await connect().user.tokens.verify()).status).toBe('active');
});
