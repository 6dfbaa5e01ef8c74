import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };
import { buildIfStale } from '../../scripts/build-if-stale.ts';

const ROOT = join(import.meta.dirname, '..', '..');
let alone: string;

beforeAll(() => {
  buildIfStale();
  alone = mkdtempSync(join(tmpdir(), 'intermission-built-'));
  cpSync(join(ROOT, 'dist'), join(alone, 'dist'), { recursive: true });
  cpSync(join(ROOT, 'package.json'), join(alone, 'package.json'));
}, 120_000);
afterAll(() => rmSync(alone, { recursive: true }));

function builtCli(...argv: string[]) {
  const env = { HOME: alone, INTERMISSION_DATA_DIR: join(alone, 'data') };
  const cli = join(alone, 'dist', 'cli.js');
  const { status, stdout, stderr } = spawnSync(process.execPath, [cli, ...argv], { encoding: 'utf8', env });
  return { status, stdout, stderr };
}

test('every file that package.json names exists, and the command is executable', () => {
  const named = Object.values(manifest.exports).flatMap((entry) =>
    typeof entry === 'string' ? [entry] : Object.values(entry),
  );
  for (const file of [...named, manifest.bin.intermission])
    expect(existsSync(join(alone, file)), file).toBe(true);
  expect(statSync(join(alone, manifest.bin.intermission)).mode & 0o111).toBe(0o111);
});

test('the command works in a folder without node_modules, up to the database', () => {
  expect(builtCli('--version')).toEqual({ status: 0, stdout: `${manifest.version}\n`, stderr: '' });
  expect(builtCli('migrate', '--json')).toMatchObject({ status: 0, stderr: '' });
  expect(builtCli('migrate', '--check')).toMatchObject({ status: 0, stderr: '' });
});

test('the command keeps compiled code in the folder of its user', () => {
  builtCli('--version');
  expect(existsSync(join(alone, '.cache', 'intermission'))).toBe(true);
});

test('the library can be imported by the names of its doors', () => {
  const program = `
    import { Intermission } from 'intermission';
    import { startEmulator } from 'intermission/emulator';
    console.log(typeof Intermission.open, typeof startEmulator);`;
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', program], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  expect({ stdout, stderr }).toEqual({ stdout: 'function function\n', stderr: '' });
});

test('the licences of the packages that are built in are part of it', () => {
  const text = readFileSync(join(alone, 'dist', 'THIRD_PARTY_LICENSES'), 'utf8');
  for (const name of ['commander', '@mikro-orm/core', 'cloudflare', 'fastify', 'zod', 'picocolors']) {
    expect(text).toMatch(new RegExp(`^${name} \\d+\\.\\d+\\.\\d+ \\((MIT|ISC|Apache-2\\.0)\\)$`, 'm'));
  }
});
