import { join } from 'node:path';
import { openSandbox, type Sandbox } from '../scripts/sandbox.ts';
import { CloudflareSite } from '../src/domain/cloudflare-site.ts';
import { Intermission } from '../src/intermission.ts';
import { prepareSites, type Row, timed } from './harness.ts';
import { closeInTheOriginalsWay } from './originals-way.ts';

const SITES = 1_000;
const LATENCY_MS = 100;
const SECONDS = 8;
const CALLS = 1_050;
/** Of the time that the original's way takes for a site. */
const SHARE = 0.25;

interface Measured {
  ms: number;
  calls: number;
  refused: number;
}

/**
 * Closing and reopening 1,000 sites while every reply takes 100 ms, within Cloudflare's real limits: 200 calls per
 * second and 1,200 in 5 minutes. Calls and refusals are counted by the emulator, a process of its own.
 */
export async function measureBulk(): Promise<Row[]> {
  await using sandbox = await openSandbox({
    emulator: ['--zones', String(SITES), '--latency', String(LATENCY_MS)],
  });
  await prepareSites(sandbox);
  const { api } = sandbox.emulator;
  const dataDir = join(sandbox.home, 'share', 'intermission');
  await using app = await Intermission.open({ environment: {}, dataDir, cloudflareBaseUrl: api });
  await inFreshWindow(sandbox, app);
  const enabled = await measure(sandbox, () => app.bulk.allSites().enableMaintenance({ reason: 'Bench' }));
  await inFreshWindow(sandbox, app);
  const disabled = await measure(sandbox, () => app.bulk.allSites().disableMaintenance());
  const token = await makeToken(sandbox);
  const original = await closeInTheOriginalsWay({ api, token });
  const theirs = original.ms / original.closed;
  return [
    ...rowsOf('Enable', enabled),
    ...rowsOf('Disable', disabled),
    {
      what: `Time per site against the original's way (${theirs.toFixed(0)} ms; refused after ${original.closed} of ${original.sites})`,
      unit: '×',
      measured: enabled.ms / SITES / theirs,
      budget: SHARE,
      floor: `${(1000 / 180 / theirs).toFixed(2)} ×: 180 calls a second`,
    },
  ];
}

function rowsOf(verb: string, { ms, calls, refused }: Measured): Row[] {
  const job = `${verb} ${SITES} sites at ${LATENCY_MS} ms`;
  return [
    { what: job, unit: 'ms', measured: ms, budget: SECONDS * 1000, floor: '5,600 ms: 180 calls a second' },
    { what: `${job}, calls`, unit: 'calls', measured: calls, budget: CALLS, floor: `${SITES}: the writes` },
    { what: `${job}, refused with 429`, unit: 'calls', measured: refused, budget: 0, floor: '0' },
  ];
}

async function measure(
  { emulator }: Sandbox,
  run: () => PromiseLike<{ successful: readonly unknown[] }>,
): Promise<Measured> {
  await fetch(`${emulator.control}/requests`, { method: 'DELETE' });
  const ms = await timed(async () => {
    const { successful } = await run();
    if (successful.length !== SITES) throw new Error(`${successful.length} of ${SITES} sites succeeded.`);
  });
  return {
    ms,
    calls: await count(emulator.control, ''),
    refused: await count(emulator.control, '&status=429'),
  };
}

async function count(control: string, filter: string): Promise<number> {
  const reply = await fetch(`${control}/requests?limit=0${filter}`);
  return ((await reply.json()) as { total: number }).total;
}

/** Another user's token has a window of its own. */
async function inFreshWindow(sandbox: Sandbox, app: Intermission): Promise<void> {
  const apiToken = await makeToken(sandbox);
  const { key } = await app.apiKeys.create({ name: `user ${users}`, apiToken });
  await app.database.transaction((em) => em.nativeUpdate(CloudflareSite, {}, { apiKey: key.id }));
}

let users = 0;

async function makeToken({ emulator }: Sandbox): Promise<string> {
  users += 1;
  const body = JSON.stringify({ user: `bench-${users}` });
  const reply = await fetch(`${emulator.control}/tokens`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
  });
  return ((await reply.json()) as { token: string }).token;
}
