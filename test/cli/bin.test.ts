import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { exitOf, startCli } from './process.ts';

const BIN = join(import.meta.dirname, '..', '..', 'src', 'cli', 'bin.ts');

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'intermission-home-'));
});
afterEach(() => rmSync(home, { recursive: true }));

test('prints on the right stream and sets the exit status', async () => {
  const good = await exitOf(startCli(['--version'], { HOME: home }));
  expect(good).toEqual({ status: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/), stderr: '' });
  const bad = await exitOf(startCli(['--nonsense'], { HOME: home }));
  expect(bad).toEqual({ status: 2, stdout: '', stderr: expect.stringContaining('--nonsense') });
});

test('FORCE_COLOR colours a pipe, NO_COLOR and --no-color win over it', async () => {
  const colored = await exitOf(startCli(['--help'], { HOME: home, FORCE_COLOR: '1' }));
  expect(colored.stdout).toContain('\u001b[');
  for (const [argv, env] of [
    [['--help'], { NO_COLOR: '1' }],
    [['--help'], { TERM: 'dumb' }],
    [['--help', '--no-color'], {}],
  ] as const) {
    const { stdout } = await exitOf(startCli(argv, { HOME: home, FORCE_COLOR: '1', ...env }));
    expect(stdout).not.toContain('\u001b[');
  }
});

test('runs where no home folder can be written', async () => {
  const { status } = await exitOf(startCli(['--version'], { HOME: '/dev/null/nowhere' }));
  expect(status).toBe(0);
});

test('a reader that goes away is not an error', () => {
  const script = `"$0" "$1" help exit-codes --json | true; echo "\${PIPESTATUS[0]}"`;
  const { stdout, stderr } = spawnSync('bash', ['-c', script, process.execPath, BIN], { encoding: 'utf8' });
  expect({ stdout, stderr }).toEqual({ stdout: '0\n', stderr: '' });
});

test('an older Node is told in one sentence what is needed', () => {
  const pretend = `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '18.19.0' } });`;
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--input-type=module', '--eval', `${pretend} await import(${JSON.stringify(BIN)});`],
    { encoding: 'utf8' },
  );
  expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
  expect(stderr).toMatch(/^Intermission needs Node\.js 24 or newer; this is Node\.js 18\.19\.0 \(.*\)\.\n$/);
});

test('an older Node can read the file: it imports nothing before the check', () => {
  const source = readFileSync(BIN, 'utf8');
  expect(source).toMatch(/^#!\/usr\/bin\/env node\n/);
  expect(source).not.toMatch(/^import /m);
});
