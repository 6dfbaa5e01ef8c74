import { expect, test } from 'vitest';
import { openCliWorkplace } from '../cli-workplace.ts';

const SITE = 'site-1.example';

test('refreshes one site, says what has changed, and looks at its rules', async () => {
  await using place = await openCliWorkplace();
  place.emulator.setZone(SITE, { plan: 'pro', pageRuleQuota: 20 });
  const tried = await place.cli('maintenance', 'sync', SITE, '--dry-run');
  expect(tried.stdout).toBe(`${SITE}: to be updated. zonePlan free → pro, pageRuleQuota 3 → 20\n`);
  expect((await place.site(SITE)).zonePlan).toBe('free');
  const { status, document } = await place.json('maintenance', 'sync', SITE);
  expect(status).toBe(0);
  expect(document.summary).toMatchObject({ total: 1, updated: 1, dryRun: false });
  expect(document.results).toMatchObject([
    {
      site: SITE,
      action: 'updated',
      apiKey: 'main',
      changes: { zonePlan: { from: 'free', to: 'pro' } },
      configured: 'open',
      error: null,
    },
  ]);
  const again = await place.cli('maintenance', 'sync', SITE);
  expect(again.stdout).toBe(`${SITE}: as Cloudflare says.\n`);
  expect((await place.cli('maintenance', 'sync', SITE, '--force')).stdout).toBe(
    `${SITE}: as Cloudflare says, written anew.\n`,
  );
});

test('tells of rules that are not as they should be, and repairs nothing', async () => {
  await using place = await openCliWorkplace();
  await place.cli('maintenance', 'enable', SITE);
  place.emulator.removeRule(SITE, place.emulator.rules(SITE)[0]?.id ?? '');
  place.emulator.clearRequests();
  const { stdout } = await place.cli('maintenance', 'sync', SITE);
  expect(stdout).toContain('is gone from Cloudflare');
  expect(place.emulator.requests({ write: true })).toEqual([]);
});

test('a zone that is gone deactivates an open site; a closed one is told how to be released', async () => {
  await using place = await openCliWorkplace();
  await place.cli('maintenance', 'enable', 'site-2.example');
  for (const name of [SITE, 'site-2.example']) place.emulator.removeZone(name);
  const open = await place.cli('maintenance', 'sync', SITE);
  expect(open).toMatchObject({ status: 0, stderr: '' });
  expect(open.stdout).toContain(`${SITE}: deactivated, its zone is gone from Cloudflare.`);
  const closed = await place.json('maintenance', 'sync', 'site-2.example');
  expect(closed.status).toBe(1);
  expect(closed.document.error).toMatchObject({
    code: 'not_found',
    hint: 'To release it: intermission maintenance disable site-2.example',
  });
  expect((await place.cli('maintenance', 'disable', 'site-2.example')).status).toBe(0);
});

test('a zone that the key may not read is an error of permission; an unknown site is not found', async () => {
  await using place = await openCliWorkplace();
  place.emulator.setToken(place.emulator.token, { zones: ['site-2.example'] });
  const denied = await place.json('maintenance', 'sync', SITE);
  expect({ status: denied.status, code: denied.document.error?.code }).toEqual({
    status: 4,
    code: 'api_permission_denied',
  });
  expect((await place.json('maintenance', 'sync', 'nobody.example')).document.error?.code).toBe('not_found');
});
