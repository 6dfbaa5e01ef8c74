import { BasePageRules } from 'cloudflare/resources/page-rules/page-rules';
import { BasePhases } from 'cloudflare/resources/rulesets/phases/phases';
import { BaseRules } from 'cloudflare/resources/rulesets/rules';
import { BaseRulesets } from 'cloudflare/resources/rulesets/rulesets';
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
    resources: [BaseZones, BasePageRules, BaseRulesets, BaseRules, BasePhases, BaseTokens],
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

test('Cloudflare’s own client makes a ruleset, adds, moves, changes and deletes redirect rules', async () => {
  const { rulesets } = connect();
  const zone_id = emulator.zone('site-1.example').id;
  const phase = 'http_request_dynamic_redirect';
  const rule = (expression: string) => ({
    zone_id,
    expression,
    action: 'redirect' as const,
    action_parameters: {
      from_value: { target_url: { value: 'https://x.example/' }, status_code: 302 as const },
    },
  });
  await expect(rulesets.phases.get(phase, { zone_id })).rejects.toMatchObject({ status: 404 });
  // The client has no type for what these answer.
  const made = (await rulesets.create({ zone_id, name: 'default', kind: 'zone', phase })) as { id: string };
  await rulesets.rules.create(made.id, { ...rule('ssl'), ref: 'a' });
  await rulesets.rules.create(made.id, { ...rule('not ssl'), ref: 'b', position: { before: '' } });
  const read = await rulesets.phases.get(phase, { zone_id });
  expect(read.rules.map(({ ref }) => ref)).toEqual(['b', 'a']);
  const [b, a] = read.rules.map(({ id }) => id ?? '');
  await rulesets.rules.edit(a ?? '', { ...rule('true'), ref: 'a', ruleset_id: made.id });
  const left = await rulesets.rules.delete(b ?? '', { zone_id, ruleset_id: made.id });
  expect(left).toMatchObject({ rules: [{ id: a, expression: 'true', version: '2' }] });
  const listed: string[] = [];
  for await (const { id } of rulesets.list({ zone_id })) listed.push(id);
  expect(listed).toEqual([made.id]);
  await rulesets.delete(made.id, { zone_id });
  expect(emulator.redirectRuleset('site-1.example')).toBeUndefined();
  expect(emulator.requests({ unknown: true })).toEqual([]);
});

test('Cloudflare’s own client verifies its token', async () => {
  expect((await connect().user.tokens.verify()).status).toBe('active');
});
