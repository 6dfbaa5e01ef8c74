import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { CLI } from '../scripts/sandbox.ts';
import { CloudflareSite } from '../src/domain/cloudflare-site.ts';
import { MaintenanceHold } from '../src/domain/maintenance-hold.ts';
import { Intermission } from '../src/intermission.ts';
import { median, type Row } from './harness.ts';
import { requestsPerSecond } from './page-client.ts';

const SITES = 1_000;
const ROUNDS = 15;
const ROUND_MS = 500;
/** Not counted: the code becomes fast, and every page is made. */
const WARM_UP_MS = 6_000;

/** The least that Fastify can do: the floor that the page is measured by. */
const HELLO = `
import Fastify from 'fastify';
const server = Fastify();
server.get('/', () => ({ hello: 'world' }));
console.log(JSON.stringify({ url: await server.listen({ port: 0 }) }));
`;

/** How the maintenance page, with 1,000 sites closed, compares with a bare Fastify. Rounds take turns. */
export async function measurePage(): Promise<Row[]> {
  const dataDir = mkdtempSync(join(tmpdir(), 'intermission-bench-'));
  const domains = await closeSites(dataDir);
  const hello = await start(['--input-type=module', '--eval', HELLO], dataDir);
  const page = await start([CLI, 'serve', '--only', 'page', '--port', '0', '--json'], dataDir);
  try {
    const loads = {
      hello: { port: hello.port, paths: ['/'], status: 200 },
      page: { port: page.port, paths: domains.map((site) => `/maintenance?site=${site}`), status: 503 },
    };
    const rates = { hello: [] as number[], page: [] as number[] };
    for (const load of [loads.hello, loads.page])
      await requestsPerSecond({ ...load, milliseconds: WARM_UP_MS });
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const name of ['hello', 'page'] as const)
        rates[name].push(await requestsPerSecond({ ...loads[name], milliseconds: ROUND_MS }));
    }
    return [rowOf(median(rates.hello), median(rates.page))];
  } finally {
    await Promise.all([hello, page].map(({ child }) => stop(child)));
    rmSync(dataDir, { recursive: true, force: true });
  }
}

function rowOf(hello: number, page: number): Row {
  const share = Math.round((page / hello) * 100);
  return {
    what: `Maintenance page, ${SITES} sites closed: ${page.toFixed(0)} requests/s, ${share} % of a bare Fastify; time per request`,
    unit: '×',
    measured: hello / page,
    budget: 1 / 0.7,
    floor: `1 ×: ${hello.toFixed(0)} requests/s`,
  };
}

/** Sites as closing them would leave them; nothing is asked of Cloudflare. */
async function closeSites(dataDir: string): Promise<string[]> {
  await using app = await Intermission.open({ environment: {}, dataDir });
  const now = new Date();
  const domains = Array.from({ length: SITES }, (_, index) => `site-${index + 1}.example`);
  await app.database.transaction(async (em) => {
    const lists = { openPaths: [], bypassIps: [], brand: {} };
    const times = { createdAt: now, updatedAt: now };
    for (const domain of domains) {
      const site = em.create(CloudflareSite, {
        name: domain,
        domain,
        maintenanceActive: true,
        ...lists,
        ...times,
      });
      const expiresAt = new Date(now.getTime() + 3_600_000);
      em.create(MaintenanceHold, { site, name: 'manual', source: 'cli', expiresAt, ...times });
    }
    await em.flush();
  });
  return domains;
}

async function start(
  argv: readonly string[],
  dataDir: string,
): Promise<{ child: ChildProcess; port: number }> {
  const env = { PATH: process.env['PATH'], HOME: dataDir, INTERMISSION_DATA_DIR: dataDir, LOG_LEVEL: 'warn' };
  const child = spawn(process.execPath, argv, { env, stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  return { child, port: Number(new URL((JSON.parse(line) as { url: string }).url).port) };
}

async function stop(child: ChildProcess): Promise<void> {
  const closed = once(child, 'close');
  child.kill();
  await closed;
}
