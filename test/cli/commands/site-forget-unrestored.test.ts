import { expect, test } from 'vitest';
import { openCliWorkplace } from '../cli-workplace.ts';

const DOMAIN = 'site-1.example';

/** A site that is open again, and whose replaced rule Cloudflare did not take back. */
async function openUnrestored() {
  const place = await openCliWorkplace();
  const { id } = place.emulator.addRule(DOMAIN, {
    pattern: `*${DOMAIN}/*`,
    actions: [{ id: 'always_use_https' }],
  });
  await place.cli('maintenance', 'enable', DOMAIN);
  place.emulator.addFault({ kind: 'refuse', method: 'PUT', status: 400, code: 1004, message: 'no' });
  expect((await place.cli('maintenance', 'disable', DOMAIN)).status).toBe(6);
  place.emulator.clearFaults();
  place.emulator.clearRequests();
  return Object.assign(place, { id });
}

test('what was not put back is listed until it is forgotten; the log keeps all of it', async () => {
  await using place = await openUnrestored();
  const { cli, json, id } = place;
  const kept = { id, rule: { actions: [{ id: 'always_use_https' }] }, reason: expect.any(String) };
  expect((await cli('maintenance', 'status')).stdout).toContain(`Not put back  rule ${id}`);
  const shown = await cli('site', 'show', DOMAIN);
  expect(shown.stdout).toContain(id);
  expect(shown.stdout).toContain(`intermission site forget-unrestored ${DOMAIN}`);

  const { status, document } = await json('site', 'forget-unrestored', DOMAIN, '--yes');
  expect(status).toBe(0);
  expect(document).toMatchObject({
    summary: { total: 1, forgotten: 1 },
    results: [{ site: DOMAIN, maintenanceActive: false, forgotten: true, unrestored: [kept] }],
  });
  expect((await json('maintenance', 'status', DOMAIN)).document.results[0].unrestored).toEqual([]);
  expect((await place.site(DOMAIN)).edgeState).toBeNull();
  const [row] = await place.app.logs.all();
  expect(row).toMatchObject({
    action: 'configure',
    status: 'success',
    domain: DOMAIN,
    source: 'cli',
    changed: { before: { unrestored: [{ ...kept, order: [id] }] }, after: { unrestored: [] } },
  });
  expect(place.emulator.requests()).toEqual([]);
  expect((await json('site', 'forget-unrestored', DOMAIN, '--yes')).document.error?.code).toBe('not_found');
});

test('nothing is forgotten without a yes: not by a dry run, not without a terminal, not by a no', async () => {
  await using place = await openUnrestored();
  const dry = await place.cli('site', 'forget-unrestored', DOMAIN, '--dry-run');
  expect(dry.stdout).toContain(`${place.id}  since`);
  expect((await place.cli('site', 'forget-unrestored', DOMAIN)).status).toBe(2);
  const no = await place.atTerminal(
    ['site', 'forget-unrestored', DOMAIN],
    [{ question: 'Forget', keys: 'n' }],
  );
  expect(no.status).toBe(6);
  expect(no.stderr).toContain('always_use_https');
  expect((await place.site(DOMAIN)).edgeState?.unrestored).toHaveLength(1);
});

test('a site that is closed again keeps its rules on record', async () => {
  await using place = await openUnrestored();
  await place.cli('maintenance', 'enable', DOMAIN);
  expect((await place.cli('site', 'forget-unrestored', DOMAIN, '--yes')).status).toBe(0);
  expect((await place.site(DOMAIN)).edgeState).toMatchObject({
    rules: [{ pattern: `*${DOMAIN}/*` }],
    unrestored: [],
  });
  expect((await place.cli('maintenance', 'disable', DOMAIN)).status).toBe(0);
  expect(place.emulator.rules(DOMAIN)).toEqual([]);
});
