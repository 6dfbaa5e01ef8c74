import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { temporaryDirectory } from '../../support/temporary-directory.ts';
import { requestLines } from '../../support/workplace.ts';
import { type CliWorkplace, openCliWorkplace } from '../cli-workplace.ts';

const ONE = 'site-1.example';
const TWO = 'site-2.example';

function closed({ emulator }: CliWorkplace): string[] {
  return emulator.zones().flatMap(({ name, rules }) => (rules.length > 0 ? [name] : []));
}

function fileOf(text: string): string {
  const path = join(temporaryDirectory(), 'sites.txt');
  writeFileSync(path, text);
  return path;
}

describe('several sites that are named', () => {
  test('are closed and reopened without a question, a line each, and then the numbers', async () => {
    await using place = await openCliWorkplace();
    const enabled = await place.cli('maintenance', 'enable', TWO, ONE);
    expect(enabled).toMatchObject({ status: 0, stderr: 'Closing 2 sites …\n' });
    expect(enabled.stdout.split('\n').slice(0, 2).toSorted()).toEqual([`${ONE}: closed`, `${TWO}: closed`]);
    expect(enabled.stdout).toMatch(/\n2 sites: 2 closed\nProof {2}none: .*\nTook {3}\S+ s, 2 requests\n$/);
    expect(closed(place)).toEqual([ONE, TWO]);
    const disabled = await place.json('maintenance', 'disable', TWO, ONE);
    expect(disabled).toMatchObject({ status: 0, document: { ok: true, error: null } });
    expect(disabled.document.summary).toMatchObject({ total: 2, successful: 2, failed: 0, calls: 2 });
    expect(disabled.document.results).toMatchObject([
      { site: TWO, action: 'disable', outcome: 'done', maintenanceActive: false, wasActive: true, calls: 1 },
      { site: ONE, outcome: 'done', changed: true, error: null },
    ]);
    expect(closed(place)).toEqual([]);
  });

  test('a domain that is named twice counts once, and alone it is a single site', async () => {
    await using place = await openCliWorkplace();
    const { stdout } = await place.cli('maintenance', 'enable', ONE, `${ONE}.`, 'SITE-1.example');
    expect(stdout).toContain(`${ONE}: open → in maintenance`);
    const { document } = await place.json('maintenance', 'enable', ONE, TWO, ONE);
    expect(document.summary).toMatchObject({ total: 2, successful: 1, skipped: 1, calls: 1 });
  });

  test('one that is not there is exit 3, with those that are spelt alike, and the others are closed', async () => {
    await using place = await openCliWorkplace();
    const { status, document } = await place.json('maintenance', 'enable', 'sit-1.example', TWO);
    expect(status).toBe(3);
    expect(document).toMatchObject({ ok: false, error: null, summary: { total: 2, failed: 1 } });
    expect(document.results).toMatchObject([
      { site: TWO, error: null },
      { site: 'sit-1.example', maintenanceActive: null, outcome: 'failed', error: { code: 'not_found' } },
    ]);
    expect(document.results[1].error.hint).toContain(ONE);
    expect(closed(place)).toEqual([TWO]);
    expect((await place.cli('maintenance', 'disable', 'a.example', 'b.example')).status).toBe(1);
  });

  test('one that is inactive is not closed, and that is a failure; of a selection it is left out', async () => {
    await using place = await openCliWorkplace();
    await place.app.sites.update({ domain: ONE }, { isActive: false });
    const named = await place.json('maintenance', 'enable', ONE, TWO);
    expect(named.status).toBe(3);
    expect(named.document.results[0]).toMatchObject({ site: ONE, error: { code: 'validation_failed' } });
    const all = await place.cli('maintenance', 'enable', '--all', '--yes');
    expect(all.status).toBe(0);
    expect(all.stdout).toContain(
      '3 sites: 1 closed, 1 closed already, 1 left out\nInactive  site-1.example\n',
    );
  });

  test('what they fail for is told once for each cause', async () => {
    await using place = await openCliWorkplace({ emulator: { zones: 4 } });
    const refusing = { kind: 'refuse', status: 403, code: 9109, message: 'no' } as const;
    place.emulator.addFault({ ...refusing, method: 'POST', path: 'pagerules' });
    const { status, stderr } = await place.cli('maintenance', 'enable', '--all', '--yes');
    expect(status).toBe(4);
    expect(stderr.match(/error: 4 sites: /g)).toHaveLength(1);
    expect(stderr).toContain('  site-1.example, site-2.example, site-3.example, site-4.example\n');
  });
});

