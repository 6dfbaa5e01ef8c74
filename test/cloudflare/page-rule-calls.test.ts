import { expect, test } from 'vitest';
import { fields, gateway, rule, scriptedServer, success, ZONE } from './scripted-server.ts';

const ID = '50fdc2d542e0f6c6246963277d1dc140';

test('a list of page rules comes with the winning rule first', async () => {
  await using server = await scriptedServer(
    success([rule('a', 'a.example.com/*', 1), rule('b', '*example.com/*', 2)]),
  );

  const rules = await gateway(server.baseUrl).listPageRules(ZONE);

  expect(rules.map(({ id, priority }) => ({ id, priority }))).toEqual([
    { id: 'b', priority: 2 },
    { id: 'a', priority: 1 },
  ]);
  expect(server.log()).toEqual([`GET /zones/${ZONE}/pagerules`]);
});

test('a rule keeps the whole object as it was received', async () => {
  const stored = { ...rule(ID, '*example.com/*'), surprise: { nested: [1, null] } };
  await using server = await scriptedServer(success([stored]));

  const [found] = await gateway(server.baseUrl).listPageRules(ZONE);

  expect(found?.raw).toEqual(stored);
  expect(found?.createdOn).toBe('2026-01-18T21:33:59.000000Z');
});

test('a rule of an unknown shape does not hide the others', async () => {
  const strange = { id: 'old', targets: [{ kind: 'legacy' }], actions: 'none', status: 'disabled' };
  await using server = await scriptedServer(success([strange, rule(ID, '*example.com/*')]));

  const rules = await gateway(server.baseUrl).listPageRules(ZONE);

  expect(rules.map(({ id, targets }) => [id, targets.length])).toEqual([
    [ID, 1],
    ['old', 0],
  ]);
});

test('an action without a value stays without one', async () => {
  const actions = [{ id: 'always_use_https' }, { id: 'cache_level', value: 'bypass' }];
  await using server = await scriptedServer(success([{ ...rule(ID, '*example.com/*'), actions }]));

  const [found] = await gateway(server.baseUrl).listPageRules(ZONE);

  expect(found?.actions).toStrictEqual(actions);
});

test('creating sends all four fields and nothing else', async () => {
  await using server = await scriptedServer(success(rule(ID, '*example.com/*')));

  const created = await gateway(server.baseUrl).createPageRule(ZONE, fields('*example.com/*'));

  expect(created.id).toBe(ID);
  expect(JSON.parse(server.received[0]?.body ?? '')).toEqual(fields('*example.com/*'));
  expect(server.log()).toEqual([`POST /zones/${ZONE}/pagerules`]);
});

test('replacing is a PUT of all four fields', async () => {
  await using server = await scriptedServer(success(rule(ID, '*example.com/*')));

  await gateway(server.baseUrl).replacePageRule(ZONE, ID, fields('*example.com/*'));

  expect(server.log()).toEqual([`PUT /zones/${ZONE}/pagerules/${ID}`]);
  expect(JSON.parse(server.received[0]?.body ?? '')).toEqual(fields('*example.com/*'));
});

test.each([{ id: ID }, null])('a delete is done whether the result is %j', async (result) => {
  await using server = await scriptedServer(success(result));

  await gateway(server.baseUrl).deletePageRule(ZONE, ID);

  expect(server.log()).toEqual([`DELETE /zones/${ZONE}/pagerules/${ID}`]);
});

test('null lists, a stray result_info and further fields are no obstacle', async () => {
  await using server = await scriptedServer(
    success([rule(ID, '*example.com/*')], {
      errors: null,
      messages: null,
      result_info: { page: 'x' },
      more: 1,
    }),
  );

  expect(await gateway(server.baseUrl).listPageRules(ZONE)).toHaveLength(1);
});

test('every request is counted', async () => {
  await using server = await scriptedServer(success([]));
  const client = gateway(server.baseUrl);

  await client.listPageRules(ZONE);
  await client.listPageRules(ZONE);

  expect(client.calls).toBe(2);
});
