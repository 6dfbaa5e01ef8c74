import { userInfo } from 'node:os';
import { describe, expect, test } from 'vitest';
import { requestLines } from '../../support/workplace.ts';
import { openCliWorkplace } from '../cli-workplace.ts';

const DOMAIN = 'site-1.example';

test('reopens a site, says so and names in the log who did it', async () => {
  await using place = await openCliWorkplace();
  await place.cli('maintenance', 'enable', DOMAIN);
  const { status, stdout, stderr } = await place.cli(
    'maintenance',
    'disable',
    DOMAIN,
    '--reason',
    'All well',
  );
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(stdout).toMatch(
    new RegExp(
      `^${DOMAIN}: in maintenance → open\nChanges  remove our rule \\*${DOMAIN}/\\*\nProof {4}none: nobody has looked .*\nLog {6}\\d+ \\(1 request`,
    ),
  );
  expect((await place.emulator.visit(`http://${DOMAIN}/`)).status).toBe(200);
  expect(await place.app.logs.filter({ action: 'disable' }).first()).toMatchObject({
    reason: 'All well',
    actor: userInfo().username,
    source: 'cli',
  });
});

test('a site that is open already is success without a change', async () => {
  await using place = await openCliWorkplace();
  const { status, document } = await place.json('maintenance', 'disable', DOMAIN);
  expect(status).toBe(0);
  expect(document).toMatchObject({ ok: true, summary: { changed: 0 } });
  expect(document.results).toMatchObject([
    { action: 'disable', changed: false, maintenanceActive: false, url: null },
  ]);
  expect((await place.cli('maintenance', 'disable', DOMAIN)).stdout).toMatch(
    /open already, nothing to change\n/,
  );
});

