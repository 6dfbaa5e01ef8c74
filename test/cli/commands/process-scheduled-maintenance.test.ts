import { expect, test } from 'vitest';
import { type CliWorkplace, openCliWorkplace } from '../cli-workplace.ts';

const DOMAIN = 'site-1.example';
const OTHER = 'site-2.example';
const HOUR = 3_600_000;
const TICK = 'process_scheduled_maintenance';

test('says that nothing is due, and leaves a sign of life', async () => {
  await using place = await openCliWorkplace();
  expect(await place.cli(TICK)).toEqual({ status: 0, stdout: 'Nothing is due.\n', stderr: '' });
  const { document } = await place.json('maintenance', 'enable', DOMAIN, '--for', '1h');
  expect(document.warnings).toEqual([]);
});

test('reopens a site whose end has come', async () => {
  await using place = await openCliWorkplace();
  await closeInThePast(place, DOMAIN);
  const { status, document } = await place.json('process-scheduled-maintenance');
  expect(status).toBe(0);
  expect(document.command).toBe(TICK);
  expect(document.summary).toMatchObject({ total: 1, recovered: 0, ended: 1, failed: 0 });
  expect(document.results).toMatchObject([
    { site: DOMAIN, action: 'end', changed: true, maintenanceActive: false, error: null },
  ]);
  expect(place.emulator.rules(DOMAIN)).toEqual([]);
  const log = await place.cli('log', 'show', String(document.results[0].logId));
  expect(log.stdout).toContain('Holds      manual released by its end\n');
});

test('keeps a site closed that somebody else holds', async () => {
  await using place = await openCliWorkplace();
  await closeInThePast(place, DOMAIN);
  await place.cli('maintenance', 'enable', DOMAIN, '--hold', 'deploy-7');
  await closeInThePast(place, OTHER);
  const { status, stdout } = await place.cli(TICK);
  expect(status).toBe(0);
  expect(stdout).toContain(`${OTHER}: in maintenance → open. Ended: manual (log `);
  expect(place.emulator.rules(DOMAIN)).toHaveLength(1);
});

test('repairs what was interrupted', async () => {
  await using place = await openCliWorkplace({ app: { maxRetries: 0 } });
  await interruptEnable(place);
  const { status, stdout } = await place.cli(TICK);
  expect(status).toBe(0);
  expect(stdout).toMatch(new RegExp(`^${DOMAIN}: an interrupted enable was taken back \\(log \\d+\\)\n$`));
  expect(place.emulator.rules(DOMAIN)).toEqual([]);
  expect(await place.app.logs.pending().count()).toBe(0);
});

test('one site that fails does not stop the others: exit 3, with its error', async () => {
  await using place = await openCliWorkplace();
  await closeInThePast(place, DOMAIN);
  await closeInThePast(place, OTHER);
  const [rule] = place.emulator.rules(DOMAIN);
  place.emulator.addFault({
    kind: 'refuse',
    method: 'DELETE',
    path: `/pagerules/${rule?.id}`,
    status: 403,
    code: 10000,
    message: 'not you',
  });
  const { status, stdout, stderr } = await place.cli(TICK);
  expect(status).toBe(3);
  expect(stdout).toMatch(new RegExp(`^${OTHER}: in maintenance → open`));
  expect(stderr).toMatch(new RegExp(`^error: ${DOMAIN}: .*\\(api_permission_denied\\)`));
  expect(place.emulator.rules(DOMAIN)).toHaveLength(1);
});

test('--dry-run shows what is due and does nothing', async () => {
  await using place = await openCliWorkplace({ app: { maxRetries: 0 } });
  await interruptEnable(place);
  await closeInThePast(place, OTHER);
  place.emulator.clearRequests();
  const { status, stdout } = await place.cli(TICK, '--dry-run');
  expect(status).toBe(0);
  expect(stdout).toMatch(
    new RegExp(`^${DOMAIN}: an interrupted enable would be taken back \\(log \\d+\\)$`, 'm'),
  );
  expect(stdout).toMatch(new RegExp(`^${OTHER}: the hold manual would be released: it ended \\S+Z$`, 'm'));
  const { document } = await place.json(TICK, '--dry-run');
  expect(document.summary).toMatchObject({ total: 2, recovered: 1, ended: 1, failed: 0, dryRun: true });
  expect(place.emulator.requests()).toEqual([]);
  expect(await place.app.logs.pending().count()).toBe(1);
});

/** Closes the site two hours ago for one hour. */
async function closeInThePast(place: CliWorkplace, domain: string): Promise<void> {
  const then = new Date(Date.now() - 2 * HOUR);
  await using earlier = await place.openAgain({ clock: { now: () => then } });
  await earlier.enableMaintenanceForDomain(domain, 'x', { until: new Date(then.getTime() + HOUR) });
}

/** The rule is made, its reply is lost, and Cloudflare is away when it should be taken back. */
async function interruptEnable(place: CliWorkplace): Promise<void> {
  place.emulator.addFault({ kind: 'dropReply', method: 'POST', nth: 1 });
  const away = {
    kind: 'serverError',
    method: 'GET',
    status: 503,
    code: 0,
    message: 'away',
    when: 'before',
  } as const;
  place.emulator.addFault(away);
  await place.app.enableMaintenanceForDomain(DOMAIN, 'x').catch(() => {});
  place.emulator.clearFaults();
  expect(await place.app.logs.pending().count()).toBe(1);
}
