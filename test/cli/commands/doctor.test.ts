import { expect, test } from 'vitest';
import { openBareWorkplace } from '../bare-workplace.ts';

test('prints one line each and what to do, and ends with 1 when something is broken', async () => {
  await using place = await openBareWorkplace();
  const empty = await place.cli(['doctor']);
  expect({ status: empty.status, stderr: empty.stderr }).toEqual({ status: 0, stderr: '' });
  expect(empty.stdout).toMatch(/^✓ Cloudflare {3}Not asked: no API key is stored yet\.\n +→ Store one: /m);
  await place.addKey('main', undefined, '--discover');
  await place.cli(['maintenance', 'enable', 'site-1.example', '--for', '1h']);
  const { status, stdout } = await place.cli(['doctor']);
  expect(status).toBe(1);
  expect(stdout).toMatch(/^✗ Heartbeat .*nothing will reopen site-1\.example\.\n +→ Let cron run/m);
  expect(stdout).toMatch(/\n\n1 broken, 1 warning, \d+ fine\.\n$/);
  expect(stdout).toMatch(
    /^✓ Permissions +"main": page rules readable, redirect rules readable, writing untested\.$/m,
  );
  const { document } = await place.json(['doctor']);
  expect(document).toMatchObject({ ok: false, error: null, summary: { broken: 1, warnings: 1 } });
  expect(document.results).toContainEqual({
    check: 'Heartbeat',
    level: 'broken',
    message: expect.any(String),
    hint: expect.any(String),
  });
});
