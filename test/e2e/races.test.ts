import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Emulator } from '../../src/emulator/index.ts';
import { describeDatabases } from '../support/describe-databases.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { assertBuilt, type Ended, startBuiltCli } from './built-cli.ts';
import { openStage, type Stage, startStageEmulator } from './stage.ts';

const TIMEOUT = 60_000;
/** Two of one zone, three of others. */
const SITES = ['a.one.example', 'b.one.example', 'two.example', 'three.example', 'four.example'];

/** 16 commands: four about each of the first three sites, two about the others. */
const COMMANDS = SITES.flatMap((site, index) => {
  const manual = [
    ['maintenance', 'enable', site],
    ['maintenance', 'disable', site],
  ];
  return index > 2 ? manual : [...manual, ...manual.map((argv) => [...argv, '--hold', 'deploy'])];
});

let emulator: Emulator;
beforeAll(async () => {
  assertBuilt();
  emulator = await startStageEmulator();
});
afterAll(() => emulator.close());
beforeEach(() => emulator.reset());

/** Done, or refused for a reason that has to do with the others. */
function judge(argv: string[], { status, stdout, stderr }: Ended): void {
  const label = `${argv.join(' ')}\n${stdout}${stderr}`;
  expect([0, 6], label).toContain(status);
  expect(stdout + stderr, label).not.toMatch(/database|SQLITE|deadlock|\n\s+at /i);
  const { error } = JSON.parse(stdout) as { error: { code: string } | null };
  expect([undefined, 'held_by_others', 'site_locked'], label).toContain(error?.code);
}

/** A rule where a hold is in force and none elsewhere, and every command in the log, none of them open. */
async function expectAgreement({ app }: Stage, site: string): Promise<void> {
  const query = (sql: string) => app.database.read().execute<Record<string, string>[]>(sql, [site]);
  const holds = await query(
    `select name from maintenance_hold where released_at is null
     and site_id = (select id from cloudflare_site where domain = ?)`,
  );
  const logged = await query(
    "select status from maintenance_log where domain = ? and action in ('enable', 'disable')",
  );
  const patterns = emulator.zones().flatMap(({ rules }) => rules.map(patternOf));
  const own = patterns.filter((pattern) => pattern === `${site}/*`);
  expect({ rules: own.length, holds }).toEqual({ rules: holds.length > 0 ? 1 : 0, holds });
  expect(logged.map(({ status }) => status)).not.toContain('pending');
  expect(logged).toHaveLength(COMMANDS.filter((argv) => argv.includes(site)).length);
}

function patternOf({ targets }: { targets: { constraint: { value: string } }[] }): string | undefined {
  return targets[0]?.constraint.value;
}

describeDatabases((kind, openTestDatabase) => {
  test(
    '16 processes open and close the same and different sites of one zone and of four at once',
    async () => {
      for (const name of ['one', 'two', 'three', 'four']) emulator.addZone({ name: `${name}.example` });
      await using stage = await openStage({ emulator, databaseUrl: await openTestDatabase.migratedUrl() });
      for (const domain of SITES) await stage.app.sites.create({ domain, includeSubdomains: false });
      const ended = await Promise.all(COMMANDS.map((argv) => stage.start([...argv, '--json']).ended));
      ended.forEach((end, index) => {
        judge(COMMANDS[index] ?? [], end);
      });
      for (const site of SITES) await expectAgreement(stage, site);
    },
    TIMEOUT,
  );

  test(
    '16 processes begin at once where nothing is there yet',
    async () => {
      const environment = {
        INTERMISSION_DATA_DIR: join(temporaryDirectory(), 'data'),
        CLOUDFLARE_BASE_URL: emulator.api,
        ...(kind === 'postgresql' && { DATABASE_URL: await openTestDatabase.emptyUrl() }),
      };
      const add = (name: string) =>
        startBuiltCli(['api-key', 'add', name, '--token-stdin'], environment, { input: emulator.token });
      const ended = await Promise.all(Array.from({ length: 16 }, (_, index) => add(`key ${index}`).ended));
      for (const { status, stdout, stderr } of ended) expect(status, stdout + stderr).toBe(0);
      const { stdout } = await startBuiltCli(['api-key', 'list', '--json'], environment).ended;
      const { results } = JSON.parse(stdout) as { results: { isDefault: boolean }[] };
      expect(results).toHaveLength(16);
      expect(results.filter(({ isDefault }) => isDefault)).toHaveLength(1);
    },
    TIMEOUT,
  );
});