describe('selections', () => {
  test.each([
    ['nothing is named', [], 2, 'Which sites?'],
    ['names beside a selector', [ONE, '--all'], 2, 'either named or selected'],
    ['a file beside a selector', ['--from-file', 'x', '--search', 'a'], 2, 'either named or selected'],
    ['--all that is narrowed', ['--all', '--in-maintenance'], 2, 'cannot be narrowed'],
    ['--all without --yes', ['--all'], 2, 'nobody is there to confirm'],
    ['a search without --yes', ['--search', 'site'], 2, 'nobody is there to confirm'],
    ['a search that finds nothing', ['--search', 'shpo', '--yes'], 1, 'no site with "shpo"'],
    ['a key that is not there', ['--api-key', 'nobody', '--yes'], 1, 'nobody'],
    ['a file that is not there', ['--from-file', '/nowhere/x'], 2, 'no such file'],
    ['a limit that is none', [ONE, TWO, '--stop-on-failure', '0%'], 2, '--stop-on-failure'],
  ])('%s changes nothing', async (_, words, status, message) => {
    await using place = await openCliWorkplace({ emulator: { zones: 2 } });
    const printed = await place.cli('maintenance', 'enable', ...words);
    expect(printed.status).toBe(status);
    expect(printed.stderr).toContain(message);
    expect(requestLines(place.emulator)).toEqual([]);
  });

  test('of what is closed, nothing is closed: that is as it should be', async () => {
    await using place = await openCliWorkplace();
    const { status, stdout } = await place.cli('maintenance', 'disable', '--in-maintenance', '--yes');
    expect({ status, stdout }).toEqual({ status: 0, stdout: 'No site is chosen: nothing to do.\n' });
  });

  test('a file lists domains with comments and empty lines, and a line that is none stops everything', async () => {
    await using place = await openCliWorkplace();
    const list = fileOf(`\uFEFF# ours\r\n${TWO}   # the shop\r\n\r\n${ONE}\n${TWO}\n`);
    const { document } = await place.json('maintenance', 'enable', '--from-file', list, '--dry-run');
    expect(document.results.map(({ site }) => site)).toEqual([TWO, ONE]);
    const bad = await place.cli('maintenance', 'enable', '--from-file', fileOf(`${ONE}\nnot a domain\n`));
    expect(bad.status).toBe(2);
    expect(bad.stderr).toContain('sites.txt, line 2: "not a domain"');
    expect((await place.cli('maintenance', 'enable', '--from-file', fileOf('\n'))).stderr).toContain(
      'names no site',
    );
    expect(requestLines(place.emulator)).toEqual([]);
  });
});

test('--dry-run shows all of it and changes nothing', async () => {
  await using place = await openCliWorkplace();
  await place.cli('maintenance', 'enable', ONE);
  place.emulator.clearRequests();
  const { status, document } = await place.json('maintenance', 'enable', '--all', '--dry-run');
  expect(status).toBe(0);
  expect(document.summary).toMatchObject({
    total: 3,
    planned: 2,
    skipped: 1,
    failed: 0,
    calls: 2,
    dryRun: true,
  });
  expect(document.results).toMatchObject([
    { site: ONE, outcome: 'skipped', skipped: { code: 'already_closed' } },
    { site: TWO, outcome: 'planned', maintenanceActive: false, planned: { maintenanceActive: true } },
    { site: 'site-3.example', outcome: 'planned' },
  ]);
  const { stdout } = await place.cli('maintenance', 'disable', '--all', '--dry-run', '--hold', 'other');
  expect(stdout).toContain(
    '3 sites: 1 that others keep closed, 2 open already (planned, nothing is changed yet)',
  );
  expect(requestLines(place.emulator)).toEqual([]);
});

