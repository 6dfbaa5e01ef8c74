import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { buildIfStale } from '../../scripts/build-if-stale.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const DEMO = join(ROOT, 'scripts', 'demo.ts');

beforeAll(buildIfStale, 120_000);

test('the demo shows a visitor before, during and after, and leaves nothing behind', async () => {
  const demo = startDemo();
  const { status, stdout, stderr } = await demo.ended;
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(stdout.match(/^HTTP\/1\.1 .*$/gm)).toEqual([
    'HTTP/1.1 200 OK',
    'HTTP/1.1 302 Found',
    'HTTP/1.1 200 OK',
  ]);
  expect(stdout).toContain('Location: https://docs.djangocfg.com/maintenance?site=site-1.example\n');
  for (const command of [
    'api-key add demo --token-stdin',
    'sync_cloudflare',
    'maintenance enable site-1.example --reason "Database upgrade"',
    'maintenance status site-1.example',
    'maintenance disable site-1.example --reason "Upgrade done"',
    'log list',
  ]) {
    expect(stdout).toContain(`intermission ${command}\n`);
  }
  expect(stdout).not.toContain('\u001b[');
  await expectNothingLeft(demo);
}, 60_000);

test('a demo that has to build first leaves nothing but the build', async () => {
  const demo = startDemo(join(copyOfSources(), 'scripts', 'demo.ts'));
  const { status, stderr } = await demo.ended;
  expect({ status, stderr }).toEqual({ status: 0, stderr: 'Building …\n' });
  await expectNothingLeft(demo);
}, 120_000);

test('a demo that is interrupted stops, and leaves nothing behind', async () => {
  const demo = startDemo();
  await demo.printed('maintenance enable');
  demo.kill('SIGTERM');
  const { status, stdout } = await demo.ended;
  expect(status).toBe(130);
  expect(stdout).not.toContain('Done.');
  await expectNothingLeft(demo);
}, 60_000);

test('a demo whose reader goes away leaves nothing behind', () => {
  const tmp = temporaryDirectory();
  // biome-ignore lint/suspicious/noTemplateCurlyInString: of bash
  const script = '"$0" "$1" | head -n 1; echo "${PIPESTATUS[0]}"';
  const { stdout } = spawnSync('bash', ['-c', script, process.execPath, DEMO], {
    env: { PATH: process.env['PATH'], TMPDIR: tmp },
    encoding: 'utf8',
  });
  expect(stdout).toMatch(/^Intermission: .*\n130\n$/);
  expect(readdirSync(tmp)).toEqual([]);
}, 60_000);

test('a command that does not do what it should ends the demo with 1 and a clear message', async () => {
  const copy = brokenCopy();
  const demo = startDemo(join(copy, 'scripts', 'demo.ts'));
  const { status, stderr } = await demo.ended;
  expect({ status, stderr }).toEqual({
    status: 1,
    stderr: 'The demo failed. The visitor should have got 302, and got 200.\n',
  });
  await expectNothingLeft(demo);
}, 60_000);

/** A checkout that has not been built. */
function copyOfSources(): string {
  const copy = temporaryDirectory();
  for (const name of ['admin', 'scripts', 'src', 'package.json', 'tsconfig.json', 'tsdown.config.ts']) {
    cpSync(join(ROOT, name), join(copy, name), { recursive: true, preserveTimestamps: true });
  }
  symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
  return copy;
}

/** The demo beside a command line that says that the site is closed, and does not close it. */
function brokenCopy(): string {
  const copy = copyOfSources();
  cpSync(join(ROOT, 'dist'), join(copy, 'dist'), { recursive: true, preserveTimestamps: true });
  cpSync(join(copy, 'dist', 'cli.js'), join(copy, 'dist', 'real.js'));
  writeFileSync(
    join(copy, 'dist', 'cli.js'),
    `if (process.argv.includes('enable')) console.log('site-1.example: open → in maintenance');
     else await import('./real.js');`,
  );
  return copy;
}

/** Starts the demo with a temporary folder of its own, in which everything that it leaves would be. */
function startDemo(file = DEMO) {
  const tmp = temporaryDirectory();
  const child = spawn(process.execPath, [file], {
    env: { PATH: process.env['PATH'], HOME: tmp, TMPDIR: tmp },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const texts = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (chunk: string) => {
      texts[name] += chunk;
    });
  }
  const ended = once(child, 'close').then(([status]) => ({ status: status as number | null, ...texts }));
  const printed = async (words: string) => {
    while (!texts.stdout.includes(words)) await once(child.stdout, 'data');
  };
  return { tmp, ended, printed, texts, kill: (signal: NodeJS.Signals) => child.kill(signal) };
}

async function expectNothingLeft({ tmp, texts }: ReturnType<typeof startDemo>): Promise<void> {
  expect(readdirSync(tmp)).toEqual([]);
  const ports = [...texts.stdout.matchAll(/http:\/\/127\.0\.0\.1:(\d+)/g)].map(([, port]) => Number(port));
  expect(ports).toHaveLength(2);
  for (const port of ports) expect(await answers(port), `port ${port}`).toBe(false);
}

function answers(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  return new Promise((resolve) => {
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
  }).then((open) => {
    socket.destroy();
    return open as boolean;
  });
}
