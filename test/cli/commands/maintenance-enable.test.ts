import { userInfo } from 'node:os';
import { describe, expect, test } from 'vitest';
import { requestLines } from '../../support/workplace.ts';
import { openCliWorkplace } from '../cli-workplace.ts';

const DOMAIN = 'site-1.example';
const PAGE = `https://docs.djangocfg.com/maintenance?site=${DOMAIN}`;

describe('as text', () => {
  test('says what the site was, what it is, where visitors go and that no end is known', async () => {
    await using place = await openCliWorkplace();
    const { status, stdout, stderr } = await place.cli(
      'maintenance',
      'enable',
      DOMAIN,
      '--reason',
      'Upgrade',
    );
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout.split('\n')).toEqual([
      `${DOMAIN}: open → in maintenance`,
      `Visitors to  ${PAGE}`,
      'Until        somebody reopens it (no end was given)',
      `Held by      manual by ${userInfo().username}: Upgrade (placed just now)`,
      'Engine       page_rules (it was asked for)',
      `Changes      add *${DOMAIN}/* → ${PAGE}`,
      'Proof        none: nobody has looked at what visitors get',
      expect.stringMatching(/^Log {10}\d+ \(1 request, \d+\.\d s\)$/),
      '',
    ]);
    expect((await place.emulator.visit(`http://www.${DOMAIN}/`)).location).toBe(PAGE);
  });

  test('takes the engine that was asked for, and says so', async () => {
    await using place = await openCliWorkplace();
    const { status, stdout } = await place.cli('maintenance', 'enable', DOMAIN, '--engine', 'redirect_rules');
    expect(status).toBe(0);
    expect(stdout).toContain('Engine       redirect_rules (it was asked for)\n');
    expect(place.emulator.redirectRules(DOMAIN)).toHaveLength(1);
    expect(place.emulator.rules(DOMAIN)).toEqual([]);
  });

  test('warns on stderr that nothing runs that would reopen it at its end', async () => {
    await using place = await openCliWorkplace();
    const { status, stdout, stderr } = await place.cli('maintenance', 'enable', DOMAIN, '--for', '30m');
    expect(status).toBe(0);
    expect(stdout).toMatch(/^Until {8}\d{4}-\S+Z \(in (29|30) min\)$/m);
    expect(stderr).toMatch(/^warning: Nothing is running that reopens sites by itself\./);
  });

  test('repeated, says that there was nothing to change, or that it was updated', async () => {
    await using place = await openCliWorkplace();
    await place.cli('maintenance', 'enable', DOMAIN);
    const same = await place.cli('maintenance', 'enable', DOMAIN);
    expect(same.stdout).toMatch(new RegExp(`^${DOMAIN}: in maintenance already, nothing to change\n`));
    const other = await place.cli('maintenance', 'enable', DOMAIN, '--url', 'https://status.example.net/');
    expect(other.stdout).toMatch(new RegExp(`^${DOMAIN}: in maintenance already, updated\n`));
    expect(other.stdout).toContain('Visitors to  https://status.example.net/\n');
  });

  test('a refusal says that the site is still open, why, what to do, and where it is logged', async () => {
    await using place = await openCliWorkplace();
    const { status, stdout, stderr } = await place.cli(
      ...['maintenance', 'enable', DOMAIN, '--url', `https://www.${DOMAIN}/down`],
    );
    expect(status).toBe(6);
    expect(stdout).toMatch(new RegExp(`^${DOMAIN}: still open\nLog  \\d+ `));
    expect(stderr).toMatch(
      /^error: .*sent in a circle.*\(redirect_loop\)\n {2}Use a maintenance page on a host/,
    );
    expect(place.emulator.rules(DOMAIN)).toEqual([]);
  });
});

