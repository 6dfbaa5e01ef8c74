import { once } from 'node:events';
import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import { beforeAll, expect, test } from 'vitest';
import { visit } from '../../scripts/visit.ts';
import { startEmulator } from '../../src/emulator/index.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { assertBuilt, type Environment, type Running, startBuiltCli } from './built-cli.ts';

const A = 'site-1.example';

beforeAll(assertBuilt);

/** Runs a command to its end, which must be a good one. */
async function cli(environment: Environment, argv: string[], input = ''): Promise<string> {
  const { status, stdout, stderr } = await startBuiltCli(argv, environment, { input }).ended;
  if (status !== 0) throw new Error(`intermission ${argv.join(' ')} ended with ${status}: ${stderr}`);
  return stdout;
}

async function startServer(environment: Environment): Promise<{ server: Running; url: string }> {
  const server = startBuiltCli(['serve', '--only', 'page', '--port', '0', '--json'], environment);
  const [line] = (await once(createInterface({ input: server.child.stdout }), 'line')) as [string];
  return { server, url: (JSON.parse(line) as { url: string }).url };
}

test('SIGTERM ends the server, whatever its clients do', async () => {
  const { server, url } = await startServer({ INTERMISSION_DATA_DIR: temporaryDirectory() });
  const { hostname, port } = new URL(url);
  const [silent, begun] = [connect(Number(port), hostname), connect(Number(port), hostname)];
  for (const socket of [silent, begun]) socket.on('error', () => {});
  await Promise.all([once(silent, 'connect'), once(begun, 'connect')]);
  begun.write('GET /maintenance HTTP/1.1\r\nHost: x');
  // Taken note of: an answer on a later connection comes after both.
  await fetch(`${url}/healthz`);
  server.child.kill('SIGTERM');
  expect(await server.ended).toMatchObject({ status: 0, signal: null });
});

test.each(['page_rules', 'redirect_rules'])(
  'a search engine that follows the redirect of %s ends on a 503 that says when to come again',
  async (engine) => {
    await using emulator = await startEmulator({ zones: 1 });
    const environment = {
      INTERMISSION_DATA_DIR: temporaryDirectory(),
      CLOUDFLARE_BASE_URL: emulator.api,
      INTERMISSION_EDGE_ADDRESS: emulator.edge,
    };
    await cli(environment, ['api-key', 'add', 'main', '--token-stdin'], emulator.token);
    await cli(environment, ['site', 'add', A, '--engine', engine]);
    const { server, url } = await startServer(environment);
    // Known only now: a real one has a name and stays.
    const own = { ...environment, INTERMISSION_PUBLIC_URL: url };
    await cli(own, ['maintenance', 'enable', A, '--message', 'New database', '--for', '30m']);

    const redirect = await visit(emulator.edge, `https://www.${A}/some/page?x=1`);
    expect(redirect).toMatchObject({ status: 302, location: `${url}/maintenance?site=${A}` });
    const page = await fetch(redirect.location ?? '', { headers: { 'user-agent': 'Searchbot/1.0' } });
    expect(page.status).toBe(503);
    const seconds = Number(page.headers.get('retry-after'));
    expect(seconds).toBeGreaterThan(1_500);
    expect(seconds).toBeLessThanOrEqual(1_800);
    expect(page.headers.get('x-robots-tag')).toBe('noindex');
    expect(await page.text()).toContain('New database');

    await cli(own, ['maintenance', 'disable', A]);
    expect((await visit(emulator.edge, `https://www.${A}/`)).status).toBe(200);
    await expect
      .poll(async () => (await fetch(`${url}/maintenance/status?site=${A}`)).json(), { timeout: 10_000 })
      .toEqual({ maintenance: false });

    server.child.kill('SIGTERM');
    expect(await server.ended).toMatchObject({ status: 0, signal: null });
  },
);

test('a port that is taken is refused with what to do', async () => {
  const environment = { INTERMISSION_DATA_DIR: temporaryDirectory() };
  const { server, url } = await startServer(environment);
  const second = await startBuiltCli(['serve', '--port', new URL(url).port], environment).ended;
  expect(second.status).toBe(2);
  expect(second.stderr).toContain('is in use by another program');
  server.child.kill('SIGTERM');
  await server.ended;
});
