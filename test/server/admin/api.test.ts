import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { metrics } from '../../../src/server/metrics.ts';
import { ask } from '../../support/ask-server.ts';
import { describeDatabases } from '../../support/describe-databases.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';
import { type AdminWorkplace, type Browser, openAdmin } from './admin-workplace.ts';

describeDatabases((_kind, openTestDatabase) => {
  test('sites are found page by page, without counting them', async () => {
    await using place = await openAdmin(await openTestDatabase.migratedUrl(), { emulator: { zones: 30 } });
    const admin = await place.as('admin');
    const first = (await admin.get('/sites?sort=domain&order=desc&perPage=20')).json();
    expect(first.data).toHaveLength(20);
    expect(first.data[0].domain).toBe('site-9.example');
    expect(first.pageInfo).toEqual({ hasNextPage: true, hasPreviousPage: false });
    const second = (await admin.get('/sites?sort=domain&order=desc&perPage=20&page=2')).json();
    expect(second.data).toHaveLength(10);
    expect(second.pageInfo).toEqual({ hasNextPage: false, hasPreviousPage: true });
    expect((await admin.get('/sites/count')).json()).toEqual({ total: 30 });
    expect((await admin.get('/sites?q=SITE-7')).json().data).toMatchObject([{ domain: 'site-7.example' }]);
    expect((await admin.get('/sites?id=1&id=2')).json().data).toHaveLength(2);
    expect((await admin.get('/sites?maintenance=true')).json().data).toEqual([]);
  });

  test('a site is added, edited and removed, and the log names who did it', async () => {
    await using place = await openAdmin(await openTestDatabase.migratedUrl());
    const admin = await place.as('admin');
    const added = await admin.post('/sites', { domain: 'Shop.Site-1.example', openPaths: ['/health'] });
    expect(added.statusCode).toBe(201);
    const { id } = added.json();
    expect(added.json()).toMatchObject({
      domain: 'shop.site-1.example',
      openPaths: ['/health'],
      state: 'open',
    });
    const edited = await admin.patch(`/sites/${id}`, { includeSubdomains: false, apiKeyId: 1 });
    expect(edited.json()).toMatchObject({ closedHosts: ['shop.site-1.example'], apiKey: { name: 'main' } });
    expect((await admin.delete(`/sites/${id}`)).statusCode).toBe(200);
    expect((await admin.get(`/sites/${id}`)).json()).toMatchObject({ code: 'not_found' });
    const rows = (await admin.get('/logs?action=configure&q=shop')).json().data;
    expect(
      rows.map(({ reason, actor, source }: { [name: string]: string }) => [reason, actor, source]),
    ).toEqual([
      ['site shop.site-1.example removed', 'admin@example.com', 'admin'],
      ['site shop.site-1.example edited', 'admin@example.com', 'admin'],
      ['site shop.site-1.example added', 'admin@example.com', 'admin'],
    ]);
  });

  test('the dashboard shows what is closed, by whom and until when, and the last thirty days', async () => {
    await using place = await openAdmin(await openTestDatabase.migratedUrl());
    const admin = await place.as('admin');
    const until = new Date(place.clock.now().getTime() + 1_800_000);
    await place.app.enableMaintenanceForDomain('site-1.example', 'new disk', { until });
    await place.app.schedule.processScheduledMaintenances();
    const seen = (await admin.get('/dashboard')).json();
    expect(seen.sites).toEqual({ total: 3, inMaintenance: 1 });
    expect(seen.closed).toMatchObject([
      {
        domain: 'site-1.example',
        state: 'maintenance',
        until: until.toISOString(),
        holds: [{ reason: 'new disk' }],
      },
    ]);
    expect(seen.heartbeat).toMatchObject({ isAlive: true, beatAt: place.clock.now().toISOString() });
    expect(seen.stats.days).toHaveLength(30);
    expect(seen.stats.days.at(-1)).toMatchObject({ day: '2026-06-01', failed: 0 });
    expect(seen.stats.days.at(-1).successful).toBe(seen.stats.successful);
    expect(seen.failures).toEqual([]);
  });

  test('the log is filtered, read in full and downloaded', async () => {
    await using place = await openAdmin(await openTestDatabase.migratedUrl());
    const admin = await place.as('admin');
    await place.app.enableMaintenanceForDomain('site-1.example', '=1+1, "quoted"');
    const rows = (await admin.get('/logs?action=enable&status=success&domain=site-1.example')).json().data;
    expect(rows).toHaveLength(1);
    const detail = (await admin.get(`/logs/${rows[0].id}`)).json();
    expect(detail.plan).toMatchObject({ intent: { kind: 'enable' } });
    expect((await admin.get('/logs?until=2020-01-01T00:00:00Z')).json().data).toEqual([]);
    const csv = await admin.get('/logs/export?format=csv&action=enable');
    expect(csv.headers['content-disposition']).toBe('attachment; filename="intermission-log-2026-06-01.csv"');
    expect(csv.body.split('\r\n')[1]).toContain(`site-1.example,enable,success,"'=1+1, ""quoted""",`);
    const json = await admin.get('/logs/export?format=json&action=enable');
    expect(json.json()).toEqual([detail]);
  });
});

