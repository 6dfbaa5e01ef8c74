import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Emulator } from '../../src/emulator/index.ts';
import { databaseUrls } from '../support/describe-databases.ts';
import { failureOf } from '../support/workplace.ts';
import { assertBuilt } from './built-cli.ts';
import { essentials, expectRefusal, type Refused } from './refusals.ts';
import { operationRows } from './site-state.ts';
import { openStage, type Stage, startStageEmulator } from './stage.ts';

const DOMAIN = 'shop.example';
/** Near what Linux takes as one argument, 131,072 bytes. */
const LONG = 120_000;
const WRONG_TOKEN = 'a-token-that-nobody-has-ever-made-0123456789';
const ENABLE = ['maintenance', 'enable'];
/** More sites, by the key that they use; null is the default one. */
const OTHERS = {
  'closed.example': null,
  'paused.example': null,
  'pending.example': null,
  'reader.example': 'reader',
  'inactive.example': 'inactive',
  'withdrawn.example': 'withdrawn',
};

let emulator: Emulator;
let stage: Stage;
const tokens: string[] = [];
const urls = databaseUrls('sqlite');

beforeAll(async () => {
  assertBuilt();
  emulator = await startStageEmulator();
  for (const name of [DOMAIN, ...Object.keys(OTHERS)]) {
    emulator.addZone({ name, rules: [{ pattern: `${name}/blog/*`, forwardTo: `https://blog.${name}/` }] });
  }
  stage = await openStage({ emulator, databaseUrl: await urls.migrated() });
  tokens.push(emulator.token, WRONG_TOKEN);
  await addKeys();
  for (const [domain, apiKey] of Object.entries({ [DOMAIN]: null, ...OTHERS })) {
    await stage.app.sites.create({ domain, apiKey, zoneId: emulator.zone(domain).id });
  }
  await stage.app.apiKeys.deactivate({ name: 'inactive' });
  emulator.setToken(tokens.at(-1) ?? '', { status: 'disabled' });
  emulator.setZone('paused.example', { paused: true });
  emulator.setZone('pending.example', { status: 'pending' });
  await stage.app.enableMaintenanceForDomain('closed.example', 'before', { url: `https://${DOMAIN}/notice` });
  expect((await stage.run(['sync_cloudflare', '--api-key', 'main'])).status).toBe(0);
});
afterAll(async () => {
  await stage[Symbol.asyncDispose]();
  await emulator.close();
});

/** A key whose token may only read zones, one that will be inactive, and one whose token will be withdrawn. */
async function addKeys(): Promise<void> {
  const add = async (name: string, apiToken: string) => {
    tokens.push(apiToken);
    await stage.app.apiKeys.create({ name, apiToken });
  };
  await add('reader', emulator.addToken({ permissions: ['Zone Read'] }));
  await add('inactive', emulator.addToken());
  await add('withdrawn', emulator.addToken());
}

const usage = { code: 'usage', exit: 2 } as const;
const invalid = { code: 'validation_failed', exit: 2 } as const;
const loop = { code: 'redirect_loop', exit: 6 } as const;
const enableTo = (name: string, url: string, how: Pick<Refused, 'code' | 'exit'>): Refused => ({
  name: `${name}: ${url}`,
  argv: [...ENABLE, DOMAIN, '--url', url],
  hint: how === loop ? /host/ : /https:\/\//,
  ...how,
});
const ending = (name: string, argv: string[], how: Pick<Refused, 'code' | 'exit'> = invalid): Refused => ({
  name: `${name}: ${argv.join(' ')}`,
  argv: [...ENABLE, DOMAIN, ...argv],
  ...how,
});

