import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Emulator } from '../../src/emulator/index.ts';
import { databaseUrls } from '../support/describe-databases.ts';
import { essence } from '../support/workplace.ts';
import { assertBuilt } from './built-cli.ts';
import { openStage, startStageEmulator } from './stage.ts';

const DOMAIN = 'shop.example';
const PAGE = 'https://status.example.net/down';

let emulator: Emulator;
const urls = databaseUrls('sqlite');
beforeAll(async () => {
  assertBuilt();
  emulator = await startStageEmulator({
    zones: [{ name: DOMAIN, rules: [{ pattern: `${DOMAIN}/blog/*`, forwardTo: 'https://blog.example/' }] }],
  });
});
afterAll(() => emulator.close());

/** The requests since the last time, as `METHOD path`, ids left out. */
function calls(): string[] {
  const requests = emulator.requests();
  emulator.clearRequests();
  expect(requests.filter(({ unknown }) => unknown)).toEqual([]);
  return requests.map(({ method, path }) => `${method} ${path.replaceAll(/[0-9a-f]{32}/g, ':id')}`);
}

test('from an empty machine to a closed site and back, with one call to close it and one to reopen it', async () => {
  await using stage = await openStage({ emulator, databaseUrl: await urls.empty(), key: false });
  const before = essence(emulator.rules(DOMAIN));

  const added = await stage.json(
    ['api-key', 'add', 'main', '--token-stdin'],
    {},
    { input: `${emulator.token}\n` },
  );
  expect(added).toMatchObject({ status: 0, document: { ok: true } });
  expect(added.stdout + added.stderr).not.toContain(emulator.token);
  const synced = await stage.json(['sync_cloudflare']);
  expect(synced).toMatchObject({ status: 0, document: { ok: true, summary: { created: 1 } } });
  expect((await stage.json(['maintenance', 'list'])).document.results).toMatchObject([
    { site: DOMAIN, maintenanceActive: false },
  ]);

  calls();
  const enabled = await stage.json(['maintenance', 'enable', DOMAIN, '--url', PAGE, '--reason', 'upgrade']);
  expect(calls()).toEqual(['POST /zones/:id/pagerules']);
  expect(enabled.document).toMatchObject({
    ok: true,
    error: null,
    summary: { calls: 1 },
    results: [{ site: DOMAIN, maintenanceActive: true, url: PAGE }],
  });
  for (const host of [DOMAIN, `www.${DOMAIN}`]) {
    expect(await emulator.visit(`https://${host}/blog/x`)).toMatchObject({ status: 302, location: PAGE });
  }

  expect((await stage.json(['maintenance', 'status', DOMAIN])).document.results).toMatchObject([
    { maintenanceActive: true, url: PAGE, holds: [{ name: 'manual', reason: 'upgrade' }] },
  ]);
  expect(calls()).toEqual([]);

  const disabled = await stage.json(['maintenance', 'disable', DOMAIN]);
  expect(calls()).toEqual(['DELETE /zones/:id/pagerules/:id']);
  expect(disabled.document).toMatchObject({ ok: true, summary: { calls: 1 } });
  expect(essence(emulator.rules(DOMAIN))).toEqual(before);
  expect((await emulator.visit(`https://${DOMAIN}/`)).status).toBe(200);

  const log = await stage.json(['log', 'list']);
  expect(
    log.document.results
      .map((row) => [row['action'], row['status']])
      .filter(([action]) => /able/.test(String(action))),
  ).toEqual([
    ['disable', 'success'],
    ['enable', 'success'],
  ]);
});

test('repeating a command changes nothing and reads each kind of rules at most once', async () => {
  await using stage = await openStage({ emulator, databaseUrl: await urls.migrated() });
  await stage.run(['sync_cloudflare']);
  await stage.run(['maintenance', 'enable', DOMAIN]);
  calls();
  const again = await stage.json(['maintenance', 'enable', DOMAIN]);
  expect(again).toMatchObject({ status: 0, document: { ok: true } });
  // The second: what may win over a page rule.
  expect(calls()).toEqual([
    'GET /zones/:id/pagerules',
    'GET /zones/:id/rulesets/phases/http_request_dynamic_redirect/entrypoint',
  ]);
  await stage.run(['maintenance', 'disable', DOMAIN]);
  calls();
  const open = await stage.json(['maintenance', 'disable', DOMAIN]);
  expect(open).toMatchObject({ status: 0, document: { ok: true } });
  expect(calls()).toEqual(['GET /zones/:id/pagerules']);
});
