import { setImmediate } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import type { EngineChoice } from '../../../src/domain/edge-state.ts';
import { requestLines } from '../../support/workplace.ts';
import { openCliWorkplace } from '../cli-workplace.ts';
import { exitOf, startCli } from '../process.ts';

const DOMAIN = 'site-1.example';
const OTHER = 'site-2.example';
const ENGINES: readonly EngineChoice[] = ['page_rules', 'redirect_rules'];

describe.each(ENGINES)('by %s', (engine) => {
  test('enable and disable return when visitors get what is wanted, and say what they saw', async () => {
    await using place = await openCliWorkplace({ engine, emulator: { propagationMs: 400 } });
    const { status, stdout, stderr } = await place.cli('maintenance', 'enable', DOMAIN, '--verify');
    expect((await place.emulator.visit(`https://${DOMAIN}/`)).status).toBe(302);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toContain(
      `Proof        All 3 hosts of ${DOMAIN} that were looked at redirect visitors to the maintenance page.\n`,
    );

    const disabled = await place.json('maintenance', 'disable', DOMAIN, '--verify');
    expect((await place.emulator.visit(`https://${DOMAIN}/`)).status).toBe(200);
    expect(disabled).toMatchObject({
      status: 0,
      document: {
        ok: true,
        results: [
          {
            proof: 'proven',
            hosts: [
              { host: DOMAIN, verdict: 'open', asWanted: true },
              { host: `www.${DOMAIN}` },
              { counts: true },
            ],
          },
        ],
      },
    });
    const [row] = disabled.document.results;
    expect(await place.app.logs.get({ id: row.logId })).toMatchObject({
      proof: 'proven',
      evidence: { wanted: 'open' },
    });
    expect((await place.cli('log', 'show', String(row.logId))).stdout).toMatch(/^Proof +proven: /m);
  });

  test('an edge that takes longer than the time-out: exit 5, the row a success; verify proves it later, and status --live is in order', async () => {
    await using place = await openCliWorkplace({ engine, emulator: { propagationMs: 2_500 } });
    const { status, document } = await place.json('maintenance', 'enable', DOMAIN, '--timeout', '1s');
    expect({ status, ok: document.ok }).toEqual({ status: 5, ok: false });
    expect(document.error).toMatchObject({
      code: 'not_observed',
      message: expect.stringContaining(
        `${DOMAIN} is in maintenance, but that visitors get it is not proven. ${DOMAIN} answers 200.`,
      ),
      hint: expect.stringContaining('maintenance verify'),
    });
    const [row] = document.results;
    expect(row).toMatchObject({ changed: true, maintenanceActive: true, proof: 'unproven' });
    expect(await place.app.logs.get({ id: row.logId })).toMatchObject({
      status: 'success',
      proof: 'unproven',
    });

    const rows = await place.app.logs.filter({}).count();
    place.emulator.clearRequests();
    const later = await place.cli('maintenance', 'verify', DOMAIN);
    expect(later).toMatchObject({ status: 0, stderr: '' });
    expect(later.stdout).toContain(`${DOMAIN}: in maintenance, proven\nVisitors  ${DOMAIN} redirects to the`);
    expect(await place.app.logs.filter({}).count()).toBe(rows);
    expect(requestLines(place.emulator)).toEqual([]);
    const live = await place.json('maintenance', 'status', DOMAIN, '--live', '--exit-code');
    expect(live).toMatchObject({
      status: 0,
      document: { results: [{ configured: 'maintenance', observed: 'maintenance', differs: false }] },
    });
  });
});

test('at a terminal a line on stderr says what is waited for, and goes away', async () => {
  await using place = await openCliWorkplace();
  const { status, stderr } = await place.atTerminal(
    ['maintenance', 'enable', DOMAIN, '--yes', '--verify'],
    [],
  );
  expect(status).toBe(0);
  expect(stderr).toMatch(/^\rLooking at what visitors get … 0 s/);
  expect(stderr.endsWith('\r\u001b[K')).toBe(true);
});

test('a rule ahead of ours is found by the proof, and named', async () => {
  await using place = await openCliWorkplace({ engine: 'page_rules' });
  place.emulator.addRedirectRule(DOMAIN, {
    expression: 'true',
    redirectTo: 'https://elsewhere.example.org/',
  });
  const { status, stdout, stderr } = await place.cli('maintenance', 'enable', DOMAIN, '--timeout', '1s');
  expect(status).toBe(5);
  expect(stdout).toContain('Proof        not yet: see the error\n');
  expect(stderr).toContain(`${DOMAIN} answers 301 and redirects to https://elsewhere.example.org/. `);
  expect(stderr).toContain(
    `Our rule *${DOMAIN}/* may lose to a rule above it: true → https://elsewhere.example.org/`,
  );

  // The same command again reads Cloudflare anyway, and says it before the visits do.
  const again = await place.cli('maintenance', 'enable', DOMAIN, '--no-verify');
  expect(again).toMatchObject({ status: 0, stderr: expect.stringContaining('runs before all page rules') });
});

