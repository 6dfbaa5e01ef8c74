import { expect, test } from 'vitest';
import { openCliWorkplace } from '../cli-workplace.ts';

const DOMAIN = 'site-1.example';

/** A closed site whose rule somebody has deleted. */
async function openDrifted() {
  const place = await openCliWorkplace();
  await place.cli('maintenance', 'enable', DOMAIN);
  place.emulator.removeRule(DOMAIN, place.emulator.rules(DOMAIN)[0]?.id ?? '');
  place.emulator.clearRequests();
  return place;
}

test('what is as intended is said in so many words, with exit 0', async () => {
  await using place = await openCliWorkplace();
  await place.cli('maintenance', 'enable', DOMAIN);
  const { status, stdout, stderr } = await place.cli(
    'maintenance',
    'status',
    DOMAIN,
    '--live',
    '--exit-code',
  );
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(stdout).toMatch(
    /^Intended {5}in maintenance\nConfigured {3}in maintenance, as intended\nObserved {5}in maintenance, as intended$/m,
  );
});

test('a difference is named with what to do; it changes the exit status only with --exit-code', async () => {
  await using place = await openDrifted();
  const { status, stdout } = await place.cli('maintenance', 'status', DOMAIN, '--live');
  expect(status).toBe(0);
  expect(stdout).toMatch(/^Configured {3}open, not as intended$/m);
  expect(stdout).toMatch(/^Differs {6}Our rule \*site-1\.example\/\* is gone from Cloudflare\.$/m);
  expect(stdout).toMatch(/^To repair {4}intermission maintenance enable site-1\.example$/m);
  expect(stdout).toMatch(/^To open {6}intermission maintenance disable site-1\.example$/m);
  const asked = await place.json('maintenance', 'status', DOMAIN, '--live', '--exit-code');
  expect(asked.status).toBe(7);
  expect(asked.document).toMatchObject({
    ok: false,
    error: null,
    summary: { total: 1, inMaintenance: 1, differing: 1, failed: 0 },
    results: [
      {
        site: DOMAIN,
        maintenanceActive: true,
        intended: 'maintenance',
        configured: 'open',
        observed: 'open',
        differs: true,
        drift: [{ kind: 'missing', pattern: `*${DOMAIN}/*` }],
        error: null,
      },
    ],
  });
  expect(place.emulator.requests({ write: true })).toEqual([]);
});

test('of many sites a table shows what is closed or differs, then what to do, then the counts', async () => {
  await using place = await openDrifted();
  await place.cli('maintenance', 'enable', 'site-2.example');
  const { status, stdout } = await place.cli('maintenance', 'status', '--all', '--live', '--exit-code');
  expect(status).toBe(7);
  expect(
    stdout.replace(/intermission-probe-\w+/, 'SOME'),
  ).toBe(`Site            Intended        Configured      Observed        Found
site-1.example  in maintenance  open            open            rule missing
site-2.example  in maintenance  in maintenance  in maintenance

site-1.example: in maintenance
Intended    in maintenance
Configured  open, not as intended
Observed    open, not as intended
Seen        site-1.example answers 200.
            www.site-1.example answers 200.
            SOME.site-1.example answers 200.
Differs     Our rule *site-1.example/* is gone from Cloudflare.
To repair   intermission maintenance enable site-1.example
To open     intermission maintenance disable site-1.example

3 sites: 2 as intended, 1 differs.
`);
});

test('fits into a terminal of 80 columns', async () => {
  await using place = await openDrifted();
  place.emulator.addRule('site-2.example', {
    pattern: '*site-2.example/*',
    forwardTo: 'https://docs.djangocfg.com/maintenance?site=site-2.example',
  });
  const { stdout } = await place.atTerminal(['maintenance', 'status', '--live'], []);
  expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
  expect(stdout).toContain('If forgotten  intermission maintenance disable site-2.example --existing ours');
});

