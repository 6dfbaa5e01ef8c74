import { describe, expect, test } from 'vitest';
import { type CliWorkplace, openCliWorkplace } from '../cli-workplace.ts';

const DOMAIN = 'site-1.example';

/** Closed with a long reason, a refused attempt at another site, reopened. */
async function withHistory(): Promise<CliWorkplace> {
  const place = await openCliWorkplace();
  await place.cli('maintenance', 'enable', DOMAIN, '--reason', 'Database upgrade', '--message', 'Back soon');
  await place.cli('maintenance', 'enable', 'site-2.example', '--url', 'https://site-2.example/');
  await place.cli('maintenance', 'disable', DOMAIN);
  return place;
}

describe('log list', () => {
  test('shows the newest first: time, site, action, status, how long, who and why', async () => {
    await using place = await withHistory();
    const { status, stdout } = await place.cli('log', 'list', '--limit', '3');
    expect(status).toBe(0);
    const lines = stdout.split('\n');
    expect(lines[0]).toMatch(/^Log +Time +Site +Action +Status +Took +By +Why$/);
    expect(lines[1]).toMatch(
      /^ *\d+ +\S+Z +site-1\.example +disable +success +\d+\.\d s +\S+ +Maintenance via CLI$/,
    );
    expect(lines[2]).toMatch(/site-2\.example +enable +failed .* redirect_loop; Maintenance via CLI$/);
    expect(lines[3]).toMatch(/site-1\.example +enable +success .* Database upgrade$/);
    expect(lines[4]).toMatch(/^The newest 3 of \d+; see more with --limit\.$/);
  });

  test.each([
    [[DOMAIN], ['disable', 'enable']],
    [['SITE-1.example.', '--action', 'enable'], ['enable']],
    [['--status', 'failed'], ['enable']],
    [['--search', 'UPGRADE'], ['enable']],
    [
      [DOMAIN, '--since', '1h'],
      ['disable', 'enable'],
    ],
    [[DOMAIN, '--since', '2999-01-01T00:00:00Z'], []],
    [['--status', 'pending'], []],
  ])('%j', async (options, actions) => {
    await using place = await withHistory();
    const { status, document } = await place.json('log', 'list', ...options);
    expect(status).toBe(0);
    expect(document.results.map(({ action }) => action)).toEqual(actions);
    expect(document.summary).toEqual({ total: actions.length, shown: actions.length });
  });

  test('a row in JSON says who, when and what came of it', async () => {
    await using place = await withHistory();
    const { document } = await place.json('log', 'list', '--status', 'failed');
    expect(document.results).toMatchObject([
      {
        id: expect.any(Number),
        site: 'site-2.example',
        status: 'failed',
        source: 'cli',
        errorCode: 'redirect_loop',
        errorMessage: expect.stringContaining('circle'),
        durationSeconds: expect.any(Number),
        createdAt: expect.stringMatching(/Z$/),
        finishedAt: expect.stringMatching(/Z$/),
      },
    ]);
  });

  test('a known site without rows is an empty log, a removed one keeps its rows, an unknown one is not found', async () => {
    await using place = await withHistory();
    expect((await place.cli('log', 'list', 'site-3.example')).stdout).toBe('Nothing in the log.\n');
    await place.app.sites.remove({ domain: DOMAIN });
    expect((await place.json('log', 'list', DOMAIN)).document.results.length).toBeGreaterThan(1);
    const unknown = await place.json('log', 'list', 'site-33.example');
    expect(unknown.status).toBe(1);
    expect(unknown.document.error).toMatchObject({
      code: 'not_found',
      hint: expect.stringContaining('site-3'),
    });
  });

  test.each([
    ['--since', 'yesterday', 'is neither a time nor a duration'],
    ['--since', '2026-01-01T00:00:00', 'has no time zone'],
    ['--action', 'open', 'is not one of the possible values'],
    ['--limit', '0', 'is not a whole number'],
  ])('%s %s is refused', async (name, value, problem) => {
    await using place = await openCliWorkplace();
    const { status, document } = await place.json('log', 'list', name, value);
    expect(status).toBe(2);
    expect(document.error?.message).toContain(`${name}: "${value}" ${problem}`);
  });
});

