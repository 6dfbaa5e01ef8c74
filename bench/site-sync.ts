import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openSandbox, type Sandbox } from '../scripts/sandbox.ts';
import { addKey, type Row, runWell, timed } from './harness.ts';

const ZONES = 10_000;
const LATENCY_MS = 50;
/** Of Cloudflare's list of zones. */
const PAGE = 50;

interface Run {
  ms: number;
  calls: number;
  megabytes: number;
}

/** `sync_cloudflare` of 10,000 zones over the built CLI: all of them new, then again with nothing changed. */
export async function measureSiteSync(): Promise<Row[]> {
  await using sandbox = await openSandbox({
    emulator: ['--zones', String(ZONES), '--latency', String(LATENCY_MS)],
  });
  await addKey(sandbox);
  const first = await sync(sandbox);
  const second = await sync(sandbox);
  const pages = ZONES / PAGE;
  const what = (which: string) => `${which} sync of ${ZONES} zones at ${LATENCY_MS} ms`;
  const floor = `${pages}: the pages of the list`;
  const memory = Math.max(first.megabytes, second.megabytes);
  return [
    {
      what: what('First'),
      unit: 'ms',
      measured: first.ms,
      budget: 12_000,
      floor: `${((pages * 1000) / 200).toFixed(0)} ms: ${pages} calls at 200 a second`,
    },
    { what: `${what('First')}: API calls`, unit: 'calls', measured: first.calls, budget: 260, floor },
    {
      what: what('Second'),
      unit: 'ms',
      measured: second.ms,
      budget: 6_000,
      floor: `${((pages * 1000) / 200).toFixed(0)} ms: the same calls`,
    },
    { what: `${what('Second')}: API calls`, unit: 'calls', measured: second.calls, budget: 260, floor },
    {
      what: 'Peak memory of either',
      unit: 'MB',
      measured: memory,
      budget: 200,
      floor: `${megabytesOf(process.memoryUsage.rss()).toFixed(0)} MB: this process, which only measures`,
    },
  ];
}

async function sync(sandbox: Sandbox): Promise<Run> {
  const file = join(sandbox.home, 'peak-memory');
  await fetch(`${sandbox.emulator.control}/requests`, { method: 'DELETE' });
  const ms = await timed(() =>
    runWell(sandbox, ['sync_cloudflare'], { env: { NODE_OPTIONS: `--import=${reporterOf(file)}` } }),
  );
  const reply = await fetch(`${sandbox.emulator.control}/requests?limit=0`);
  const { total } = (await reply.json()) as { total: number };
  return { ms, calls: total, megabytes: megabytesOf(Number(readFileSync(file, 'utf8')) * 1024) };
}

/** A module that writes the peak memory of its process (kilobytes) to a file when that ends. */
function reporterOf(file: string): string {
  const code = `import { writeFileSync } from 'node:fs';
process.on('exit', () => writeFileSync(${JSON.stringify(file)}, String(process.resourceUsage().maxRSS)));`;
  return `data:text/javascript,${encodeURIComponent(code)}`;
}

function megabytesOf(bytes: number): number {
  return bytes / 2 ** 20;
}
