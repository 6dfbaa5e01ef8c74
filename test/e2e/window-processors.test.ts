import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { Notification } from '../../src/domain/supporting.ts';
import type { Emulator } from '../../src/emulator/index.ts';
import { databaseUrls } from '../support/describe-databases.ts';
import { assertBuilt, type Running } from './built-cli.ts';
import { openStage, type Stage, startStageEmulator } from './stage.ts';

const WINDOWS = 60;
const WATCH = ['process_scheduled_maintenance', '--watch', '--json'];
const urls = databaseUrls('postgresql');

let emulator: Emulator;
beforeAll(async () => {
  assertBuilt();
  emulator = await startStageEmulator();
});
afterAll(() => emulator.close());
beforeEach(() => emulator.reset());

test('three processors, one of them killed, begin and end many windows of the same second, each once', async () => {
  await using stage = await openStage({ emulator, databaseUrl: await urls.migrated() });
  const domains = Array.from({ length: WINDOWS }, (_, index) => `shop-${index}.example`);
  for (const name of domains) emulator.addZone({ name });
  await stage.app.syncZones();
  await stage.app.database.read().execute(`update cloudflare_site set engine = 'page_rules'`, [], 'run');
  await planAll(stage, domains);
  emulator.clearRequests();
  emulator.setLatency(100);
  // Two wait for nobody longer than the killed one's locks of zones last.
  const environment = { INTERMISSION_LOCK_SECONDS: '2' };
  const processors = [1, 2, 3].map(() => stage.start(WATCH, environment));
  await moveTimes(stage, 'scheduled_start', 'scheduled');
  await until(() => created(emulator) >= WINDOWS / 4);
  await kill(processors[0]);
  // The windows that the killed one had in hand would be left alone for a minute.
  await stage.app.database.read().execute('update scheduled_maintenance set leased_at = 0', [], 'run');
  await until(async () => (await closedSites(stage)) === WINDOWS);
  for (const name of domains) expect(emulator.rules(name)).toHaveLength(1);
  // Of a site that the killed one had just closed the rule was taken back once, by recovery.
  expect(created(emulator) - deleted(emulator)).toBe(WINDOWS);

  await moveTimes(stage, 'scheduled_end', 'active');
  await until(async () => (await stage.app.windows.byStatus('completed').count()) === WINDOWS);
  for (const name of domains) expect(emulator.rules(name)).toEqual([]);
  const notices = await stage.app.database.read().find(Notification, { event: { $like: 'window.%' } });
  expect(count(notices, 'window.started')).toBe(WINDOWS);
  expect(count(notices, 'window.completed')).toBe(WINDOWS);
  for (const { child } of processors.slice(1)) child.kill('SIGTERM');
  const ends = await Promise.all(processors.slice(1).map(({ ended }) => ended));
  expect(ends.map(({ status }) => status)).toEqual([0, 0]);
  for (const { stdout } of ends) for (const line of stdout.trim().split('\n')) JSON.parse(line || '{}');
}, 180_000);

async function planAll({ app }: Stage, domains: readonly string[]): Promise<void> {
  const start = new Date(Date.now() + 3_600_000);
  const { failed } = await app.schedule.bulkScheduleMaintenance(
    domains.map((domain) => ({
      title: domain,
      start,
      durationSeconds: 3_600,
      sites: [domain],
      notifyBefore: 0,
    })),
  );
  expect(failed).toEqual([]);
}

/** Lets the time of all windows come now; the watches find out within seconds. */
async function moveTimes({ app }: Stage, column: string, status: string): Promise<void> {
  const now = new Date();
  const sql = `update scheduled_maintenance set ${column} = ? where status = ?`;
  await app.database.read().execute(sql, [now, status], 'run');
}

async function kill(processor: Running | undefined): Promise<void> {
  processor?.child.kill('SIGKILL');
  await processor?.ended;
}

async function closedSites({ app }: Stage): Promise<number> {
  const active = await app.sites.query().inMaintenance().count();
  return (await app.logs.pending().count()) === 0 ? active : 0;
}

function created({ requests }: Emulator): number {
  return requests().filter(({ method, status }) => method === 'POST' && status === 200).length;
}

function deleted({ requests }: Emulator): number {
  return requests().filter(({ method, status }) => method === 'DELETE' && status === 200).length;
}

function count(notices: readonly Notification[], event: string): number {
  return notices.filter((notice) => notice.event === event).length;
}

async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isSo())) await delay(100);
}
