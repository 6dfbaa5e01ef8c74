import { join } from 'node:path';
import { openSandbox } from '../scripts/sandbox.ts';
import { Intermission } from '../src/intermission.ts';
import { median, prepareSites, type Row, timed } from './harness.ts';

const LATENCY_MS = 100;
const OVERHEAD_MS = 50;
const RUNS = 21;
/** Not counted: the code of a process becomes fast only after some operations. */
const WARM_UP = 10;

/** Closing one site from a warm process, while every reply of Cloudflare takes 100 ms. */
export async function measureOneSite(): Promise<Row[]> {
  const zones = RUNS + WARM_UP;
  await using sandbox = await openSandbox({
    emulator: ['--zones', String(zones), '--latency', String(LATENCY_MS)],
  });
  await prepareSites(sandbox);
  const { api, token } = sandbox.emulator;
  const dataDir = join(sandbox.home, 'share', 'intermission');
  await using app = await Intermission.open({ environment: {}, dataDir, cloudflareBaseUrl: api });
  const enabled: number[] = [];
  const bare: number[] = [];
  for (const site of await app.sites.all()) {
    enabled.push(await timed(() => app.maintenance(site).enableMaintenance('Bench')));
    bare.push(await timed(() => verifyToken(api, token)));
  }
  const roundTrip = median(bare.slice(WARM_UP));
  return [
    {
      what: `Enable one site at ${LATENCY_MS} ms, warm process (median of ${RUNS})`,
      unit: 'ms',
      measured: median(enabled.slice(WARM_UP)),
      budget: LATENCY_MS + OVERHEAD_MS,
      floor: `${roundTrip.toFixed(0)} ms: one bare request`,
    },
  ];
}

async function verifyToken(api: string, token: string): Promise<void> {
  const reply = await fetch(`${api}/user/tokens/verify`, { headers: { authorization: `Bearer ${token}` } });
  await reply.text();
}
