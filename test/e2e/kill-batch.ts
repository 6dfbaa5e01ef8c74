import { join } from 'node:path';
import { expect } from 'vitest';
import { LIBRARY, startNode } from './built-cli.ts';
import { actionOf, type Case, type KillRig } from './kill-rig.ts';
import { forDomain, type Scenario } from './kill-scenarios.ts';
import { operationRows } from './site-state.ts';

const VICTIM = join(import.meta.dirname, 'kill-victim.ts');

/**
 * Begins the command of a scenario for all cases in one process and kills it when each has reached its point. All have
 * then left a pending row; their leases are over.
 */
export async function killTogether(
  scenario: Scenario,
  rows: readonly { rig: KillRig; cases: readonly Case[] }[],
): Promise<void> {
  const held = rows.flatMap(({ rig, cases }) =>
    cases.map(({ label, subject, point: { nth, when } }) => {
      const path = `/zones/${subject.zoneId}`;
      return { label, when, hold: rig.stage.emulator.hold({ when, nth, path }) };
    }),
  );
  const rooms = rows.map(({ rig, cases }) => ({
    options: {
      databaseUrl: rig.stage.environment['DATABASE_URL'],
      dataDir: rig.stage.dataDir,
      cloudflareBaseUrl: rig.stage.emulator.api,
    },
    commands: cases.map(({ subject }) => forDomain(scenario.argv, subject.domain)),
  }));
  const { child, ended } = startNode([VICTIM, LIBRARY], {}, JSON.stringify(rooms));
  const allHeld = Promise.all(held.map(({ hold }) => hold.reached)).then(() => 'all held');
  const first = await Promise.race([allHeld, ended]);
  child.kill('SIGKILL');
  const { signal, stderr } = await ended;
  expect([first, signal], `${scenario.name}\n${stderr}`).toEqual(['all held', 'SIGKILL']);
  for (const { label, when, hold } of held) {
    await hold.release({ discard: when === 'before' });
    expect(hold.state, label).toBe(when === 'before' ? 'discarded' : 'released');
  }
  for (const { rig, cases } of rows) {
    await rig.endLeases();
    for (const { label, subject, rowsBefore } of cases) {
      expect(await operationRows(rig.stage.app, subject.domain), label).toEqual([
        ...rowsBefore,
        `${actionOf(scenario.argv)} pending`,
      ]);
    }
  }
}
