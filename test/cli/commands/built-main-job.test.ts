import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { buildIfStale } from '../../../scripts/build-if-stale.ts';
import { requestLines } from '../../support/workplace.ts';
import { type CliWorkplace, openCliWorkplace } from '../cli-workplace.ts';
import { type Exit, exitOf } from '../process.ts';

// The main job as a user runs it: the built command line, a process for each command.

const DOMAIN = 'site-1.example';
const CLI = join(import.meta.dirname, '..', '..', '..', 'dist', 'cli.js');

beforeAll(() => buildIfStale(), 120_000);

test('one request closes an apex site, one opens it, and visitors see both', async () => {
  await using place = await openCliWorkplace();
  const enabled = await built(place, 'maintenance', 'enable', DOMAIN, '--no-verify', '--json');
  expect(enabled).toMatchObject({ status: 0, stderr: '' });
  expect(JSON.parse(enabled.stdout)).toMatchObject({
    ok: true,
    results: [{ site: DOMAIN, maintenanceActive: true, calls: 1 }],
  });
  expect(requestLines(place.emulator)).toEqual(['POST /zones/:id/pagerules']);
  expect((await place.emulator.visit(`http://www.${DOMAIN}/shop`)).status).toBe(302);

  place.emulator.clearRequests();
  const disabled = await built(place, 'maintenance', 'disable', DOMAIN, '--json');
  expect(disabled).toMatchObject({ status: 0, stderr: '' });
  expect(JSON.parse(disabled.stdout)).toMatchObject({
    ok: true,
    results: [{ maintenanceActive: false, calls: 1 }],
  });
  expect(requestLines(place.emulator)).toEqual(['DELETE /zones/:id/pagerules/:id']);
  expect((await place.emulator.visit(`http://www.${DOMAIN}/shop`)).status).toBe(200);
});

test('status, list and log tell of it without asking Cloudflare', async () => {
  await using place = await openCliWorkplace();
  await built(place, 'maintenance', 'enable', DOMAIN, '--reason', 'Upgrade');
  place.emulator.clearRequests();
  expect((await built(place, 'maintenance', 'status', DOMAIN)).stdout).toContain(
    `${DOMAIN}: in maintenance\n`,
  );
  expect((await built(place, 'maintenance', 'list')).stdout).toContain('3 sites, 1 in maintenance.\n');
  expect((await built(place, 'log', 'list', DOMAIN)).stdout).toContain('Upgrade');
  expect(place.emulator.requests()).toEqual([]);
});

test('killed while it waits for the reply, it leaves a zone that the next tick puts in order', async () => {
  await using place = await openCliWorkplace();
  const held = place.emulator.hold({ when: 'after', writesOnly: true });
  const child = start(place, ['maintenance', 'enable', DOMAIN]);
  const exit = exitOf(child);
  await held.reached;
  child.kill('SIGKILL');
  await exit;
  await held.release();
  expect(place.emulator.rules(DOMAIN)).toHaveLength(1);

  await until(async () => {
    const { stdout } = await built(place, 'process_scheduled_maintenance', '--dry-run');
    return stdout.includes(`${DOMAIN}: an interrupted enable would be taken back`);
  });
  const tick = await built(place, 'process_scheduled_maintenance');
  expect(tick).toMatchObject({
    status: 0,
    stdout: expect.stringContaining('an interrupted enable was taken back'),
  });
  expect(place.emulator.rules(DOMAIN)).toEqual([]);
});

function start({ env }: CliWorkplace, argv: readonly string[]) {
  const { PATH = '', HOME = '' } = process.env;
  return spawn(process.execPath, [CLI, ...argv], {
    env: { PATH, HOME, ...env, INTERMISSION_LOCK_SECONDS: '1' },
  });
}

function built(place: CliWorkplace, ...argv: string[]): Promise<Exit> {
  const child = start(place, argv);
  child.stdin.end();
  return exitOf(child);
}

/** Asks again until the answer is yes; the test's own time limit ends it. */
async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo()));
}
