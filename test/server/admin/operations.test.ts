import { describe, expect, test } from 'vitest';
import type { OperationEvent, PlanAnswer, PlanRequest } from '../../../src/server/contract/operations.ts';
import { ask } from '../../support/ask-server.ts';
import { describeDatabases } from '../../support/describe-databases.ts';
import { type AdminWorkplace, type Browser, openAdmin } from './admin-workplace.ts';

describeDatabases((_kind, openTestDatabase) => {
  test('one site: the plan says what is done, and the operation does exactly that', async () => {
    await using place = await openAdmin(await openTestDatabase.migratedUrl());
    const operator = await asOperator(place);
    const { id } = await place.site('site-1.example');
    const wanted: PlanRequest = {
      action: 'enable',
      selection: { ids: [id] },
      reason: 'new disk',
      verify: false,
    };
    const plan = await planOf(operator, wanted);
    expect(plan).toMatchObject({ total: 1, changes: 1, needsTyping: false, warnings: [] });
    expect(plan.sites[0]).toMatchObject({
      domain: 'site-1.example',
      outcome: 'change',
      engine: 'page_rules',
    });
    expect(plan.sites[0]?.changes[0]).toContain('add *site-1.example/*');
    expect(plan.command).toBe(
      "intermission maintenance enable site-1.example --reason 'new disk' --no-verify",
    );
    expect(await place.app.maintenance({ id }).getStatus()).toBe(false);

    const events = await carryOut(place, operator, wanted, plan);
    expect(events.map(({ type }) => type)).toEqual(['started', 'site', 'done']);
    expect(events.at(-1)).toMatchObject({
      operation: { finished: 1, succeeded: 1, failed: 0, reason: 'new disk' },
    });
    const [log] = await place.app.logs.forDomain('site-1.example').byAction('enable').all();
    expect(log).toMatchObject({
      status: 'success',
      actor: 'operator@example.com',
      source: 'admin',
      reason: 'new disk',
    });
  });

  test('fifty sites: resolved here by the filter, each told of once, the rest left alone', async () => {
    await using place = await openAdmin(await openTestDatabase.migratedUrl(), { emulator: { zones: 51 } });
    const operator = await asOperator(place);
    const { id } = await place.site('site-51.example');
    await place.app.sites.update({ id }, { isActive: false });
    const wanted: PlanRequest = { action: 'enable', selection: { filter: { active: true } }, verify: false };
    const plan = await planOf(operator, wanted);
    expect(plan).toMatchObject({ total: 50, changes: 50, calls: 50, needsTyping: true, command: null });
    const events = await carryOut(place, operator, wanted, plan);
    const domains = events.flatMap((event) => (event.type === 'site' ? [event.domain] : []));
    expect(new Set(domains).size).toBe(50);
    expect(events.at(-1)).toMatchObject({ operation: { total: 50, finished: 50, succeeded: 50 } });
    expect(await place.app.sites.inMaintenance().count()).toBe(50);
  });
});

describe('a plan that was shown', () => {
  test('is not carried out when the selection has become another', async () => {
    await using place = await openAdmin('sqlite::memory:');
    const operator = await asOperator(place);
    const wanted: PlanRequest = { action: 'enable', selection: { filter: { active: true } } };
    const { digest } = await planOf(operator, wanted);
    const { id } = await place.site('site-3.example');
    await place.app.sites.update({ id }, { isActive: false });
    await expectChanged(place, operator, wanted, digest);
  });

  test('is not carried out when the site would be changed in another way', async () => {
    await using place = await openAdmin('sqlite::memory:');
    const operator = await asOperator(place);
    const { id } = await place.site('site-1.example');
    const wanted: PlanRequest = { action: 'enable', selection: { ids: [id] } };
    const { digest } = await planOf(operator, wanted);
    await place.app.sites.update({ id }, { maintenanceUrl: 'https://pages.example.net/other' });
    await expectChanged(place, operator, wanted, digest);
  });

  test.each([
    ['other sites', { selection: { ids: [2] } }],
    ['another hold', { hold: 'deploy' }],
    ['force', { force: true }],
    ['the other way round', { action: 'disable' }],
  ] as [string, Partial<PlanRequest>][])('does not cover %s', async (_case, change) => {
    await using place = await openAdmin('sqlite::memory:');
    const operator = await asOperator(place);
    const wanted: PlanRequest = { action: 'enable', selection: { ids: [1] } };
    const { digest } = await planOf(operator, wanted);
    await expectChanged(place, operator, { ...wanted, ...change }, digest);
  });

  test('covers a reason that was typed while it was looked at', async () => {
    await using place = await openAdmin('sqlite::memory:');
    const operator = await asOperator(place);
    const wanted: PlanRequest = { action: 'enable', selection: { ids: [1] }, verify: false };
    const plan = await planOf(operator, wanted);
    const events = await carryOut(place, operator, { ...wanted, reason: 'typed' }, plan);
    expect(events.at(-1)).toMatchObject({ operation: { succeeded: 1, reason: 'typed' } });
  });
});