test('our rule that is gone from Cloudflare is named', async () => {
  await using place = await openCliWorkplace();
  await place.cli('maintenance', 'enable', DOMAIN);
  const [rule] = place.emulator.rules(DOMAIN);
  place.emulator.removeRule(DOMAIN, rule?.id ?? '');
  const { status, stderr } = await place.cli('maintenance', 'verify', DOMAIN, '--timeout', '1s');
  expect(status).toBe(5);
  expect(stderr).toContain(`Our rule *${DOMAIN}/* is gone from Cloudflare. (not_observed)`);
  expect(stderr).toContain(`intermission maintenance enable ${DOMAIN}`);
  expect(stderr).not.toContain('may need longer');
});

test('several sites are looked at at the same time, and those that are not proven are shown', async () => {
  await using place = await openCliWorkplace();
  await place.cli('maintenance', 'enable', DOMAIN);
  place.emulator.addRedirectRule(OTHER, {
    expression: 'true',
    redirectTo: `https://docs.djangocfg.com/maintenance?site=${OTHER}`,
    statusCode: 302,
  });
  const { status, stdout, stderr } = await place.cli('maintenance', 'verify', '--all', '--timeout', '1s');
  expect(status).toBe(3);
  expect(stdout).toContain(`${OTHER}: open, not proven\nVisitors  ${OTHER} still redirects`);
  expect(stdout).toContain('2 of 3 sites proven.\n');
  expect(stderr).toContain(`error: ${OTHER} is open, but `);

  const { document } = await place.json('maintenance', 'verify', '--in-maintenance');
  expect(document).toMatchObject({
    ok: true,
    summary: { total: 1, proven: 1, unproven: 0 },
    results: [{ site: DOMAIN, intended: 'maintenance', observed: 'maintenance', proof: 'proven' }],
  });
});

test('the tick exits 5 when what it has reopened is not seen open', async () => {
  await using place = await openCliWorkplace();
  const hourAgo = new Date(Date.now() - 3_600_000);
  await using past = await place.openAgain({ clock: { now: () => hourAgo } });
  await past
    .maintenance(await place.site(DOMAIN))
    .enableMaintenance('x', { until: new Date(hourAgo.getTime() + 60_000) });
  place.emulator.setPropagation(3_600_000);
  const { status, document } = await place.json('process_scheduled_maintenance', '--timeout', '1s');
  expect(status).toBe(5);
  expect(document.results).toMatchObject([
    { site: DOMAIN, action: 'end', proof: 'unproven', error: { code: 'not_observed' } },
  ]);
});

test('Ctrl-C during the proof ends it, and says that the site is closed and not proven: exit 130', async () => {
  await using place = await openCliWorkplace({ emulator: { propagationMs: 3_600_000 } });
  const child = startCli(['maintenance', 'enable', DOMAIN, '--json'], place.env);
  const ended = exitOf(child);
  // The edge answers in this process: it needs its turns.
  while ((await place.app.sites.inMaintenance().count()) === 0) await setImmediate();
  child.kill('SIGINT');
  const { status, stdout } = await ended;
  expect(status).toBe(130);
  const document = JSON.parse(stdout);
  expect(document).toMatchObject({
    ok: false,
    error: {
      code: 'interrupted',
      message: `${DOMAIN} is in maintenance. A signal ended the proof: what visitors get is not known.`,
      hint: `Run: intermission maintenance verify ${DOMAIN}`,
    },
    results: [{ maintenanceActive: true, proof: 'unproven' }],
  });
  expect(await place.app.logs.get({ id: document.results[0].logId })).toMatchObject({
    status: 'success',
    proof: 'unproven',
    evidence: { interrupted: true },
  });
});

test('the page is looked at before closing; what is wrong with it is a warning', async () => {
  await using place = await openCliWorkplace();
  const { INTERMISSION_EDGE_ADDRESS: _, ...env } = place.env;
  const page = ['--url', 'http://127.0.0.1:9/down', '--json'];
  const child = startCli(['maintenance', 'enable', DOMAIN, '--timeout', '1s', ...page], env);
  const { status, stdout } = await exitOf(child);
  const document = JSON.parse(stdout);
  expect(status).toBe(5);
  expect(document.warnings).toMatchObject([{ code: 'page_not_checked' }]);
  expect(document.results[0]).toMatchObject({ maintenanceActive: true, proof: 'unproven' });
  const quiet = await exitOf(startCli(['maintenance', 'enable', DOMAIN, '--no-verify', ...page], env));
  expect(quiet.status).toBe(0);
  expect(JSON.parse(quiet.stdout).warnings).toEqual([]);
});
