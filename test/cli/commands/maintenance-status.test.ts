import { expect, test } from 'vitest';
import { openCliWorkplace } from '../cli-workplace.ts';

const DOMAIN = 'site-1.example';
const HOUR = 3_600_000;

test('an open site is open, with exit 0 and no request', async () => {
  await using place = await openCliWorkplace();
  expect(await place.cli('maintenance', 'status', DOMAIN)).toEqual({
    status: 0,
    stdout: `${DOMAIN}: open\n`,
    stderr: '',
  });
  expect(place.emulator.requests()).toEqual([]);
});

test('a closed site shows where visitors go, the message, since and until when, and every hold', async () => {
  await using place = await openCliWorkplace();
  await place.cli('maintenance', 'enable', DOMAIN, '--hold', 'deploy-7', '--reason', 'Deploy', '--for', '1h');
  await place.cli('maintenance', 'enable', DOMAIN, '--message', 'Back soon', '--until', soon(2 * HOUR));
  const { status, stdout } = await place.cli('maintenance', 'status', DOMAIN);
  expect(status).toBe(0);
  expect(stdout).toMatch(/^Visitors to {2}https:\/\/docs\.djangocfg\.com/m);
  expect(stdout).toMatch(/^Message {6}Back soon$/m);
  expect(stdout).toMatch(/^Since {8}\S+Z \(/m);
  expect(stdout).toMatch(/^Until {8}\S+Z \(in 1 h\)$/m);
  expect(stdout).toMatch(
    /^Held by {6}deploy-7 by .*: Deploy \(placed .*, until \S+Z\)\n {13}manual by .*\)$/m,
  );

  const { document } = await place.json('maintenance', 'status', `${DOMAIN}.`);
  expect(document).toMatchObject({ ok: true, summary: { total: 1, inMaintenance: 1 } });
  expect(document.results).toMatchObject([
    {
      site: DOMAIN,
      maintenanceActive: true,
      intended: 'maintenance',
      message: 'Back soon',
      since: expect.stringMatching(/Z$/),
      until: expect.stringMatching(/Z$/),
      holds: [{ name: 'deploy-7' }, { name: 'manual' }],
      unrestored: [],
    },
  ]);
});

test('a site whose end has come says that nothing has reopened it yet', async () => {
  await using place = await openCliWorkplace();
  await closeInThePast(place);
  const { stdout } = await place.cli('maintenance', 'status', DOMAIN);
  expect(stdout).toContain(`${DOMAIN}: in maintenance\n`);
  expect(stdout).toContain('its end has come; run intermission process_scheduled_maintenance');
});

test('without a domain it shows what is closed, and how many are', async () => {
  await using place = await openCliWorkplace();
  await place.cli('maintenance', 'enable', 'site-2.example');
  const { stdout } = await place.cli('maintenance', 'status');
  expect(stdout).toMatch(/^site-2\.example: in maintenance\n/);
  expect(stdout).not.toContain('site-1.example');
  expect(stdout).toMatch(/\n\n1 of 3 sites in maintenance\.\n$/);
  const { document } = await place.json('maintenance', 'status');
  expect(document.summary).toEqual({ total: 3, inMaintenance: 1 });
  expect(document.results.map(({ site, intended }) => [site, intended])).toEqual([
    ['site-1.example', 'open'],
    ['site-2.example', 'maintenance'],
    ['site-3.example', 'open'],
  ]);
});

test('a site that could not be opened wholly is not shown as plainly open', async () => {
  await using place = await openCliWorkplace({ emulator: { plan: 'pro' } });
  await place.app.sites.update({ domain: DOMAIN }, { includeSubdomains: false, subdomainList: 'api' });
  const refusing = { kind: 'refuse', status: 400, code: 1004, message: 'no' } as const;
  for (const nth of [2, 3]) place.emulator.addFault({ ...refusing, method: 'POST', nth });
  place.emulator.addFault({ ...refusing, method: 'DELETE' });
  await place.cli('maintenance', 'enable', DOMAIN);
  const [left] = place.emulator.rules(DOMAIN);
  const { stdout } = await place.cli('maintenance', 'status', DOMAIN);
  expect(stdout).toContain(`${DOMAIN}: open, but rules of ours are still at Cloudflare\n`);
  expect(stdout).toContain(`Still there  rule ${left?.id}: ${DOMAIN}/* → https://`);
  expect((await place.cli('maintenance', 'status')).stdout).toContain(stdout.split('\n')[0]);
  const { document } = await place.json('maintenance', 'status', DOMAIN);
  expect(document.results).toMatchObject([{ maintenanceActive: false, leftRules: [{ id: left?.id }] }]);
});

test('an unknown site is not found', async () => {
  await using place = await openCliWorkplace();
  const { status, stderr } = await place.cli('maintenance', 'status', 'site-9.example');
  expect(status).toBe(1);
  expect(stderr).toContain('Did you mean site-1.example');
});

function soon(milliseconds: number): string {
  return new Date(Date.now() + milliseconds).toISOString();
}

/** Closes the site two hours ago for one hour. */
async function closeInThePast(place: Awaited<ReturnType<typeof openCliWorkplace>>): Promise<void> {
  const then = new Date(Date.now() - 2 * HOUR);
  await using earlier = await place.openAgain({ clock: { now: () => then } });
  await earlier.enableMaintenanceForDomain(DOMAIN, 'x', { until: new Date(then.getTime() + HOUR) });
}

test('an interrupted enable is told by status, list and site show, though the site is recorded as open', async () => {
  await using place = await openCliWorkplace();
  const lost = { ...place.env, INTERMISSION_MAX_RETRIES: '0' };
  place.emulator.addFault({ kind: 'dropReply', method: 'POST', nth: 1 });
  place.emulator.addFault({ kind: 'serverError', method: 'GET', status: 503 });
  const { stdout: ended } = await place.cliWith(lost, 'maintenance', 'enable', 'site-1.example');
  expect(ended).toMatch(/^site-1\.example: recorded as open; what Cloudflare has is not known for sure\n/);
  place.emulator.clearFaults();
  place.emulator.clearRequests();

  const said = /^Operation {2,}An enable was interrupted \(log \d+, begun .*\)\.$/m;
  const status = await place.cli('maintenance', 'status', 'site-1.example');
  expect(status.stdout).toMatch(/^site-1\.example: open, but enable interrupted\n/);
  expect(status.stdout).toMatch(said);
  expect(status.stdout).toMatch(/^To settle {2,}intermission process_scheduled_maintenance$/m);
  expect((await place.cli('maintenance', 'status')).stdout).toMatch(said);
  expect((await place.cli('maintenance', 'list')).stdout).toMatch(
    /^site-1\.example {2,}open, enable interrupted/m,
  );
  const shown = await place.cli('site', 'show', 'site-1.example');
  expect(shown.stdout).toMatch(/^State {2,}open, enable interrupted$/m);
  expect(shown.stdout).toMatch(said);
  for (const command of [
    ['maintenance', 'status'],
    ['maintenance', 'list'],
    ['site', 'show', 'site-1.example'],
  ]) {
    const { document } = await place.json(...command);
    expect(document.results[0]).toMatchObject({ operations: [{ action: 'enable', running: false }] });
  }
  expect(place.emulator.requests()).toEqual([]);
});