test.each([
  ['nothing', { ids: [] }, 400],
  ['an id that is not there', { ids: [1, 4711] }, 404],
  ['a filter that matches nothing', { filter: { q: 'nowhere' } }, 400],
])('a selection of %s is refused', async (_case, selection, status) => {
  await using place = await openAdmin('sqlite::memory:');
  const operator = await asOperator(place);
  expect((await operator.post('/plans', { action: 'enable', selection })).statusCode).toBe(status);
});

test('a site that cannot be closed is told of in the plan, with the reason', async () => {
  await using place = await openAdmin('sqlite::memory:');
  const operator = await asOperator(place);
  await place.app.sites.update({ id: 1 }, { isActive: false });
  const plan = await planOf(operator, { action: 'enable', selection: { ids: [1] } });
  expect(plan).toMatchObject({
    changes: 0,
    sites: [{ outcome: 'refuse', error: { code: 'validation_failed' } }],
  });
});

test('a failed site is told of with its error, and the others are closed', async () => {
  await using place = await openAdmin('sqlite::memory:');
  const operator = await asOperator(place);
  const wanted: PlanRequest = { action: 'enable', selection: { ids: [1, 2, 3] }, verify: false };
  const plan = await planOf(operator, wanted);
  const { zoneId } = await place.site('site-2.example');
  place.emulator.removeZone(zoneId ?? '');
  const events = await carryOut(place, operator, wanted, plan);
  const outcomes = events.flatMap((event) =>
    event.type === 'site' ? [`${event.domain} ${event.outcome}`] : [],
  );
  expect(outcomes.sort()).toEqual(['site-1.example done', 'site-2.example failed', 'site-3.example done']);
});

test('events go on after the last one that a browser has seen, and a second browser sees all of them', async () => {
  await using place = await openAdmin('sqlite::memory:');
  const operator = await asOperator(place);
  const viewer = await place.as('viewer');
  const wanted: PlanRequest = { action: 'enable', selection: { ids: [1, 2, 3] }, verify: false };
  const plan = await planOf(operator, wanted);
  const { id } = (await operator.post('/operations', { plan: wanted, digest: plan.digest })).json();
  const all = await follow(place, viewer, id);
  expect(all.map(({ id: number }) => number)).toEqual([1, 2, 3, 4, 5]);
  const rest = await follow(place, operator, id, '3');
  expect(rest).toEqual(all.slice(3));
  expect((await viewer.get('/operations')).json().data).toMatchObject([{ id, finished: 3, total: 3 }]);
  expect((await viewer.get('/operations/unknown')).statusCode).toBe(404);
});

test('closing the server waits for the site in hand, and ends every stream', async () => {
  await using place = await openAdmin('sqlite::memory:', { emulator: { zones: 3, latencyMs: 50 } });
  const operator = await asOperator(place);
  const wanted: PlanRequest = { action: 'enable', selection: { ids: [1] }, verify: false };
  const plan = await planOf(operator, wanted);
  const { id } = (await operator.post('/operations', { plan: wanted, digest: plan.digest })).json();
  const following = follow(place, operator, id);
  await place.server.close();
  expect((await following).at(-1)?.event).toMatchObject({ type: 'done' });
  expect(await place.app.logs.pending().count()).toBe(0);
});

async function asOperator(place: AdminWorkplace): Promise<Browser> {
  await place.as('admin');
  return place.as('operator');
}

async function planOf(browser: Browser, wanted: PlanRequest): Promise<PlanAnswer> {
  const reply = await browser.post('/plans', wanted);
  expect(reply.statusCode, reply.body).toBe(200);
  return reply.json();
}

async function carryOut(
  place: AdminWorkplace,
  browser: Browser,
  plan: PlanRequest,
  { digest }: PlanAnswer,
): Promise<OperationEvent[]> {
  const reply = await browser.post('/operations', { plan, digest });
  expect(reply.statusCode, reply.body).toBe(202);
  return (await follow(place, browser, reply.json().id)).map(({ event }) => event);
}

async function expectChanged(place: AdminWorkplace, browser: Browser, plan: PlanRequest, digest: string) {
  place.emulator.clearRequests();
  const reply = await browser.post('/operations', { plan, digest });
  expect({ status: reply.statusCode, code: reply.json().code }).toEqual({
    status: 409,
    code: 'plan_changed',
  });
  expect(place.emulator.requests().filter(({ method }) => method !== 'GET')).toEqual([]);
  expect(await place.app.sites.inMaintenance().count()).toBe(0);
}

/** Reads the stream of an operation to its end. */
async function follow(place: AdminWorkplace, { cookie }: Browser, id: string, after?: string) {
  const reply = await ask(place.server, {
    url: `/admin/api/operations/${id}/events`,
    headers: { cookie, ...(after !== undefined && { 'last-event-id': after }) },
  });
  expect(reply.headers['content-type']).toBe('text/event-stream');
  const blocks = reply.body.split('\n\n').filter((block) => block.startsWith('id: '));
  return blocks.map((block) => ({
    id: Number(/^id: (\d+)/.exec(block)?.[1]),
    event: JSON.parse(/^data: (.*)$/m.exec(block)?.[1] ?? '') as OperationEvent,
  }));
}