describe('one site', () => {
  test('shows intended, configured and observed state, and whose the rules of its zone are', async () => {
    await using place = await openAdmin('sqlite::memory:');
    const admin = await place.as('admin');
    await place.app.enableMaintenanceForDomain('site-1.example');
    const { zoneId } = await place.site('site-1.example');
    place.emulator.addRule(zoneId ?? '', FOREIGN);
    const live = (await admin.get('/sites/1/live?observe=true')).json();
    expect(live).toMatchObject({
      intended: 'maintenance',
      configured: 'maintenance',
      observed: 'maintenance',
    });
    const { data } = (await admin.get('/sites/1/rules')).json();
    expect(data.map(({ owner, site, kind }: { [name: string]: string }) => [owner, site, kind])).toEqual([
      ['ours', 'site-1.example', 'page_rules'],
      ['foreign', null, 'page_rules'],
    ]);
    expect((await admin.post('/sites/1/verify')).json()).toMatchObject({ state: 'proven', wanted: 'closed' });
  });
});

describe('API keys', () => {
  test('are verified, stored and put to use at once, and managed by name', async () => {
    await using place = await openAdmin('sqlite::memory:');
    const admin = await place.as('admin');
    const wrong = await admin.post('/api-keys', { name: 'bad', apiToken: 'x'.repeat(40) });
    expect({ status: wrong.statusCode, code: wrong.json().code }).toEqual({
      status: 422,
      code: 'api_token_invalid',
    });
    const added = await admin.post('/api-keys', { name: 'two', apiToken: place.emulator.addToken({}) });
    expect(added.json()).toMatchObject({
      apiKey: { name: 'two', isDefault: false, sites: 0 },
      report: { status: 'active', canReadPageRules: 'yes' },
      discovery: { discovered: 3, created: 0 },
      discoveryError: null,
    });
    const { id } = added.json().apiKey;
    expect((await admin.post(`/api-keys/${id}/verify`)).json()).toMatchObject({ status: 'active' });
    expect((await admin.post(`/api-keys/${id}/discover`)).json()).toMatchObject({ discovered: 3 });
    expect((await admin.post(`/api-keys/${id}/default`, {})).json()).toMatchObject({ isDefault: true });
    expect((await admin.post('/api-keys/1/deactivate')).json()).toMatchObject({ isActive: false });
    expect((await admin.post('/api-keys/1/activate')).json()).toMatchObject({ isActive: true });
    const used = await admin.delete('/api-keys/1');
    expect({ status: used.statusCode, code: used.json().code }).toEqual({ status: 409, code: 'in_use' });
    expect((await admin.delete(`/api-keys/1?moveTo=${id}`)).json().movedSites).toHaveLength(3);
    expect((await admin.get('/api-keys')).json().data).toMatchObject([{ name: 'two', sites: 3 }]);
  });
});

describe('answers', () => {
  let place: AdminWorkplace;
  let admin: Browser;
  beforeEach(async () => {
    place = await openAdmin('sqlite::memory:');
    admin = await place.as('admin');
    return () => place[Symbol.asyncDispose]();
  });

  test('name every field that is not valid', async () => {
    const reply = await admin.post('/users', { email: 'bob@example.com', role: 'owner', password: 'short' });
    expect(reply.statusCode).toBe(400);
    expect(reply.json()).toMatchObject({ code: 'validation_failed' });
    expect(Object.keys(reply.json().fields).sort()).toEqual(['password', 'role']);
  });

  test('to what is no JSON, or does not exist, are JSON as well', async () => {
    const headers = {
      cookie: admin.cookie,
      host: 'localhost',
      origin: 'http://localhost',
      'content-type': 'application/json',
    };
    const broken = await ask(place.server, {
      method: 'POST',
      url: '/admin/api/sites',
      headers,
      payload: '{',
    });
    expect({ status: broken.statusCode, code: broken.json().code }).toEqual({
      status: 400,
      code: 'validation_failed',
    });
    expect((await admin.get('/nothing')).json()).toMatchObject({ code: 'not_found' });
    expect((await admin.get('/sites/4711')).json()).toMatchObject({ code: 'not_found' });
  });

  test('are kept by nobody, and may do nothing as a page', async () => {
    const { headers } = await admin.get('/sites');
    expect(headers).toMatchObject({
      'cache-control': 'no-store',
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
    });
  });
});

