import { beforeAll, expect, test } from 'vitest';
import type { Emulator } from '../../src/emulator/index.ts';
import { describeDatabases } from '../support/describe-databases.ts';
import { assertBuilt, type Running } from './built-cli.ts';
import { LEASE } from './kill-rig.ts';
import { openStage, type Stage, startStageEmulator } from './stage.ts';

const TIMEOUT = 120_000;
const SITES = 40;
/** More than may be begun before it is known how many calls are left. */
const MORE_SITES = 100;
/** Has room for about half of them beside what is kept for single sites, and is longer than the test takes. */
const WINDOW = { requests: 70, windowSeconds: 300, blockSeconds: 300 };
const ENABLE = ['maintenance', 'enable', '--all', '--yes', '--reason', 'Move'];

beforeAll(assertBuilt);

describeDatabases((_kind, openTestDatabase) => {
  const open = async (emulator: Emulator): Promise<Stage> => {
    const stage = await openStage({ emulator, databaseUrl: await openTestDatabase.migratedUrl() });
    await stage.app.syncZones();
    emulator.clearRequests();
    return stage;
  };

  test(
    'what was killed in the middle is done by the same command, nothing twice and nothing forgotten',
    async () => {
      await using emulator = await startStageEmulator({ zones: SITES });
      await using stage = await open(emulator);
      const hold = emulator.hold({ when: 'after', nth: SITES / 2, writesOnly: true });
      const { child, ended } = stage.start([...ENABLE, '--concurrency', '6'], LEASE);
      expect(await Promise.race([hold.reached, ended])).toEqual(hold.request);
      child.kill('SIGKILL');
      expect((await ended).signal).toBe('SIGKILL');
      await hold.release();
      const recorded = await stage.app.sites.inMaintenance().all();
      expect(recorded.length).toBeGreaterThan(0);
      expect(recorded.length).toBeLessThan(SITES);

      emulator.clearRequests();
      const { status, document, stderr } = await stage.json(ENABLE, LEASE);
      expect(status, stderr).toBe(0);
      expect(document.summary).toMatchObject({ total: SITES, skipped: recorded.length, failed: 0 });
      // What had been recorded is not asked about again.
      const touched = emulator.requests().map(({ path }) => path.split('/')[2]);
      expect(recorded.filter(({ zoneId }) => touched.includes(zoneId ?? ''))).toEqual([]);
      await expectClosed(stage, SITES);
    },
    TIMEOUT,
  );

  test(
    'while a run waits for the call limit another process reopens a site; Ctrl-C ends the wait and leaves the rest open',
    async () => {
      await using emulator = await startStageEmulator({ zones: MORE_SITES, rateLimit: WINDOW });
      await using stage = await open(emulator);
      const run = stage.start(ENABLE);
      await printed(run, 'Paused until');
      const [one] = await stage.app.sites.inMaintenance().all();
      const disabled = await stage.json(['maintenance', 'disable', one?.domain ?? '']);
      expect(disabled.status, disabled.stderr).toBe(0);
      expect(emulator.rules(one?.domain ?? '')).toEqual([]);

      run.child.kill('SIGINT');
      const { status, stdout, stderr } = await run.ended;
      expect(status, stderr).toBe(130);
      const closed = Number(/(\d+) closed/.exec(stdout)?.[1]);
      expect(stdout).toContain(`${MORE_SITES} sites: ${closed} closed, ${MORE_SITES - closed} not begun\n`);
      expect(stderr).toContain(`${MORE_SITES - closed} sites were not begun`);
      await expectClosed(stage, closed - 1);
      expect(emulator.requests({ status: 429 })).toEqual([]);
    },
    TIMEOUT,
  );
});

/** So many sites have one rule each, and are the same that the database says are closed; nothing is pending. */
async function expectClosed({ app, emulator }: Stage, count: number): Promise<void> {
  const zones = emulator.zones().filter(({ rules }) => rules.length > 0);
  expect(zones.map(({ rules }) => rules.length)).toEqual(Array.from({ length: count }, () => 1));
  const closed = await app.sites.inMaintenance().all();
  expect(closed.map(({ domain }) => domain).toSorted()).toEqual(zones.map(({ name }) => name).toSorted());
  expect(await app.logs.pending().count()).toBe(0);
}

async function printed({ child, ended }: Running, text: string): Promise<void> {
  let stderr = '';
  const seen = new Promise<void>((resolve) => {
    child.stderr.on('data', (chunk: string) => {
      stderr += chunk;
      if (stderr.includes(text)) resolve();
    });
  });
  const end = await Promise.race([seen, ended]);
  expect(end, `${stderr}`).toBeUndefined();
}
