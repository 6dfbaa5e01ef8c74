import { chmodSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Emulator, PageRule } from '../../src/emulator/index.ts';
import { type PostgresServer, startPostgres } from '../support/postgres-server.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { essence } from '../support/workplace.ts';
import { assertBuilt } from './built-cli.ts';
import { expectRefusal, type Refused } from './refusals.ts';
import { operationRows } from './site-state.ts';
import { openStage, type Stage, startStageEmulator } from './stage.ts';

// Processes share the machine with whatever else is tested.
vi.setConfig({ testTimeout: 60_000 });

const DOMAIN = 'shop.example';
const ENABLE = ['maintenance', 'enable', DOMAIN];
const DISABLE = ['maintenance', 'disable', DOMAIN];
const LEASE = { INTERMISSION_LOCK_SECONDS: '2' };
const unavailable = { code: 'database_unavailable', exit: 1 } as const;

let emulator: Emulator;
let server: PostgresServer;
let stage: Stage;
let databaseUrl: string;
let before: PageRule[];
let made = 0;

beforeAll(async () => {
  assertBuilt();
  emulator = await startStageEmulator();
  const folder = temporaryDirectory();
  // The server's own user has to get to its files in here.
  chmodSync(folder, 0o711);
  server = await startPostgres(folder);
});
afterAll(async () => {
  await emulator.close();
  await server.stop();
});
beforeEach(async () => {
  await emulator.reset();
  const zone = emulator.addZone({
    name: DOMAIN,
    rules: [{ pattern: `*${DOMAIN}/*`, actions: [{ id: 'ssl', value: 'strict' }] }],
  });
  before = zone.rules;
  made += 1;
  await server.query(`create database d${made}`);
  databaseUrl = server.url(`d${made}`);
  stage = await openStage({ emulator, databaseUrl });
  await stage.app.sites.create({ domain: DOMAIN });
  emulator.clearRequests();
  return () => stage[Symbol.asyncDispose]();
});

const rows = () => operationRows(stage.app, DOMAIN);
const writes = () => emulator.requests({ write: true }).length;
/** Rules of the zone, as they were found or as they are closed. */
const isOpen = () => JSON.stringify(essence(emulator.rules(DOMAIN))) === JSON.stringify(essence(before));

/** Every transaction that opens a log row, or closes one, loses its connection. */
async function breakConnection(when: 'opening' | 'closing'): Promise<() => Promise<unknown>> {
  const run = (sql: string) => stage.app.database.read().execute(sql);
  const [event, status] = when === 'opening' ? ['insert', "= 'pending'"] : ['update', "<> 'pending'"];
  await run(`create function break_connection() returns trigger language plpgsql as
    $$ begin perform pg_terminate_backend(pg_backend_pid()); return new; end $$`);
  await run(
    `create trigger break_connection before ${event} on maintenance_log
     for each row when (new.status ${status}) execute function break_connection()`,
  );
  return () => run('drop trigger break_connection on maintenance_log');
}

async function expectUnavailable(argv: string[], says: RegExp): Promise<void> {
  const { status, document, stdout, stderr } = await stage.json(argv, LEASE);
  expect({ status, error: document.error }, stderr).toMatchObject({
    status: 1,
    error: {
      code: 'database_unavailable',
      message: expect.stringMatching(says),
      hint: expect.stringMatching(/.{20}/),
    },
  });
  expect(stdout + stderr).not.toMatch(/test-password|\n\s+at /);
}

