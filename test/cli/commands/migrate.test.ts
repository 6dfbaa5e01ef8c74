import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { run } from '../../../src/cli/run.ts';
import { memoryIo } from '../memory-io.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'intermission-migrate-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

async function cli(...argv: string[]) {
  const io = memoryIo();
  const environment = { INTERMISSION_DATA_DIR: folder };
  const status = await run(argv, {
    io,
    signal: new AbortController().signal,
    colorWish: 'never',
    environment,
  });
  return { status, stdout: io.stdoutText(), stderr: io.stderrText() };
}

test('--check fails before, creates nothing, and passes after', async () => {
  const before = await cli('migrate', '--check', '--json');
  expect(before.status).toBe(1);
  const document = JSON.parse(before.stdout);
  expect(document).toMatchObject({ ok: false, summary: { applied: 0 }, error: { code: 'schema_outdated' } });
  expect(document.results).toHaveLength(document.summary.pending);
  expect(existsSync(join(folder, 'intermission.db'))).toBe(false);

  expect((await cli('migrate')).status).toBe(0);
  const after = await cli('migrate', '--check', '--json');
  expect(after.status).toBe(0);
  expect(JSON.parse(after.stdout)).toMatchObject({
    ok: true,
    summary: { applied: 0, pending: 0 },
    results: [],
  });
});

test('--dry-run shows what is pending, changes nothing and is no failure', async () => {
  const { status, stdout, stderr } = await cli('migrate', '--dry-run');
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(stdout).toMatch(/^ {2}pending {2}\w/m);
  expect(existsSync(join(folder, 'intermission.db'))).toBe(false);
});

test('a second run says that there is nothing to do', async () => {
  expect((await cli('migrate')).stdout).toMatch(/^ {2}applied {2}\w/m);
  expect(await cli('migrate')).toEqual({
    status: 0,
    stdout: `${join(folder, 'intermission.db')} is up to date.\n`,
    stderr: '',
  });
});

test('a faulty configuration is refused with every fault', async () => {
  const io = memoryIo();
  const environment = { DATABASE_URL: 'mysql://x', INTERMISSION_MAX_RETRIES: '99' };
  const options = { io, signal: new AbortController().signal, colorWish: 'never' as const, environment };
  expect(await run(['migrate', '--json'], options)).toBe(2);
  const { error } = JSON.parse(io.stdoutText());
  expect(error.code).toBe('validation_failed');
  expect(error.message).toMatch(/DATABASE_URL.*INTERMISSION_MAX_RETRIES/);
});