describe('as JSON', () => {
  test('is one row about the site', async () => {
    await using place = await openCliWorkplace();
    const { status, document } = await place.json(
      'maintenance',
      'enable',
      `${DOMAIN.toUpperCase()}.`,
      '--no-verify',
    );
    expect(status).toBe(0);
    expect(document).toMatchObject({
      ok: true,
      command: 'maintenance enable',
      summary: { total: 1, changed: 1, failed: 0, calls: 1 },
      warnings: [],
      error: null,
      results: [
        {
          site: DOMAIN,
          action: 'enable',
          changed: true,
          maintenanceActive: true,
          url: PAGE,
          until: null,
          engine: 'page_rules',
          changes: [{ kind: 'create', pattern: `*${DOMAIN}/*` }],
          holds: [{ name: 'manual', reason: 'Maintenance via CLI', actor: userInfo().username }],
          calls: 1,
          logId: expect.any(Number),
          durationSeconds: expect.any(Number),
          error: null,
        },
      ],
    });
    const log = await place.app.logs.get({ id: document.results[0].logId });
    expect(log).toMatchObject({ actor: userInfo().username, source: 'cli', reason: 'Maintenance via CLI' });
  });

  test('a repetition has changed nothing; another message has', async () => {
    await using place = await openCliWorkplace();
    await place.json('maintenance', 'enable', DOMAIN);
    const changed = async (...options: string[]) =>
      (await place.json('maintenance', 'enable', DOMAIN, ...options)).document.results[0].changed;
    expect(await changed()).toBe(false);
    expect(await changed('--message', 'Back soon')).toBe(true);
  });

  test('a failure carries error, state and log row; what was done is undone', async () => {
    await using place = await openCliWorkplace({ emulator: { zones: [{ name: DOMAIN, pageRuleQuota: 1 }] } });
    await place.app.sites.update({ domain: DOMAIN }, { includeSubdomains: false, subdomainList: 'api' });
    const { status, document } = await place.json('maintenance', 'enable', DOMAIN);
    expect(status).toBe(6);
    expect(document).toMatchObject({
      ok: false,
      summary: { changed: 0, failed: 1 },
      error: { code: 'quota_exceeded' },
    });
    const [row] = document.results;
    expect(row).toMatchObject({
      changed: false,
      maintenanceActive: false,
      changes: [],
      error: { code: 'quota_exceeded' },
    });
    expect(await place.app.logs.get({ id: row.logId })).toMatchObject({ status: 'failed' });
    expect(place.emulator.rules(DOMAIN)).toEqual([]);
  });
});