test('a run that stops says what was not begun, and the same command again does the rest', async () => {
  await using place = await openCliWorkplace({ emulator: { zones: 6 } });
  const refusing = { kind: 'refuse', status: 403, code: 9109, message: 'no' } as const;
  place.emulator.addFault({ ...refusing, method: 'POST', path: 'pagerules' });
  const stopped = await place.json('maintenance', 'enable', '--all', '--yes', '--canary', '2');
  expect(stopped.status).toBe(4);
  expect(stopped.document.summary).toMatchObject({ total: 6, successful: 0, failed: 2, notBegun: 4 });
  place.emulator.clearFaults();
  const again = await place.json('maintenance', 'enable', '--all', '--yes', '--canary', '2');
  expect(again.document.summary).toMatchObject({ total: 6, successful: 6, notBegun: 0 });
  expect(closed(place)).toHaveLength(6);
});

describe('at a terminal', () => {
  test('--all shows the plan and asks for the number of sites', async () => {
    await using place = await openCliWorkplace();
    const argv = ['maintenance', 'enable', '--all', '--reason', 'Move'];
    const question = 'Type their number';
    const wrong = await place.atTerminal(argv, [{ question, keys: '2\r' }]);
    expect(wrong.status).toBe(6);
    expect(wrong.stderr).toContain('3 sites: 3 to close');
    expect(requestLines(place.emulator)).toEqual([]);
    const right = await place.atTerminal(argv, [{ question, keys: '3\r' }]);
    expect(right.status).toBe(0);
    expect(right.stdout).toMatch(/^3 sites: 3 closed\n/);
    expect(closed(place)).toHaveLength(3);
  });

  test('others are asked about with a yes, and the live view is gone at the end', async () => {
    await using place = await openCliWorkplace();
    await place.cli('maintenance', 'enable', ONE, TWO);
    const { status, stderr } = await place.atTerminal(
      ['maintenance', 'disable', '--in-maintenance'],
      [{ question: 'Reopen 2 sites?', keys: 'y' }],
    );
    expect(status).toBe(0);
    expect(stderr).toContain('Reopening 2 sites');
    expect(stderr.endsWith('\u001b[J')).toBe(true);
    expect(closed(place)).toEqual([]);
  });
});

test('status and verify tell of each site, also of one that is not there', async () => {
  await using place = await openCliWorkplace();
  await place.cli('maintenance', 'enable', ONE, TWO);
  const status = await place.json('maintenance', 'status', ONE, 'none.example', '--live');
  expect(status.status).toBe(3);
  expect(status.document.results).toMatchObject([
    { site: ONE, configured: 'maintenance', error: null },
    { site: 'none.example', maintenanceActive: null, error: { code: 'not_found' } },
  ]);
  const list = fileOf(`${TWO}\n${ONE}\n`);
  const verified = await place.json('maintenance', 'verify', '--from-file', list);
  expect(verified).toMatchObject({ status: 0, document: { summary: { total: 2, proven: 2 } } });
  expect(verified.document.results.map(({ site }) => site)).toEqual([TWO, ONE]);
});

test('sync reads the zones of the chosen sites only, and says what has changed', async () => {
  await using place = await openCliWorkplace();
  for (const name of [ONE, TWO]) place.emulator.setZone(name, { plan: 'pro', pageRuleQuota: 20 });
  const { status, stdout } = await place.cli('maintenance', 'sync', TWO, 'site-3.example');
  expect(status).toBe(0);
  expect(stdout).toMatch(/^updated {2}site-2\.example {2}zonePlan free → pro/m);
  expect(stdout).toContain('2 sites: 1 updated, 1 without a change.\n');
  expect((await place.site(ONE)).zonePlan).toBe('free');
  const some = await place.json('maintenance', 'sync', ONE, 'none.example', '--dry-run');
  expect(some.status).toBe(3);
  expect(some.document.results).toMatchObject([
    { site: ONE, action: 'updated', apiKey: 'main', error: null },
    { site: 'none.example', action: 'failed', error: { code: 'not_found' } },
  ]);
});