test('a zone that cannot be read is that site’s own error: exit 3 beside others, its own status alone', async () => {
  await using place = await openDrifted();
  const { id } = place.emulator.zone('site-2.example');
  place.emulator.addFault({
    kind: 'refuse',
    method: 'GET',
    path: new RegExp(id),
    status: 403,
    code: 10000,
    message: 'no',
  });
  const all = await place.json('maintenance', 'status', '--live', '--exit-code');
  expect(all.status).toBe(3);
  expect(all.document.summary).toMatchObject({ differing: 1, failed: 1 });
  expect(all.document.results[1]).toMatchObject({
    site: 'site-2.example',
    configured: 'unknown',
    error: { code: 'api_permission_denied', message: expect.any(String), hint: expect.any(String) },
  });
  const one = await place.cli('maintenance', 'status', 'site-2.example', '--live');
  expect(one.status).toBe(4);
  expect(one.stdout).toMatch(/^Configured {2}unknown: Cloudflare refused/m);
  expect(one.stderr).toContain('error: site-2.example:');
});

test('a dead token is not a crash', async () => {
  await using place = await openDrifted();
  place.emulator.setToken(place.emulator.token, { status: 'disabled' });
  const { status, document } = await place.json('maintenance', 'status', '--all', '--live');
  expect(status).toBe(4);
  expect(document.results.map(({ configured }) => configured)).toEqual(['unknown', 'unknown', 'unknown']);
});

test('sites are named or selected, and --exit-code needs --live', async () => {
  await using place = await openDrifted();
  const named = await place.json('maintenance', 'status', 'site-3.example', `${DOMAIN}.`, DOMAIN, '--live');
  expect(named.document.results.map(({ site }) => site)).toEqual(['site-3.example', DOMAIN]);
  const selected = await place.json('maintenance', 'status', '--in-maintenance', '--live');
  expect(selected.document.results.map(({ site }) => site)).toEqual([DOMAIN]);
  expect((await place.cli('maintenance', 'status', DOMAIN, '--all')).status).toBe(2);
  expect((await place.cli('maintenance', 'status', DOMAIN, '--exit-code')).status).toBe(2);
});

test('where a repair would be refused, whose the rule is is asked for, and either answer repairs', async () => {
  await using place = await openCliWorkplace();
  const { id } = place.emulator.addRule(DOMAIN, {
    pattern: `*${DOMAIN}/*`,
    actions: [{ id: 'always_use_https' }],
  });
  await place.cli('maintenance', 'enable', DOMAIN);
  place.emulator.editRule(DOMAIN, id, {
    actions: [{ id: 'forwarding_url', value: { url: 'https://else.example.net/', status_code: 302 } }],
  });
  const { stdout } = await place.cli('maintenance', 'status', DOMAIN, '--live');
  expect(stdout).not.toContain('To repair');
  expect(stdout).toMatch(
    /^If forgotten {2}intermission maintenance enable site-1\.example --existing ours repairs/m,
  );
  expect(stdout).toMatch(
    /^If yours {6}intermission maintenance enable site-1\.example --existing theirs repairs/m,
  );
  expect((await place.cli('maintenance', 'enable', DOMAIN)).status).toBe(6);
  expect((await place.cli('maintenance', 'enable', DOMAIN, '--existing', 'theirs')).status).toBe(0);
});

test('a site that a redirect of a domain above may close is not called open', async () => {
  await using place = await openCliWorkplace();
  await place.app.sites.create({
    domain: 'api.site-2.example',
    zoneId: place.emulator.zone('site-2.example').id,
  });
  await place.app.sites.remove(await place.site('site-2.example'));
  place.emulator.addRule('site-2.example', {
    pattern: '*site-2.example/*',
    forwardTo: 'https://docs.djangocfg.com/maintenance?site=site-2.example',
  });
  const { status, stdout } = await place.cli(
    'maintenance',
    'status',
    'api.site-2.example',
    '--live',
    '--exit-code',
  );
  expect(status).toBe(7);
  expect(stdout).toMatch(/^Configured {2}in maintenance, not as intended$/m);
  expect(stdout).toContain('It takes this site along with others.');
});