describe('--dry-run', () => {
  test('shows the plan, writes nothing and leaves no log row', async () => {
    await using place = await openCliWorkplace();
    const before = await place.app.logs.filter({}).count();
    const { status, stdout } = await place.cli('maintenance', 'enable', DOMAIN, '--dry-run');
    expect(status).toBe(0);
    expect(stdout).toContain(`${DOMAIN}: open → in maintenance (planned, nothing is changed yet)\n`);
    expect(stdout).toMatch(/^Engine {7}page_rules \(/m);
    expect(stdout).toContain(`Changes      add *${DOMAIN}/* → ${PAGE}\nRequests     at least 1\n`);
    expect(requestLines(place.emulator)).toEqual([
      'GET /zones/:id/pagerules',
      'GET /zones/:id/rulesets/phases/http_request_dynamic_redirect/entrypoint',
    ]);
    expect(await place.app.logs.filter({}).count()).toBe(before);

    const { document } = await place.json('maintenance', 'enable', DOMAIN, '--dry-run');
    expect(document).toMatchObject({
      ok: true,
      summary: { changed: 0, dryRun: true },
      results: [
        { changed: false, maintenanceActive: false, planned: { maintenanceActive: true }, logId: null },
      ],
    });
  });

  test('says which rule of the user is written over', async () => {
    await using place = await openCliWorkplace();
    const { id } = place.emulator.addRule(DOMAIN, {
      pattern: `*${DOMAIN}/*`,
      actions: [{ id: 'cache_level', value: 'bypass' }],
    });
    const { stdout } = await place.cli('maintenance', 'enable', DOMAIN, '--dry-run');
    expect(stdout).toContain(`write over the rule ${id}`);
    expect(stdout).toContain('it is saved and put back');
  });

  test('a plan that is refused is an error', async () => {
    await using place = await openCliWorkplace();
    place.emulator.addRule(DOMAIN, { pattern: `*${DOMAIN}/*`, forwardTo: 'https://old.example.net/' });
    const { status, document } = await place.json('maintenance', 'enable', DOMAIN, '--dry-run');
    expect({ status, code: document.error?.code }).toEqual({ status: 6, code: 'rule_conflict' });
  });
});

describe('at a terminal', () => {
  test('asks why, shows the plan, asks, and does what was shown', async () => {
    await using place = await openCliWorkplace();
    const { status, stdout, stderr } = await place.atTerminal(
      ['maintenance', 'enable', DOMAIN, '--for', '1h'],
      [
        { question: 'Reason', keys: 'Database upgrade\r' },
        { question: `Close ${DOMAIN}?`, keys: 'y' },
      ],
    );
    expect(status).toBe(0);
    expect(stderr).toContain(`${DOMAIN}: open → in maintenance (planned, nothing is changed yet)`);
    expect(stderr).toContain(`Changes      add *${DOMAIN}/*`);
    expect(stderr).toContain('warning: Nothing is running');
    expect(stdout).toMatch(new RegExp(`^${DOMAIN}: open → in maintenance\n`));
    expect(stdout).toContain(': Database upgrade (');
  });

  test('an empty reason is the usual one', async () => {
    await using place = await openCliWorkplace();
    const { stdout } = await place.atTerminal(
      ['maintenance', 'enable', DOMAIN],
      [
        { question: 'Reason', keys: '\r' },
        { question: `Close ${DOMAIN}?`, keys: 'y' },
      ],
    );
    expect(stdout).toContain(': Maintenance via CLI (');
  });

  test('the answer no changes nothing and exits 6', async () => {
    await using place = await openCliWorkplace();
    const { status, stdout, stderr } = await place.atTerminal(
      ['maintenance', 'enable', DOMAIN, '--reason', 'x'],
      [{ question: `Close ${DOMAIN}?`, keys: 'n' }],
    );
    expect({ status, stdout }).toEqual({ status: 6, stdout: '' });
    expect(stderr).toContain('(cancelled)');
    expect(place.emulator.rules(DOMAIN)).toEqual([]);
    expect(await place.app.logs.forDomain(DOMAIN).count()).toBe(0);
  });

  test('a zone that changed while the question stood is not touched', async () => {
    await using place = await openCliWorkplace();
    const foreign = { pattern: `*${DOMAIN}/*`, actions: [{ id: 'cache_level', value: 'bypass' }] };
    const { status, stderr } = await place.atTerminal(
      ['maintenance', 'enable', DOMAIN, '--reason', 'x'],
      [{ question: `Close ${DOMAIN}?`, keys: 'y', first: () => place.emulator.addRule(DOMAIN, foreign) }],
    );
    expect(status).toBe(6);
    expect(stderr).toContain('(rule_conflict)');
    expect(place.emulator.rules(DOMAIN)).toMatchObject([{ actions: foreign.actions }]);
  });

  test('a plan that writes over a rule of the user is carried out as shown', async () => {
    await using place = await openCliWorkplace();
    const actions = [{ id: 'cache_level', value: 'bypass' }];
    place.emulator.addRule(DOMAIN, { pattern: `*${DOMAIN}/*`, actions });
    const { status, stderr } = await place.atTerminal(
      ['maintenance', 'enable', DOMAIN, '--reason', 'x'],
      [{ question: `Close ${DOMAIN}?`, keys: 'y' }],
    );
    expect(stderr).toContain('write over the rule');
    expect(status).toBe(0);
    expect((await place.emulator.visit(`http://${DOMAIN}/`)).location).toBe(PAGE);
    await place.cli('maintenance', 'disable', DOMAIN);
    expect(place.emulator.rules(DOMAIN)).toMatchObject([{ actions }]);
  });

  test('--yes asks nothing and reads no plan', async () => {
    await using place = await openCliWorkplace();
    const { status, stderr } = await place.atTerminal(['maintenance', 'enable', DOMAIN, '--yes'], []);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(requestLines(place.emulator)).toEqual(['POST /zones/:id/pagerules']);
  });
});

describe('what cannot be accepted changes nothing', () => {
  test.each([
    ['two ends', ['--for', '1h', '--until', '2099-01-01T00:00:00Z'], 2, 'usage', '--for and --until'],
    ['a time-out of nothing', ['--timeout', '0s'], 2, 'validation_failed', '--timeout: '],
    ['an end in the past', ['--until', '2001-01-01T00:00:00Z'], 2, 'validation_failed', 'in the past'],
    ['an end in a lifetime', ['--until', '2099-01-01T00:00:00Z'], 2, 'validation_failed', 'days ahead'],
    ['a duration in words', ['--for', 'soon'], 2, 'validation_failed', '--for: "soon"'],
    ['a relative URL', ['--url', '/down'], 2, 'validation_failed', '--url: '],
    ['a URL with $1', ['--url', 'https://status.example.net/$1'], 2, 'validation_failed', '--url: '],
    ['the name of a window', ['--hold', 'window:3'], 2, 'validation_failed', '--hold: '],
    ['an engine that is not there', ['--engine', 'workers'], 2, 'validation_failed', '--engine: '],
    ['another answer than ours or theirs', ['--existing', 'mine'], 2, 'validation_failed', '--existing: '],
    [
      'a reason of a megabyte',
      ['--reason', 'x'.repeat(1_000_000)],
      2,
      'validation_failed',
      '1000000 characters',
    ],
  ])('%s', async (_, options, exit, code, message) => {
    await using place = await openCliWorkplace();
    const { status, document } = await place.json('maintenance', 'enable', DOMAIN, ...options);
    expect(status).toBe(exit);
    expect(document.error).toMatchObject({ code, message: expect.stringContaining(message) });
    expect(document.error?.hint).toBeTruthy();
    expect(requestLines(place.emulator)).toEqual([]);
    await expect(place.app.sites.inMaintenance().count()).resolves.toBe(0);
  });

  test('a domain that is not known, with those that are spelt alike', async () => {
    await using place = await openCliWorkplace();
    const { status, document } = await place.json('maintenance', 'enable', 'site-11.example');
    expect(status).toBe(1);
    expect(document.error).toMatchObject({
      code: 'not_found',
      hint: expect.stringContaining('site-1.example'),
    });
  });

  test('what is no domain', async () => {
    await using place = await openCliWorkplace();
    const { status, document } = await place.json('maintenance', 'enable', 'https://site-1.example/');
    expect(status).toBe(2);
    expect(document.error).toMatchObject({
      code: 'validation_failed',
      message: expect.stringContaining('<domain>'),
    });
  });
});

test('repeated, keeps reason, end and URL that are not given again; an empty value clears them', async () => {
  await using place = await openCliWorkplace();
  const url = 'https://status.example.net/';
  const first = ['maintenance', 'enable', DOMAIN, '--for', '1h', '--url', url, '--reason', 'Upgrade'];
  await place.cli(...first);
  const kept = await place.json('maintenance', 'enable', DOMAIN);
  expect(kept.document.results[0]).toMatchObject({
    url,
    until: expect.any(String),
    holds: [{ reason: 'Upgrade' }],
  });
  const cleared = await place.json('maintenance', 'enable', DOMAIN, '--for', '', '--url', '');
  expect(cleared.document.results[0]).toMatchObject({
    url: expect.stringContaining('docs.djangocfg.com'),
    until: null,
  });
});
