import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Emulator } from '../../src/emulator/index.ts';
import { databaseUrls } from '../support/describe-databases.ts';
import { assertBuilt } from './built-cli.ts';
import { openStage, type Stage, startStageEmulator } from './stage.ts';

/** What the official SDK would read by itself. */
const POISON = {
  CLOUDFLARE_API_KEY: '0123456789abcdef0123456789abcdef01234',
  CLOUDFLARE_EMAIL: 'mallory@example.com',
  CLOUDFLARE_API_EMAIL: 'mallory@example.com',
  CLOUDFLARE_API_USER_SERVICE_KEY: 'v1.0-poisoned-service-key',
  CLOUDFLARE_CUSTOM_HEADERS: 'x-poisoned: yes\nauthorization: Bearer poisoned-by-custom-header',
  CLOUDFLARE_LOG: 'debug',
  CLOUDFLARE_ACCOUNT_ID: 'f'.repeat(32),
};
const DOMAIN = 'shop.example';

let emulator: Emulator;
let stage: Stage;
const urls = databaseUrls('sqlite');

beforeAll(async () => {
  assertBuilt();
  emulator = await startStageEmulator({ zones: [{ name: DOMAIN }] });
  stage = await openStage({ emulator, databaseUrl: await urls.migrated() });
});
afterAll(async () => {
  await stage[Symbol.asyncDispose]();
  await emulator.close();
});

test.each([
  ['the stored token', {}],
  // The stored one is the default key; this token is not asked for.
  [
    'the stored token, not that of the environment',
    { CLOUDFLARE_API_TOKEN: 'a-token-of-somebody-else-0123456789' },
  ],
])('poisoned CLOUDFLARE_* variables send nothing but %s, and print nothing', async (_, more) => {
  emulator.clearRequests();
  const environment = { ...POISON, ...more };
  const outputs = [];
  for (const argv of [
    ['sync_cloudflare'],
    ['maintenance', 'enable', DOMAIN, '--yes'],
    ['maintenance', 'status', DOMAIN],
    ['maintenance', 'disable', DOMAIN],
  ]) {
    const ended = await stage.run([...argv, '--verbose'], environment);
    expect(ended.status, ended.stderr).toBe(0);
    outputs.push(ended);
  }
  const requests = emulator.requests();
  expect(requests.length).toBeGreaterThan(2);
  for (const { headers } of requests) {
    expect(headers.authorization).toBe(`Bearer ${emulator.token}`);
    const names = Object.keys(headers).filter((name) => /^x-auth|poison/i.test(name));
    expect(names).toEqual([]);
    expect(JSON.stringify(headers)).not.toMatch(/poison|mallory|somebody-else|ffffffff/);
  }
  const printed = JSON.stringify(outputs);
  expect(printed).not.toContain(emulator.token);
  for (const poison of [POISON.CLOUDFLARE_API_KEY, 'mallory', 'poisoned', 'somebody-else']) {
    expect(printed).not.toContain(poison);
  }
  // Nor does the SDK write a log of its own.
  expect(printed).not.toMatch(/debug|headers/i);
});

test('the token of the environment alone is used, sent and never stored', async () => {
  const token = emulator.addToken();
  await using bare = await openStage({ emulator, databaseUrl: await urls.migrated(), key: false });
  emulator.clearRequests();
  const environment = { ...POISON, CLOUDFLARE_API_TOKEN: token };
  for (const argv of [
    ['site', 'add', DOMAIN],
    ['maintenance', 'enable', DOMAIN],
    ['maintenance', 'disable', DOMAIN],
  ]) {
    const { status, stdout, stderr } = await bare.run(argv, environment);
    expect(status, stderr).toBe(0);
    expect(stdout + stderr).not.toContain(token);
  }
  expect(new Set(emulator.requests().map(({ headers }) => headers.authorization))).toEqual(
    new Set([`Bearer ${token}`]),
  );
  await expect(bare.app.apiKeys.query().count()).resolves.toBe(0);
});
