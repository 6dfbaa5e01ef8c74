import { beforeAll, describe, expect, test } from 'vitest';
import type { DatabaseKind } from '../../src/persistence/open-database.ts';
import { databaseUrls } from '../support/describe-databases.ts';
import { assertBuilt } from './built-cli.ts';
import { killTogether } from './kill-batch.ts';
import { type Case, isTick, KillRig } from './kill-rig.ts';
import { type Next, SCENARIOS, type Scenario } from './kill-scenarios.ts';
import { eachPosition, type Positions, spreadPositions } from './kill-switches.ts';
import { openStage, startStageEmulator } from './stage.ts';
import { takeTurns } from './turns.ts';

/** A command that puts things in order after each kill of a scenario, with a database and a Cloudflare of its own. */
interface Row {
  next: Next;
  rig: KillRig;
  /** True: the next command is a process of its own for the first case. All others go through the library. */
  isProcess: boolean;
  cases: Case[];
}

/** Scenarios that are prepared and killed at a time. */
const SCENARIOS_AT_A_TIME = 2;
/** Of so many rows one starts a process. What it does does not depend on the way in; this takes longer. */
const ROWS_PER_PROCESS = 3;
const TIMEOUT = 300_000;

/**
 * Kills every scenario before and after each of its writes, and lets each next command put things in order. The switches
 * of the emulator are spread over the rows; with INTERMISSION_TEST_FULL=1 every row meets every position of each.
 */
export function describeKillTables(database: DatabaseKind, spread: { inverted: boolean }): void {
  const isFull = process.env['INTERMISSION_TEST_FULL'] === '1';
  for (const positions of isFull ? eachPosition() : [spreadPositions(spread)]) {
    describeKillTable(database, positions);
  }
}

function describeKillTable(database: DatabaseKind, { title, ofRow }: Positions): void {
  describe.concurrent(`killed at each write, on ${database}, ${title}`, () => {
    const urls = databaseUrls(database);
    const turn = takeTurns(SCENARIOS_AT_A_TIME);
    beforeAll(assertBuilt);
    let count = 0;
    for (const scenario of SCENARIOS) {
      const first = count;
      count += scenario.next.length;
      const prepareRow = async (next: Next, index: number): Promise<Row> => {
        const row = first + index;
        const emulator = await startStageEmulator({ switches: ofRow(row) });
        const stage = await openStage({ emulator, databaseUrl: await urls.migrated() });
        const rig = new KillRig(stage, turn);
        const writes = await rig.countWrites(scenario);
        expect(writes, `writes of ${scenario.name}`).toBeGreaterThan(0);
        const isProcess = row % ROWS_PER_PROCESS === 0;
        return { next, rig, isProcess, cases: await rig.prepareCases(scenario, next, writes) };
      };
      const killAll = async (): Promise<Row[]> => {
        const rows: Row[] = [];
        for (const [index, next] of scenario.next.entries()) rows.push(await prepareRow(next, index));
        await killTogether(scenario, rows);
        return rows;
      };
      let killed: Promise<Row[]> | undefined;
      test.each(scenario.next)(
        `${scenario.name}; next: $name`,
        async (next) => {
          killed ??= turn(killAll);
          const row = (await killed).find((one) => one.next === next) as Row;
          await using _emulator = row.rig.stage.emulator;
          await using _rig = row.rig;
          await turn(() => judge(row, scenario));
        },
        TIMEOUT,
      );
    }
  });
}

async function judge({ rig, cases, next, isProcess }: Row, scenario: Scenario): Promise<void> {
  if (isTick(next)) await rig.tick(next, isProcess);
  for (const [index, one] of cases.entries()) await rig.settle(one, scenario, next, isProcess && index === 0);
  if (!next.expected.open) for (const one of cases) await rig.reopen(one);
}
