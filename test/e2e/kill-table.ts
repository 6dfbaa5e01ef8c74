import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Emulator, Switches } from '../../src/emulator/index.ts';
import type { DatabaseKind } from '../../src/persistence/open-database.ts';
import { databaseUrls } from '../support/describe-databases.ts';
import { assertBuilt } from './built-cli.ts';
import { type Case, isTick, KillRig } from './kill-rig.ts';
import { type Next, SCENARIOS, type Scenario } from './kill-scenarios.ts';
import { openStage, startStageEmulator } from './stage.ts';
import { takeTurns } from './turns.ts';

export interface KillTableOptions {
  database: DatabaseKind;
  /** How the emulator behaves where Cloudflare's behaviour is not known for sure. */
  switches?: Partial<Switches>;
}

/** Processes at a time. */
const PROCESSES = 2;
const TIMEOUT = 300_000;

/** Kills every scenario before and after each of its writes, and lets each next command put things in order. */
export function describeKillTable({ database, switches = {} }: KillTableOptions): void {
  describe.concurrent(`killed at each write, on ${database}`, () => {
    const urls = databaseUrls(database);
    const turn = takeTurns(PROCESSES);
    let emulator: Emulator;
    beforeAll(async () => {
      assertBuilt();
      emulator = await startStageEmulator({ switches });
    });
    afterAll(() => emulator.close());

    const openRig = async () =>
      new KillRig(await openStage({ emulator, databaseUrl: await urls.migrated(), turn }), turn);

    for (const scenario of SCENARIOS) {
      let writes: Promise<number> | undefined;
      const countWrites = async () => {
        await using rig = await openRig();
        return await rig.countWrites(scenario);
      };
      test.each(scenario.next)(
        `${scenario.name}; next: $name`,
        async (next) => {
          writes ??= countWrites();
          await using rig = await openRig();
          await tryAll(rig, scenario, next, await writes);
        },
        TIMEOUT,
      );
    }
  });
}

/** All are killed first, so that their leases end side by side. */
async function tryAll(rig: KillRig, scenario: Scenario, next: Next, writes: number): Promise<void> {
  expect(writes, `writes of ${scenario.name}`).toBeGreaterThan(0);
  const cases: Case[] = [];
  for (let nth = 1; nth <= writes; nth += 1) {
    cases.push(await rig.kill(scenario, { nth, when: 'before' }, next));
    cases.push(await rig.kill(scenario, { nth, when: 'after' }, next));
  }
  if (isTick(next)) await rig.tick(next);
  for (const one of cases) await rig.settle(one, scenario, next);
  if (isTick(next)) await rig.compareStatus(cases, next.expected);
  if (!next.expected.open) for (const one of cases) await rig.reopen(one);
}
