import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import type { Emulator } from '../../src/emulator/index.ts';
import { describeDatabases } from '../support/describe-databases.ts';
import { assertBuilt, type Environment } from './built-cli.ts';
import { openStage, type Stage, startStageEmulator } from './stage.ts';

// Processes share the machine with whatever else is tested.
vi.setConfig({ testTimeout: 60_000 });

const HOUR = 3_600_000;

/** The time of day of a process jumps by so many milliseconds: before it begins or, `later`, when it gets SIGUSR2. */
function jumping(milliseconds: number, { later = false } = {}): Environment {
  const code = `const Real = Date; let ahead = ${later ? 0 : milliseconds};
    process.on('SIGUSR2', () => { ahead = ${milliseconds}; });
    globalThis.Date = class Date extends Real {
      constructor(...parts) { super(...(parts.length === 0 ? [Real.now() + ahead] : parts)); }
      static now() { return Real.now() + ahead; }
    };`;
  return { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(code)}` };
}

let emulator: Emulator;
beforeAll(async () => {
  assertBuilt();
  emulator = await startStageEmulator();
});
afterAll(() => emulator.close());
beforeEach(() => emulator.reset());

describeDatabases((_kind, openTestDatabase) => {
  /** Zones with two sites each, `a.` and `b.`, one rule per site. */
  async function openSites(...zones: string[]): Promise<Stage> {
    for (const name of zones) emulator.addZone({ name });
    const stage = await openStage({ emulator, databaseUrl: await openTestDatabase.migratedUrl() });
    for (const domain of zones.flatMap((name) => [`a.${name}`, `b.${name}`])) {
      await stage.app.sites.create({ domain, includeSubdomains: false });
    }
    emulator.clearRequests();
    return stage;
  }

  const patternsOf = (zone: string) =>
    emulator.rules(zone).flatMap(({ targets }) => targets.map(({ constraint }) => constraint.value));

  async function jumpInTheMiddle(stage: Stage, zone: string, jump: number): Promise<void> {
    const path = `/zones/${emulator.zones().find(({ name }) => name === zone)?.id}`;
    const hold = emulator.hold({ when: 'before', nth: 1, path, writesOnly: true });
    const first = stage.start(['maintenance', 'enable', `a.${zone}`], jumping(jump, { later: true }));
    await Promise.race([hold.reached, first.ended]);
    first.child.kill('SIGUSR2');
    // It waits for its own lease and five seconds, then gives up.
    const impatient = { ...jumping(jump), INTERMISSION_LOCK_SECONDS: '1' };
    const second = await stage.json(['maintenance', 'enable', `b.${zone}`], impatient);
    expect(second.document.error, zone).toMatchObject({ code: 'site_locked' });
    await hold.release();
    const { status, stderr } = await first.ended;
    expect(status, stderr).toBe(0);
    expect(patternsOf(zone)).toEqual([`a.${zone}/*`]);
    expect(await stage.json(['maintenance', 'enable', `b.${zone}`], jumping(-jump))).toMatchObject({
      status: 0,
    });
    expect(patternsOf(zone).sort()).toEqual([`a.${zone}/*`, `b.${zone}/*`]);
  }

  test('a lock is not broken when clocks jump by an hour, forward or back, in the middle', async () => {
    await using stage = await openSites('forward.example', 'back.example');
    await Promise.all([
      jumpInTheMiddle(stage, 'forward.example', HOUR),
      jumpInTheMiddle(stage, 'back.example', -HOUR),
    ]);
  });

  test('a hold ends when the clock of the tick has come there, and none is lost by a jump', async () => {
    await using stage = await openSites('shop.example');
    await stage.run(['maintenance', 'enable', 'a.shop.example']);
    await stage.run(['maintenance', 'enable', 'b.shop.example', '--for', '30m']);
    const tick = async (jump: number) => {
      const { status, stdout, stderr } = await stage.run(['process_scheduled_maintenance'], jumping(jump));
      expect(status, stdout + stderr).toBe(0);
      return patternsOf('shop.example').sort();
    };
    expect(await tick(-HOUR)).toEqual(['a.shop.example/*', 'b.shop.example/*']);
    expect(await tick(HOUR)).toEqual(['a.shop.example/*']);
    expect(await tick(-HOUR)).toEqual(['a.shop.example/*']);
    const holds = await stage.app.database
      .read()
      .execute('select released_by from maintenance_hold order by id');
    expect(holds).toEqual([{ released_by: null }, { released_by: 'its end' }]);
  });
});
