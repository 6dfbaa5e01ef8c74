import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import type { Emulator } from '../../src/emulator/index.ts';
import { describeDatabases } from '../support/describe-databases.ts';
import { assertBuilt } from './built-cli.ts';
import { operationRows } from './site-state.ts';
import { openStage, startStageEmulator } from './stage.ts';

const ZONE = 'shop.example';
/** Closed by two rules: two writes. */
const SLEEPER = 'a.shop.example';
const OTHER = 'b.shop.example';
// Processes share the machine with whatever else is tested.
vi.setConfig({ testTimeout: 60_000 });

const LEASE = { INTERMISSION_LOCK_SECONDS: '2' };

let emulator: Emulator;
beforeAll(async () => {
  assertBuilt();
  emulator = await startStageEmulator();
});
afterAll(() => emulator.close());
beforeEach(() => emulator.reset());

describeDatabases((_kind, openTestDatabase) => {
  test.each([
    { when: 'before', moment: 'before its first write has reached Cloudflare' },
    { when: 'after', moment: 'after its first write' },
  ] as const)(
    'a process that stands still for longer than its lease, $moment, writes nothing more',
    async ({ when }) => {
      emulator.addZone({ name: ZONE, pageRuleQuota: 10 });
      await using stage = await openStage({ emulator, databaseUrl: await openTestDatabase.migratedUrl() });
      await stage.app.sites.create({ domain: SLEEPER, includeSubdomains: false, subdomainList: 'api' });
      await stage.app.sites.create({ domain: OTHER, includeSubdomains: false });
      const hold = emulator.hold({ when, nth: 1, writesOnly: true });
      const sleeper = stage.start(['maintenance', 'enable', SLEEPER, '--json'], LEASE);
      await Promise.race([hold.reached, sleeper.ended]);
      sleeper.child.kill('SIGSTOP');
      await hold.release({ discard: when === 'before' });

      const other = await stage.json(['maintenance', 'enable', OTHER]);
      expect(other.status, other.stdout + other.stderr).toBe(0);
      const { n: after = 0 } = emulator.requests().at(-1) ?? {};
      sleeper.child.kill('SIGCONT');
      const { status, stdout } = await sleeper.ended;
      expect({ status, error: JSON.parse(stdout).error }).toMatchObject({
        status: 130,
        error: { code: 'interrupted', hint: expect.stringContaining('Repeat the command') },
      });
      expect(emulator.requests({ after, write: true })).toEqual([]);

      const patterns = emulator.rules(ZONE).map(({ targets }) => targets[0]?.constraint.value);
      expect(patterns).toEqual([`${OTHER}/*`]);
      expect(await operationRows(stage.app, SLEEPER)).toEqual(['enable failed interrupted']);
      expect(await operationRows(stage.app, OTHER)).toEqual(['enable success']);
    },
  );
});