const TABLE: Refused[] = [
  ...['shop', 'not a domain', `https://${DOMAIN}/`, `*.${DOMAIN}`, `${DOMAIN}:443`, '127.0.0.1', ' '].map(
    (text): Refused => ({
      name: `not a domain: "${text}"`,
      argv: [...ENABLE, text],
      hint: 'example.com',
      ...invalid,
    }),
  ),
  {
    name: 'a domain that is no site, with those that are spelt alike',
    argv: [...ENABLE, 'shpo.example'],
    code: 'not_found',
    exit: 1,
    hint: DOMAIN,
  },
  {
    name: 'a domain that is no site, to open',
    argv: ['maintenance', 'disable', 'x.org'],
    code: 'not_found',
    exit: 1,
  },
  enableTo('a page on the site itself', `https://${DOMAIN}/down`, loop),
  enableTo('a page on another port of it', `https://${DOMAIN}:8443/down`, loop),
  enableTo('a page on it in capitals', `https://${DOMAIN.toUpperCase()}/DOWN`, loop),
  enableTo('a page on it with a trailing dot', `https://${DOMAIN}./down`, loop),
  enableTo('a page on a subdomain of it', `http://www.${DOMAIN}/down`, loop),
  enableTo('a page on it behind a placeholder', 'https://status.{domain}/down', loop),
  enableTo('a page on a closed site that leads back', 'https://www.closed.example/', loop),
  {
    ...loop,
    name: 'a page of the site that lies on it',
    argv: ['site', 'edit', DOMAIN, '--maintenance-url', `https://WWW.${DOMAIN}.:444/down`],
  },
  enableTo('a relative address', '/down', invalid),
  enableTo('an address without a scheme', 'status.example.net/down', invalid),
  enableTo('an address without a scheme, with slashes', '//status.example.net/down', invalid),
  enableTo('a scheme that is not of the web', 'ftp://status.example.net/down', invalid),
  enableTo('a script', 'javascript:alert(1)', invalid),
  enableTo('a reference to a wildcard', 'https://status.example.net/$1', invalid),
  enableTo('another placeholder', 'https://status.example.net/{site}', invalid),
  enableTo('an address that is too long', `https://status.example.net/${'x'.repeat(500)}`, invalid),
  { ...enableTo('a password', 'https://me:hunter2@status.example.net/', invalid), secret: 'hunter2' },
  {
    name: 'a paused zone',
    argv: [...ENABLE, 'paused.example'],
    code: 'zone_not_serving',
    exit: 6,
    says: 'paused',
  },
  {
    name: 'a pending zone',
    argv: [...ENABLE, 'pending.example'],
    code: 'zone_not_serving',
    exit: 6,
    says: 'pending',
  },
  {
    name: 'a token that was withdrawn',
    argv: [...ENABLE, 'withdrawn.example'],
    // Cloudflare answers as it does to a token without permission, so the hint has to name both.
    code: 'api_permission_denied',
    exit: 4,
    hint: /withdrawn|expired/,
  },
  {
    name: 'a token that Cloudflare does not know',
    argv: ['api-key', 'add', 'new', '--token-stdin'],
    options: { input: `${WRONG_TOKEN}\n` },
    code: 'api_token_invalid',
    exit: 4,
  },
  { ...usage, name: 'no token', argv: ['api-key', 'add', 'new', '--token-stdin'] },
  {
    name: 'a token without permission',
    argv: [...ENABLE, 'reader.example'],
    code: 'api_permission_denied',
    exit: 4,
    hint: 'Page Rules',
  },
  {
    ...invalid,
    name: 'an inactive key',
    argv: [...ENABLE, 'inactive.example'],
    says: 'inactive',
    hint: 'activate',
  },
  {
    ...invalid,
    name: 'a long reason',
    argv: [...ENABLE, DOMAIN, '--reason', 'x'.repeat(LONG)],
    hint: 'Shorten',
  },
  {
    ...invalid,
    name: 'a long message',
    argv: [...ENABLE, DOMAIN, '--message', 'é'.repeat(50_000)],
    hint: 'Shorten',
  },
  { ...invalid, name: 'a long hold', argv: [...ENABLE, DOMAIN, '--hold', 'x'.repeat(LONG)] },
  {
    ...invalid,
    name: 'a reason with control characters',
    argv: [...ENABLE, DOMAIN, '--reason', 'a\u001b[2Jb'],
  },
  ...['abc', 'g'.repeat(32), '0'.repeat(31), '0'.repeat(33)].map(
    (id): Refused => ({
      ...invalid,
      name: `a zone id that is none: ${id}`,
      argv: ['site', 'add', 'new.example', '--zone-id', id],
      says: 'zone',
    }),
  ),
  { ...invalid, name: 'a new zone id that is none', argv: ['site', 'edit', DOMAIN, '--zone-id', 'abc'] },
  ending('no duration', ['--for', 'soon']),
  ending('a duration without a unit', ['--for', '30']),
  ending('no time at all', ['--for', '0m']),
  ending('a negative duration', ['--for=-5m']),
  ending('an endless duration', ['--for', '9999999d']),
  ending('no time', ['--until', 'tomorrow']),
  ending('a time without a zone', ['--until', '2040-01-01T00:00:00']),
  ending('a day that no calendar has', ['--until', '2040-02-30T00:00:00Z']),
  ending('a time that has passed', ['--until', '2020-01-01T00:00:00Z']),
  ending('a time too far ahead', ['--until', '2999-01-01T00:00:00Z']),
  ending('two ends', ['--for', '30m', '--until', '2040-01-01T00:00:00Z'], usage),
  { ...usage, name: 'a command that does not exist', argv: ['maintenance', 'enbale', DOMAIN] },
  { ...usage, name: 'an option that does not exist', argv: [...ENABLE, DOMAIN, '--fro', '30m'] },
  { ...usage, name: 'a domain beside all of them', argv: [...ENABLE, DOMAIN, '--all'] },
];

test.each(TABLE)('refused, and nothing changed: $name', async (refused) => {
  const before = await essentials(stage);
  emulator.clearRequests();
  const rowsBefore = await operationRows(stage.app, DOMAIN);
  await expectRefusal(stage, refused, tokens);
  expect(await essentials(stage)).toEqual(before);
  expect(emulator.requests({ write: true }).filter(({ changed }) => changed)).toEqual([]);
  for (const row of (await operationRows(stage.app, DOMAIN)).slice(rowsBefore.length)) {
    expect(row).toBe(`enable failed ${refused.code}`);
  }
});

describe('a reason of 10 MB', () => {
  const reason = 'x'.repeat(10_000_000);

  test('is more than a process can be given as an argument', () => {
    const start = () => stage.start([...ENABLE, DOMAIN, '--reason', reason]);
    expect(start).toThrow(/E2BIG|ENAMETOOLONG/);
  });

  test('is refused by the library, without repeating it', async () => {
    const before = await essentials(stage);
    const error = await failureOf(stage.app.enableMaintenanceForDomain(DOMAIN, reason), 'validation_failed');
    expect(error.hint).toContain('Shorten');
    expect(error.message.length).toBeLessThan(500);
    expect(await essentials(stage)).toEqual(before);
  });
});