describe('the pages', () => {
  test('carry a new nonce each time, and allow no script without it', async () => {
    await using place = await openAdmin('sqlite::memory:', { pages: builtPages() });
    const replies = await Promise.all(
      ['/admin/', '/admin/', '/admin/sites/1'].map((url) => ask(place.server, { url })),
    );
    const nonces = replies.map((reply) => {
      const policy = String(reply.headers['content-security-policy']);
      const nonce = /script-src 'self' 'nonce-([^']+)'/.exec(policy)?.[1];
      expect(policy).not.toContain('unsafe');
      expect(reply.body).toBe(`<script nonce="${nonce}" src="./assets/main-1.js"></script>`);
      expect(reply.headers['cache-control']).toBe('no-store');
      return nonce;
    });
    expect(new Set(nonces).size).toBe(3);
  });

  test('bring files that are kept for ever, compressed, and nothing from outside their folder', async () => {
    await using place = await openAdmin('sqlite::memory:', { pages: builtPages() });
    const plain = await ask(place.server, { url: '/admin/assets/main-1.js' });
    expect(plain.body).toBe('plain');
    expect(plain.headers['cache-control']).toBe('public, max-age=31536000, immutable');
    const packed = await ask(place.server, {
      url: '/admin/assets/main-1.js',
      headers: { 'accept-encoding': 'br' },
    });
    expect({ body: packed.body, encoding: packed.headers['content-encoding'] }).toEqual({
      body: 'packed',
      encoding: 'br',
    });
    for (const url of [
      '/admin/..%2fsecret.txt',
      '/admin/assets/..%2f..%2fsecret.txt',
      '/admin/%2e%2e/secret.txt',
    ])
      expect((await ask(place.server, { url })).body).not.toContain('secret');
  });

  test.each([
    ['cloudflaresite/', 'sites'],
    ['cloudflaresite/7/change/', 'sites'],
    ['cloudflareapikey/', 'api-keys'],
    ['maintenancelog/', 'logs'],
    ['scheduledmaintenance/', 'windows'],
  ])('of the Django admin go on working: %s', async (path, screen) => {
    await using place = await openAdmin('sqlite::memory:');
    const reply = await ask(place.server, { url: `/admin/maintenance/${path}` });
    expect([reply.statusCode, reply.headers.location]).toEqual([302, `/admin/#/${screen}`]);
  });
});

test('metrics are for who knows the token', async () => {
  await using place = await openAdmin('sqlite::memory:');
  const { default: Fastify } = await import('fastify');
  await using server = Fastify();
  metrics(server, { app: place.app, now: () => place.clock.now(), token: 'prometheus' });
  await place.app.enableMaintenanceForDomain('site-1.example');
  for (const authorization of ['', 'Bearer', 'Bearer wrong', 'prometheus'])
    expect((await ask(server, { url: '/metrics', headers: { authorization } })).statusCode).toBe(401);
  const { body } = await ask(server, { url: '/metrics', headers: { authorization: 'Bearer prometheus' } });
  expect(body).toContain('\nintermission_sites 3\n');
  expect(body).toContain('\nintermission_sites_in_maintenance 1\n');
  expect(body).toMatch(/\nintermission_cloudflare_calls_total \d+\n/);
});

const FOREIGN = { pattern: 'site-1.example/old/*', actions: [{ id: 'always_use_https' }] };

function builtPages(): string {
  const root = temporaryDirectory();
  writeFileSync(join(root, 'secret.txt'), 'secret');
  const folder = join(root, 'admin');
  mkdirSync(join(folder, 'assets'), { recursive: true });
  writeFileSync(
    join(folder, 'index.html'),
    '<script nonce="__CSP_NONCE__" src="./assets/main-1.js"></script>',
  );
  writeFileSync(join(folder, 'assets/main-1.js'), 'plain');
  writeFileSync(join(folder, 'assets/main-1.js.br'), 'packed');
  return folder;
}
