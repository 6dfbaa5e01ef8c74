import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { CLI, openSandbox, type Sandbox } from '../scripts/sandbox.ts';
import { median, prepareSites, type Row, timed } from './harness.ts';

const RUNS = 21;

const COMMANDS = {
  bare: ['-e', '0'],
  version: [CLI, '--version'],
  list: [CLI, 'maintenance', 'list'],
};

/** How much longer than Node alone the command line takes from start to end. Runs take turns. */
export async function measureStartUp(): Promise<Row[]> {
  await using sandbox = await openSandbox({ emulator: ['--zones', '3'] });
  await prepareSites(sandbox);
  const times = { bare: [] as number[], version: [] as number[], list: [] as number[] };
  for (let run = -1; run < RUNS; run += 1) {
    for (const name of ['bare', 'version', 'list'] as const) {
      const time = await timed(() => runNode(sandbox, COMMANDS[name]));
      // The first round fills the folder of compiled code.
      if (run >= 0) times[name].push(time);
    }
  }
  const bare = median(times.bare);
  const row = (what: string, values: number[], budget: number): Row => ({
    what: `${what} against node -e 0 (median of ${RUNS}: ${median(values).toFixed(0)} ms)`,
    unit: '×',
    measured: median(values) / bare,
    budget,
    floor: `1 ×: ${bare.toFixed(0)} ms`,
  });
  return [
    row('intermission --version', times.version, 2.5),
    row('intermission maintenance list', times.list, 5),
  ];
}

async function runNode(sandbox: Sandbox, argv: readonly string[]): Promise<void> {
  const child = spawn(process.execPath, argv, { env: sandbox.env, cwd: sandbox.home, stdio: 'ignore' });
  const [status] = (await once(child, 'close')) as [number | null];
  if (status !== 0) throw new Error(`node ${argv.join(' ')} ended with ${status}.`);
}