describe('log show', () => {
  test('shows what was asked for, planned and changed', async () => {
    await using place = await withHistory();
    const [enabled] = (await place.json('log', 'list', DOMAIN, '--action', 'enable')).document.results;
    const { status, stdout } = await place.cli('log', 'show', String(enabled.id));
    expect(status).toBe(0);
    expect(stdout).toContain(`Log ${enabled.id}: enable ${DOMAIN}, success\n`);
    expect(stdout).toMatch(/^Reason {7}Database upgrade$/m);
    expect(stdout).toMatch(/^Asked for {4}hold manual, message "Back soon"$/m);
    expect(stdout).toMatch(/^Changes {6}add \*site-1\.example\/\* → https/m);
    expect(stdout).toMatch(/^Requests {5}1$/m);
    expect(stdout).toMatch(/^State {8}open → in maintenance$/m);
    expect(stdout).toMatch(/^Holds {8}manual placed, no end$/m);
  });

  test('shows what was undone and what Cloudflare answered', async () => {
    await using place = await openCliWorkplace();
    await place.app.sites.update({ domain: DOMAIN }, { includeSubdomains: false, subdomainList: 'api' });
    place.emulator.addFault({
      kind: 'refuse',
      method: 'POST',
      nth: 2,
      status: 403,
      code: 10000,
      message: 'not you',
    });
    const failed = await place.json('maintenance', 'enable', DOMAIN);
    expect(failed.status).toBe(4);
    const id = String(failed.document.results[0].logId);
    const { stdout } = await place.cli('log', 'show', id);
    expect(stdout).toMatch(/^Planned {6}add site-1\.example\/\* → .*\n {13}add api\.site-1\.example\/\* → /m);
    expect(stdout).toMatch(/^Undone {7}remove our rule site-1\.example\/\*$/m);
    expect(stdout).toMatch(/^Cloudflare {3}HTTP 403\n {13}10000 not you$/m);
    const { document } = await place.json('log', 'show', id);
    expect(document.results).toMatchObject([
      { plan: { undone: [{ kind: 'delete' }] }, cloudflareResponse: { status: 403, codes: [10000] } },
    ]);
  });

  test('shows an edit field by field', async () => {
    await using place = await openCliWorkplace();
    await place.app.sites.update({ domain: DOMAIN }, { maintenanceUrl: 'https://status.example.net/' });
    const [edited] = (await place.json('log', 'list', DOMAIN, '--action', 'configure')).document.results;
    const { stdout } = await place.cli('log', 'show', String(edited.id));
    expect(stdout).toContain('maintenanceUrl: nothing → "https://status.example.net/"\n');
  });

  test('an unknown row is not found, and what is no number is refused', async () => {
    await using place = await openCliWorkplace();
    expect((await place.cli('log', 'show', '4711')).status).toBe(1);
    expect((await place.cli('log', 'show', 'last')).status).toBe(2);
  });
});

describe('log stats', () => {
  test('counts, rates and averages', async () => {
    await using place = await withHistory();
    const { status, document } = await place.json('log', 'stats', '--days', '7');
    expect(status).toBe(0);
    const [stats] = document.results;
    const total = await place.app.logs.filter({}).count();
    expect(stats).toMatchObject({ days: 7, total, successful: total - 1, failed: 1, pending: 0 });
    expect(stats.successRate).toBeCloseTo(((total - 1) / total) * 100);
    expect(stats.avgDuration).toBeGreaterThan(0);
    const { stdout } = await place.cli('log', 'stats');
    expect(stdout).toMatch(
      new RegExp(`^${total} log rows in the last 30 days\nSuccessful {4}${total - 1}\nFailed {8}1\n`),
    );
    expect(stdout).toMatch(/^Success rate {2}\d+\.\d %\nAverage time {2}\d+\.\d s$/m);
  });
});