describe('a connection that breaks', () => {
  test('before anything was asked of Cloudflare leaves nothing half done', async () => {
    const mend = await breakConnection('opening');
    await expectUnavailable(ENABLE, /cannot be reached|terminat/);
    expect(writes()).toBe(0);
    await mend();
    expect(await rows()).toEqual(['enable failed database_unavailable']);
    expect((await stage.run(ENABLE)).status).toBe(0);
    expect(await rows()).toEqual(['enable failed database_unavailable', 'enable success']);
  });

  test.each([
    ['enable', ENABLE, 'enable failed interrupted'],
    ['disable', DISABLE, 'disable success'],
  ])(
    'in the commit of %s leaves a pending row, and the next run puts it in order',
    async (action, argv, closed) => {
      if (action === 'disable') await stage.app.enableMaintenanceForDomain(DOMAIN, 'before');
      const rowsBefore = await rows();
      const mend = await breakConnection('closing');
      await expectUnavailable(argv, /changed at Cloudflare, but that could not be recorded/);
      expect(writes()).toBeGreaterThan(0);
      await mend();
      expect(await rows()).toEqual([...rowsBefore, `${action} pending`]);
      expect((await stage.run(DISABLE)).status).toBe(0);
      expect(await rows()).toEqual([...rowsBefore, closed, 'disable success']);
      expect(isOpen()).toBe(true);
    },
  );

  test('while Cloudflare is waited for does no harm', async () => {
    const hold = emulator.hold({ when: 'after', nth: 1, writesOnly: true });
    const { ended } = stage.start(ENABLE, LEASE);
    await Promise.race([hold.reached, ended]);
    await server.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where datname = 'd${made}' and application_name = 'intermission'`,
    );
    await hold.release();
    const { status, stderr } = await ended;
    expect(status, stderr).toBe(0);
    expect(await rows()).toEqual(['enable success']);
  });
});

test('a server that is shut down in the middle is reported; once it is back, the next run puts things in order', async () => {
  const hold = emulator.hold({ when: 'after', nth: 1, writesOnly: true });
  const { ended } = stage.start([...ENABLE, '--json'], LEASE);
  await Promise.race([hold.reached, ended]);
  await server.pause();
  await hold.release();
  const { status, stdout, stderr } = await ended;
  await server.resume();
  expect({ status, error: JSON.parse(stdout).error }, stderr).toMatchObject({
    status: 1,
    error: { code: 'database_unavailable', hint: expect.stringContaining('Repeat the command') },
  });
  expect(stdout + stderr).not.toContain('test-password');
  expect(await rows()).toEqual(['enable pending']);
  expect((await stage.run(DISABLE)).status).toBe(0);
  expect(await rows()).toEqual(['enable failed interrupted', 'disable success']);
  expect(isOpen()).toBe(true);
});

describe('a database that cannot be used', () => {
  const changed = (change: (url: URL) => void) => {
    const url = new URL(databaseUrl);
    change(url);
    return { DATABASE_URL: url.href };
  };
  const cases: (Omit<Refused, 'argv' | 'code' | 'exit' | 'environment'> & {
    environment: () => Record<string, string>;
  })[] = [
    {
      name: 'a server that is not there',
      environment: () => changed((url) => Object.assign(url, { port: '1' })),
      says: 'cannot be reached',
      hint: 'host and port',
    },
    {
      name: 'a wrong password',
      environment: () => changed((url) => Object.assign(url, { password: 'hunter2' })),
      says: 'refused the user name or password',
      secret: 'hunter2',
      hint: 'DATABASE_URL',
    },
    {
      name: 'an unknown user',
      environment: () => changed((url) => Object.assign(url, { username: 'nobody' })),
      says: 'refused the user',
      hint: 'DATABASE_URL',
    },
    {
      name: 'a database that does not exist',
      environment: () => changed((url) => Object.assign(url, { pathname: '/misspelt' })),
      says: 'does not exist',
      hint: 'createdb',
    },
    {
      name: 'a read-only server',
      environment: () =>
        changed((url) => url.searchParams.set('options', '-c default_transaction_read_only=on')),
      says: 'is read-only',
      hint: 'primary',
    },
  ];

  test.each(cases)('$name is refused, and Cloudflare is not asked', async ({ environment, ...row }) => {
    const refused = { ...row, ...unavailable, argv: ENABLE, environment: environment() };
    await expectRefusal(stage, refused, ['test-password', emulator.token]);
    expect(emulator.requests()).toEqual([]);
    expect(await rows()).toEqual([]);
  });

  test('a read-only server still answers questions', async () => {
    const url = new URL(databaseUrl);
    url.searchParams.set('options', '-c default_transaction_read_only=on');
    const { status, document } = await stage.json(['maintenance', 'status', DOMAIN], {
      DATABASE_URL: url.href,
    });
    expect({ status, results: document.results }).toMatchObject({ status: 0, results: [{ site: DOMAIN }] });
  });
});
