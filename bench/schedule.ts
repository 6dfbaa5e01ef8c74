import { join } from 'node:path';
import { openSandbox } from '../scripts/sandbox.ts';
import { Intermission } from '../src/intermission.ts';
import { median, prepareSites, type Row, timed } from './harness.ts';

const PLANNED = 10_000;
const TICKS = 21;
const STARTS = 40;
/** Not counted: the first ones load the code that talks to Cloudflare. */
const WARM_UP = 3;
const APART_MS = 400;

/** A tick with nothing to do among many windows, and how late windows begin under a watch. */
export async function measureSchedule(): Promise<Row[]> {
  await using sandbox = await openSandbox({ emulator: ['--zones', String(STARTS + WARM_UP)] });
  await prepareSites(sandbox);
  const dataDir = join(sandbox.home, 'share', 'intermission');
  const options = { environment: {}, dataDir, cloudflareBaseUrl: sandbox.emulator.api };
  await using app = await Intermission.open(options);
  await planMany(app);
  const tick = () => app.schedule.processScheduledMaintenances({ verify: false });
  const idle: number[] = [];
  for (let run = 0; run < TICKS; run += 1) idle.push(await timed(tick));
  const delays = await measureDelays(app);
  return [
    {
      what: `Tick with nothing due among ${PLANNED.toLocaleString('en')} windows (median of ${TICKS})`,
      unit: 'ms',
      measured: median(idle),
      budget: 20,
      floor: 'a sign of life: one commit',
    },
    {
      what: `Start of a window under --watch, late by (p99 of ${STARTS})`,
      unit: 'ms',
      measured: delays.toSorted((a, b) => a - b)[Math.ceil(STARTS * 0.99) - 1] ?? Number.NaN,
      budget: 1_000,
      floor: 'a timer and one commit',
    },
  ];
}

async function planMany({ database, sites }: Intermission): Promise<void> {
  const [site] = await sites.query().limit(1).all();
  const soon = Date.now() + 86_400_000;
  await database.transaction(async (em) => {
    for (let index = 0; index < PLANNED; index += 1) {
      const start = new Date(soon + index * 60_000);
      const end = new Date(start.getTime() + 60_000);
      const [row] = await em.execute<{ id: number }[]>(INSERT, [`Window ${index}`, start, end, start, start]);
      await em.execute('insert into window_site values (?, ?)', [row?.id ?? 0, site?.id ?? 0], 'run');
    }
  });
}

const INSERT = `
  insert into scheduled_maintenance
    (title, scheduled_start, scheduled_end, estimated_duration, execution_log, created_at, updated_at)
  values (?, ?, ?, 60, '[]', ?, ?) returning id`;

/** Windows that begin one after the other, each on a site of its own: milliseconds from its start to its beginning. */
async function measureDelays(app: Intermission): Promise<number[]> {
  const first = Date.now() + 10_000;
  const domains = (await app.sites.query().all()).map(({ domain }) => domain);
  const inputs = domains.map((domain, index) => ({
    title: 'Bench',
    start: new Date(first + index * APART_MS),
    durationSeconds: 3_600,
    sites: [domain],
    notifyBefore: 0,
  }));
  const { created } = await app.schedule.bulkScheduleMaintenance(inputs);
  const ids = new Set(created.map(({ id }) => id));
  const stop = new AbortController();
  const begun: number[] = [];
  await app.schedule.watch({
    signal: stop.signal,
    verify: false,
    onError: (error) => {
      throw error;
    },
    report: ({ windows }) => {
      begun.push(
        ...windows.filter((run) => ids.has(run.id) && run.before === 'scheduled').map(({ id }) => id),
      );
      if (begun.length >= created.length) stop.abort();
    },
  });
  const windows = await app.windows.filter({ id: [...ids] }).all();
  const counted = windows.slice(WARM_UP);
  return counted.map(
    ({ actualStart, scheduledStart }) => (actualStart?.getTime() ?? 0) - scheduledStart.getTime(),
  );
}