describe('while somebody else holds it', () => {
  const hold = ['--hold', 'deploy-7', '--reason', 'Deploy 7', '--for', '2h'];

  test('it stays closed, and holder, reason, since and until are named', async () => {
    await using place = await openCliWorkplace();
    await place.cli('maintenance', 'enable', DOMAIN, ...hold);
    await place.cli('maintenance', 'enable', DOMAIN);
    const { status, stdout, stderr } = await place.cli('maintenance', 'disable', DOMAIN);
    expect(status).toBe(6);
    expect(stdout).toMatch(new RegExp(`^${DOMAIN}: still in maintenance\n`));
    expect(stdout).toContain(`Held by      deploy-7 by ${userInfo().username}: Deploy 7 (placed `);
    expect(stderr).toMatch(/deploy-7 \(.*Deploy 7, since \d{4}-.*, until \d{4}-.*\(held_by_others\)/);
    expect((await place.emulator.visit(`http://${DOMAIN}/`)).status).toBe(302);
  });

  test('the own hold is released all the same, which counts as a change', async () => {
    await using place = await openCliWorkplace();
    await place.cli('maintenance', 'enable', DOMAIN, ...hold);
    await place.cli('maintenance', 'enable', DOMAIN);
    const { document } = await place.json('maintenance', 'disable', DOMAIN);
    expect(document.results).toMatchObject([
      {
        changed: true,
        maintenanceActive: true,
        holds: [{ name: 'deploy-7' }],
        error: { code: 'held_by_others' },
      },
    ]);
    const log = await place.cli('log', 'show', String(document.results[0].logId));
    expect(log.stdout).toContain(`Holds        manual released by ${userInfo().username}\n`);
  });

  test('--hold releases theirs, --force releases all', async () => {
    await using place = await openCliWorkplace();
    await place.cli('maintenance', 'enable', DOMAIN, ...hold);
    expect((await place.cli('maintenance', 'disable', DOMAIN, '--hold', 'deploy-7')).status).toBe(0);
    await place.cli('maintenance', 'enable', DOMAIN, ...hold);
    await place.cli('maintenance', 'enable', DOMAIN);
    const { status, stdout } = await place.cli('maintenance', 'disable', DOMAIN, '--force');
    expect(status).toBe(0);
    expect(stdout).toMatch(new RegExp(`^${DOMAIN}: in maintenance → open\n`));
  });
});

describe('--dry-run', () => {
  test('shows what would be removed and removes nothing', async () => {
    await using place = await openCliWorkplace();
    await place.cli('maintenance', 'enable', DOMAIN);
    place.emulator.clearRequests();
    const { status, stdout } = await place.cli('maintenance', 'disable', DOMAIN, '--dry-run');
    expect(status).toBe(0);
    expect(stdout).toContain(`${DOMAIN}: in maintenance → open (planned, nothing is changed yet)\n`);
    expect(stdout).toContain(`Changes   remove our rule *${DOMAIN}/*\n`);
    expect(requestLines(place.emulator)).toEqual(['GET /zones/:id/pagerules']);
    expect(place.emulator.rules(DOMAIN)).toHaveLength(1);
  });

  test('says who would keep it closed', async () => {
    await using place = await openCliWorkplace();
    await place.cli('maintenance', 'enable', DOMAIN, '--hold', 'deploy-7');
    await place.cli('maintenance', 'enable', DOMAIN);
    const { document } = await place.json('maintenance', 'disable', DOMAIN, '--dry-run');
    expect(document.results).toMatchObject([
      { planned: { maintenanceActive: true }, holds: [{ name: 'deploy-7' }], changes: [] },
    ]);
    const forced = await place.json('maintenance', 'disable', DOMAIN, '--dry-run', '--force');
    expect(forced.document.results).toMatchObject([{ planned: { maintenanceActive: false }, holds: [] }]);
  });
});

test('a rule that Cloudflare does not take back is an error, but the site is said to be open', async () => {
  await using place = await openCliWorkplace();
  const { id } = place.emulator.addRule(DOMAIN, {
    pattern: `*${DOMAIN}/*`,
    actions: [{ id: 'cache_level', value: 'bypass' }],
  });
  await place.cli('maintenance', 'enable', DOMAIN);
  place.emulator.addFault({
    kind: 'refuse',
    method: 'PUT',
    status: 400,
    code: 1004,
    message: 'not any more',
  });
  const { status, stdout, stderr } = await place.cli('maintenance', 'disable', DOMAIN);
  expect(status).toBe(6);
  expect(stdout).toMatch(new RegExp(`^${DOMAIN}: in maintenance → open\n`));
  expect(stderr).toContain('(rule_conflict)');
  const shown = await place.cli('maintenance', 'status', DOMAIN);
  expect(shown.stdout).toContain(`Not put back  rule ${id}: `);
});

test('at a terminal nothing is asked', async () => {
  await using place = await openCliWorkplace();
  await place.cli('maintenance', 'enable', DOMAIN);
  const { status, stderr } = await place.atTerminal(['maintenance', 'disable', DOMAIN], []);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
});

test.each([
  [['--for', '1h'], 'usage'],
  [['--hold', 'a b'], 'validation_failed'],
])('%j is refused', async (options, code) => {
  await using place = await openCliWorkplace();
  await place.cli('maintenance', 'enable', DOMAIN);
  const { status, document } = await place.json('maintenance', 'disable', DOMAIN, ...options);
  expect({ status, code: document.error?.code }).toEqual({ status: 2, code });
  expect(place.emulator.rules(DOMAIN)).toHaveLength(1);
});

describe('a redirect that is not recorded here', () => {
  const openDoubtful = async () => {
    const place = await openCliWorkplace();
    const { id } = place.emulator.addRule(DOMAIN, {
      pattern: `*${DOMAIN}/*`,
      forwardTo: 'https://status.example.net/',
    });
    return Object.assign(place, { id });
  };

  test.each(['disable', 'enable'])('that refuses %s is what the headline tells', async (action) => {
    await using place = await openDoubtful();
    const { status, stdout } = await place.cli('maintenance', action, DOMAIN);
    expect(status).toBe(6);
    expect(stdout).toMatch(
      /^site-1\.example: recorded as open; Cloudflare redirects it to https:\/\/status\.example\.net\/\n/,
    );
    const { document } = await place.json('maintenance', action, DOMAIN);
    const doubtful = [{ id: place.id, pattern: `*${DOMAIN}/*`, url: 'https://status.example.net/' }];
    expect(document.results).toMatchObject([{ error: { code: 'rule_conflict', details: { doubtful } } }]);
    expect(document.error).toMatchObject({ details: { doubtful } });
    const shown = await place.json('maintenance', action, DOMAIN, '--dry-run');
    expect(shown.document.error).toMatchObject({ code: 'rule_conflict', details: { doubtful } });
  });

  test('and is taken as ours has reopened the site', async () => {
    await using place = await openDoubtful();
    const { status, stdout } = await place.cli('maintenance', 'disable', DOMAIN, '--existing', 'ours');
    expect(status).toBe(0);
    expect(stdout).toMatch(/^site-1\.example: reopened; it was recorded as open already\n/);
    expect(place.emulator.rules(DOMAIN)).toEqual([]);
  });
});

describe('a zone that is gone from Cloudflare', () => {
  test.each(['page_rules', 'redirect_rules'] as const)('is said, by %s', async (engine) => {
    await using place = await openCliWorkplace({ engine });
    await place.cli('maintenance', 'enable', DOMAIN);
    place.emulator.removeZone(DOMAIN);
    const enabled = await place.json(
      'maintenance',
      'enable',
      'site-1.example',
      '--url',
      'https://a.example.net/',
    );
    expect(enabled.document.error).toMatchObject({
      code: 'not_found',
      message: expect.stringMatching(
        /^The zone [0-9a-f]{32} is gone from Cloudflare, and its rules with it\./,
      ),
      hint: expect.stringContaining('site remove'),
    });
    const { status, document } = await place.json('maintenance', 'disable', DOMAIN);
    expect(status).toBe(0);
    expect(document.warnings).toMatchObject([{ code: 'zone_gone' }]);
  });

  test.each(['page_rules', 'redirect_rules'] as const)(
    'refuses to be closed in plain words, by %s',
    async (engine) => {
      await using place = await openCliWorkplace({ engine });
      place.emulator.removeZone(DOMAIN);
      const { status, stderr } = await place.cli('maintenance', 'enable', DOMAIN);
      expect(status).toBe(1);
      expect(stderr).toMatch(/^error: site-1\.example: The zone [0-9a-f]{32} is gone from Cloudflare/);
    },
  );
});

test('a disable that fails after the end of the hold does not speak of an open end', async () => {
  await using place = await openCliWorkplace();
  await place.cli('maintenance', 'enable', DOMAIN, '--for', '1s');
  await new Promise((resolve) => setTimeout(resolve, 1_100));
  place.emulator.setToken(place.emulator.token, { status: 'disabled' });
  const { status, stdout } = await place.cli('maintenance', 'disable', DOMAIN);
  expect(status).toBe(4);
  expect(stdout).toContain('Until        its end has come; run intermission process_scheduled_maintenance\n');
});
