import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Emulator, startEmulator } from '../../src/emulator/index.ts';
import { forwarding, rulesPath, send } from './client.ts';

let emulator: Emulator;

beforeAll(async () => {
  emulator = await startEmulator({ zones: 1, rateLimit: false });
});
beforeEach(() => emulator.reset());
afterAll(() => emulator.close());

async function control(request: string, body?: unknown) {
  const [method = 'GET', path = '/'] = request.split(' ');
  const response = await fetch(emulator.control + path, {
    method,
    ...(body === undefined
      ? {}
      : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  });
  // biome-ignore lint/suspicious/noExplicitAny: replies are looked at freely
  return { status: response.status, body: (await response.json()) as any };
}

const post = () => send(emulator, `POST ${rulesPath(emulator)}`, { body: forwarding('*site-1.example/*') });

describe('zones and rules', () => {
  test('are added, shown, changed and removed', async () => {
    const { body: zone } = await control('POST /zones', { name: 'new.example', plan: 'pro' });
    expect(zone).toEqual(emulator.zone('new.example'));
    expect((await control('PATCH /zones/new.example', { paused: true })).body.paused).toBe(true);
    expect((await control(`GET /zones/${zone.id}`)).body.name).toBe('new.example');
    await control('DELETE /zones/new.example');
    expect((await control('GET /zones/new.example')).status).toBe(404);
    expect((await control('GET /zones')).body).toEqual(emulator.zones());
  });

  test('rules likewise', async () => {
    const seed = { pattern: 'site-1.example/*', forwardTo: 'https://x.example/' };
    const { body: rule } = await control('POST /zones/site-1.example/rules', seed);
    expect((await control('GET /zones/site-1.example/rules')).body).toEqual([rule]);
    const url = `/zones/site-1.example/rules/${rule.id}`;
    expect((await control(`PATCH ${url}`, { status: 'disabled' })).body.status).toBe('disabled');
    await control(`DELETE ${url}`);
    expect((await control(`DELETE ${url}`)).status).toBe(404);
    expect(emulator.rules('site-1.example')).toEqual([]);
  });
});

describe('redirect rules', () => {
  const base = '/zones/site-1.example';

  test('are added, listed, changed and removed, and their ruleset too', async () => {
    const seed = { expression: 'ssl', redirectTo: 'https://x.example/', ref: 'a' };
    expect((await control(`GET ${base}/ruleset`)).body).toBeNull();
    const { body: rule } = await control(`POST ${base}/redirects`, seed);
    expect((await control(`GET ${base}/redirects`)).body).toEqual([rule]);
    const changed = await control(`PATCH ${base}/redirects/${rule.id}`, { enabled: false });
    expect(changed.body).toMatchObject({ id: rule.id, enabled: false, expression: 'ssl' });
    await control(`DELETE ${base}/redirects/${rule.id}`);
    expect((await control(`DELETE ${base}/redirects/${rule.id}`)).status).toBe(404);
    expect((await control(`GET ${base}/ruleset`)).body.rules).toEqual([]);
    await control(`DELETE ${base}/ruleset`);
    expect((await control(`DELETE ${base}/ruleset`)).status).toBe(404);
  });

  test('their quota belongs to the zone', async () => {
    const { body } = await control(`PATCH ${base}`, { redirectRuleQuota: 2 });
    expect(body.redirectRuleQuota).toBe(2);
  });
});

describe('settings', () => {
  test('switches, delays, tokens and the whole state', async () => {
    expect((await control('PUT /switches', { unknownRule: 400 })).body.unknownRule).toBe(400);
    await control('PUT /latency', { ms: 1 });
    await control('PUT /propagation', { ms: 2 });
    const { token } = (await control('POST /tokens', { permissions: ['Zone Read'] })).body;
    await control(`PATCH /tokens/${token}`, { status: 'disabled' });
    const { body } = await control('GET /state');
    expect(body).toMatchObject({ latencyMs: 1, propagationMs: 2, requests: 0, faults: [], holds: [] });
    expect(body.switches).toEqual((await control('GET /switches')).body);
    expect(body.tokens).toMatchObject([{ value: emulator.token }, { value: token, status: 'disabled' }]);
    await control('POST /reset');
    expect((await control('GET /state')).body).toMatchObject({ latencyMs: 0, propagationMs: 0 });
  });
});

describe('requests', () => {
  test('are listed by filter, newest last, and cleared', async () => {
    for (const page of [1, 2, 3]) await send(emulator, `GET /zones?page=${page}`);
    await post();
    const pages = async (query: string) => {
      const { body } = await control(`GET /requests${query}`);
      return [body.total, body.requests.map((entry: { query: { page: string } }) => entry.query.page)];
    };
    expect(await pages('?path=zones$')).toEqual([3, ['1', '2', '3']]);
    expect(await pages('?write=false&limit=1')).toEqual([3, ['3']]);
    expect(await pages('?zone=site-1.example&status=200&limit=0')).toEqual([1, []]);
    expect(await pages('?unknown=true')).toEqual([0, []]);
    await control('DELETE /requests');
    expect((await control('GET /requests')).body.total).toBe(0);
  });
});

describe('faults', () => {
  test('are set, counted, removed and cleared', async () => {
    const { body: fault } = await control('POST /faults', {
      kind: 'serverError',
      path: 'pagerules',
      times: 1,
    });
    expect((await post()).status).toBe(500);
    expect((await control('GET /faults')).body).toMatchObject([{ id: fault.id, fired: 1, seen: 1 }]);
    expect((await control(`DELETE /faults/${fault.id}`)).status).toBe(200);
    expect((await control(`DELETE /faults/${fault.id}`)).status).toBe(404);
    await control('POST /faults', { kind: 'reset' });
    await control('DELETE /faults');
    expect((await post()).status).toBe(200);
  });
});

describe('holds', () => {
  test('another process waits for the write, looks, and releases it', async () => {
    const { body: hold } = await control('POST /holds', { when: 'after', method: 'POST' });
    expect((await control(`GET /holds/${hold.id}?waitSeconds=0`)).body).toEqual({
      id: hold.id,
      when: 'after',
      state: 'armed',
    });
    const waiting = control(`GET /holds/${hold.id}`);
    const held = post();
    expect((await waiting).body).toMatchObject({
      state: 'reached',
      request: { method: 'POST', changed: true },
    });
    expect((await control(`POST /holds/${hold.id}/release`)).body.state).toBe('released');
    expect((await held).status).toBe(200);
    expect((await control('GET /holds')).body).toHaveLength(1);
  });

  test('a write held before can be discarded', async () => {
    const { body: hold } = await control('POST /holds', { when: 'before' });
    const held = post();
    held.catch(() => undefined);
    await control(`GET /holds/${hold.id}`);
    const released = await control(`POST /holds/${hold.id}/release`, { discard: true });
    expect(released.body.state).toBe('discarded');
    await expect(held).rejects.toThrow();
    expect(emulator.rules('site-1.example')).toEqual([]);
  });

  test('waiting ends with the time asked for', async () => {
    const { body: hold } = await control('POST /holds', { when: 'before' });
    expect((await control(`GET /holds/${hold.id}?waitSeconds=0.01`)).body.state).toBe('armed');
  });
});

describe('bad input', () => {
  test.each([
    ['POST /zones', {}, 'name'],
    ['POST /zones', { name: 'a.example', colour: 'red' }, 'colour'],
    ['POST /zones', { name: 'site-1.example' }, 'exists already'],
    ['POST /zones/site-1.example/rules', { pattern: 'x' }, 'forwardTo'],
    ['POST /zones/site-1.example/redirects', { expression: 'ssl' }, 'redirectTo'],
    [
      'POST /zones/site-1.example/redirects',
      { expression: 'URI', redirectTo: 'https://x.example/' },
      'unknown identifier',
    ],
    ['PUT /switches', { patchActions: 'sometimes' }, 'patchActions'],
    ['PUT /switches', { unheardOf: true }, 'unheardOf'],
    ['PUT /latency', { ms: -1 }, 'ms'],
    ['POST /faults', { kind: 'earthquake' }, 'kind'],
    ['POST /faults', { kind: 'reset', path: '(' }, 'regular expression'],
    ['POST /holds', {}, 'when'],
    ['POST /tokens', { permissions: ['Everything'] }, 'permissions'],
    ['GET /requests?write=perhaps', undefined, 'write'],
  ])('%s with %j is a 400 that names %s', async (request, body, word) => {
    const reply = await control(request, body);
    expect(reply.status).toBe(400);
    expect(reply.body.error).toContain(word);
  });

  test('a body that is not JSON, an unknown hold and an unknown route', async () => {
    const headers = { 'content-type': 'application/json' };
    const broken = await fetch(`${emulator.control}/zones`, { method: 'POST', headers, body: '{' });
    expect(broken.status).toBe(400);
    expect((await control('GET /holds/hold-99')).status).toBe(404);
    expect((await control('GET /nothing')).status).toBe(404);
  });
});
