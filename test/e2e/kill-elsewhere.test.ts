import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { Emulator } from '../../src/emulator/index.ts';
import type { DatabaseKind } from '../../src/persistence/open-database.ts';
import { databaseUrls } from '../support/describe-databases.ts';
import { assertBuilt } from './built-cli.ts';
import { actionOf, KillRig, LEASE } from './kill-rig.ts';
import { forDomain, type Next, SCENARIOS, type Scenario } from './kill-scenarios.ts';
import { expectAgreement, operationRows } from './site-state.ts';
import { openStage, type Stage, startStageEmulator } from './stage.ts';
import { takeTurns } from './turns.ts';

const TIMEOUT = 300_000;
const DATABASES = ['sqlite', 'postgresql'] as const;
const urls = { sqlite: databaseUrls('sqlite'), postgresql: databaseUrls('postgresql') };
const turn = takeTurns(2);
let emulator: Emulator;
beforeAll(async () => {
  assertBuilt();
  emulator = await startStageEmulator();
});
afterAll(() => emulator.close());

async function openRig(database: DatabaseKind): Promise<KillRig> {
  const databaseUrl = await urls[database].migrated();
  return new KillRig(await openStage({ emulator, databaseUrl, turn }), turn);
}

/** One of each kind, the one with most writes. */
const chosen = ['enable: several patterns', 'update: from listed hosts', 'disable: several patterns'].map(
  (name) => SCENARIOS.find((scenario) => scenario.name.startsWith(name)) as Scenario,
);
const again = ({ next }: Scenario) => next.find(({ name }) => name === 'the same again') as Next;

describe.concurrent('killed between the commit and the end of its lock', () => {
  test.each(
    DATABASES.flatMap((database) =>
      chosen.flatMap((scenario) =>
        scenario.next.filter(({ argv }) => argv.length > 1).map((next) => ({ database, scenario, next })),
      ),
    ),
  )(
    '$scenario.name; next: $next.name, on $database',
    async ({ database, scenario, next }) => {
      await using rig = await openRig(database);
      const { app, start, run } = rig.stage;
      const subject = await rig.prepare(scenario);
      const rowsBefore = await operationRows(app, subject.domain);
      const committed = [...rowsBefore, `${actionOf(scenario.argv)} success`];
      const unlocking = await STALLING[database](rig.stage);
      await turn(async () => {
        const { child, ended } = start(forDomain(scenario.argv, subject.domain), LEASE);
        const isCommitted = async () =>
          (await operationRows(app, subject.domain)).join() === committed.join();
        await Promise.race([vi.waitUntil(isCommitted, { timeout: 30_000, interval: 20 }), ended]);
        child.kill('SIGKILL');
        expect((await ended).signal).toBe('SIGKILL');
      });
      await unlocking.goOn();
      const { status, stdout, stderr } = await run(forDomain(next.argv, subject.domain));
      expect(status, stdout + stderr).toBe(0);
      await expectAgreement(rig.stage, subject, next.expected, scenario.name);
      expect(await operationRows(app, subject.domain)).toEqual([
        ...committed,
        `${actionOf(next.argv)} success`,
      ]);
    },
    TIMEOUT,
  );
});

describe.concurrent('killed while it reads', () => {
  test.each(chosen)(
    '$name',
    async (scenario) => {
      await using rig = await openRig('sqlite');
      const next = again(scenario);
      const requests = await rig.requestsOf(scenario.argv, await rig.prepare(scenario));
      const reads = requests.flatMap(({ write }, index) => (write ? [] : [index + 1]));
      expect(reads.length).toBeGreaterThan(0);
      for (const nth of reads) {
        const label = `${scenario.name}, killed at request ${nth}`;
        const subject = await rig.prepare(scenario);
        await rig.killAt({ nth, when: 'before', reads: true }, subject, scenario.argv, label);
        const { status, stdout, stderr } = await rig.stage.run(forDomain(next.argv, subject.domain));
        expect(status, `${label}\n${stdout}${stderr}`).toBe(0);
        await expectAgreement(rig.stage, subject, next.expected, label);
        expect((await operationRows(rig.stage.app, subject.domain)).join()).not.toContain('pending');
      }
    },
    TIMEOUT,
  );
});

describe.concurrent('killed again while it puts things in order', () => {
  test.each(chosen)(
    '$name',
    async (scenario) => {
      await using rig = await openRig('sqlite');
      const next = again(scenario);
      const last = { nth: await rig.countWrites(scenario), when: 'after' } as const;
      const undisturbed = await rig.kill(scenario, last, next);
      const requests = await rig.requestsOf(next.argv, undisturbed.subject);
      const writes = requests.filter(({ write }) => write).length;
      for (let nth = 1; nth <= writes; nth += 1) {
        const { label, subject } = await rig.kill(scenario, last, next);
        const twice = `${label}, killed again after write ${nth}`;
        await rig.killAt({ nth, when: 'after' }, subject, next.argv, twice);
        const { status, stdout, stderr } = await rig.stage.run(forDomain(next.argv, subject.domain));
        expect(status, `${twice}\n${stdout}${stderr}`).toBe(0);
        await expectAgreement(rig.stage, subject, next.expected, twice);
        const rows = await operationRows(rig.stage.app, subject.domain);
        expect([rows.at(-1), rows.join().includes('pending')], twice).toEqual([
          `${actionOf(next.argv)} success`,
          false,
        ]);
        if (!next.expected.open) await rig.reopen({ label: twice, subject });
      }
    },
    TIMEOUT,
  );
});

interface Stall {
  goOn(): Promise<void>;
}

/** Keep every process that gives its lock back in that statement. */
const STALLING = {
  /** For ever: a view that never ends, read by a trigger. */
  async sqlite({ environment }: Stage): Promise<Stall> {
    const file = environment['DATABASE_URL']?.replace('sqlite:', '') ?? '';
    const database = new DatabaseSync(file, { timeout: 10_000 });
    database.exec(`
      create view endless as with recursive c(x) as (select 1 union all select x + 1 from c) select x from c;
      create trigger stall before delete on maintenance_lock begin select count(*) from endless; end;`);
    return {
      async goOn() {
        database.exec('drop trigger stall; drop view endless;');
        database.close();
      },
    };
  },
  /** For an hour. The server would finish the statement of a process that is gone, so it is ended there as well. */
  async postgresql({ app }: Stage): Promise<Stall> {
    const run = (sql: string) => app.database.transaction((em) => em.execute(sql, [], 'run'));
    await run(`
      create function stall() returns trigger language plpgsql as
        $$ begin perform pg_sleep(3600); return old; end $$`);
    await run('create trigger stall before delete on maintenance_lock for each row execute function stall()');
    return {
      async goOn() {
        await run(`select pg_terminate_backend(pid) from pg_stat_activity
          where datname = current_database() and wait_event = 'PgSleep'`);
        await run('drop trigger stall on maintenance_lock');
        await run('drop function stall()');
      },
    };
  },
} satisfies Record<DatabaseKind, (stage: Stage) => Promise<Stall>>;
