import { expect, test } from 'vitest';
import { openCliWorkplace } from '../cli-workplace.ts';

test('shows every site with state, end, holder and when it was last closed', async () => {
  await using place = await openCliWorkplace();
  await place.cli('maintenance', 'enable', 'site-2.example', '--hold', 'deploy-7', '--for', '2h');
  await place.cli('maintenance', 'enable', 'site-3.example');
  place.emulator.clearRequests();
  const { status, stdout } = await place.cli('maintenance', 'list');
  expect(status).toBe(0);
  const lines = stdout.split('\n');
  expect(lines[0]).toMatch(/^Site +State +Ends +Held by +Last closed$/);
  expect(lines[1]).toMatch(/^site-1\.example +open$/);
  expect(lines[2]).toMatch(/^site-2\.example +in maintenance +in 1 h +deploy-7 \(.+\) +\S/);
  expect(lines[3]).toMatch(/^site-3\.example +in maintenance +open end +manual \(.+\) +\S/);
  expect(lines.slice(4)).toEqual(['3 sites, 2 in maintenance.', '']);
  expect(place.emulator.requests()).toEqual([]);
});

test.each([
  [[], ['site-1.example', 'site-2.example', 'site-3.example']],
  [['--all'], ['site-1.example', 'site-2.example', 'site-3.example']],
  [['--in-maintenance'], ['site-2.example']],
  [['--search', 'TE-3'], ['site-3.example']],
  [['--search', 'nothing'], []],
  [
    ['--api-key', 'main'],
    ['site-1.example', 'site-2.example', 'site-3.example'],
  ],
  [['--api-key', 'other'], []],
  [['--api-key', 'main', '--search', '1'], ['site-1.example']],
])('%j selects %j', async (options, expected) => {
  await using place = await openCliWorkplace();
  await place.app.apiKeys.create({ name: 'other', apiToken: place.emulator.addToken({}) });
  await place.app.enableMaintenanceForDomain('site-2.example');
  const { status, document } = await place.json('maintenance', 'list', ...options);
  expect(status).toBe(0);
  expect(document.results.map(({ site }) => site)).toEqual(expected);
  expect(document.summary['total']).toBe(expected.length);
});

test('a selection that contradicts itself, and a key that is not there, are refused', async () => {
  await using place = await openCliWorkplace();
  const both = await place.json('maintenance', 'list', '--all', '--in-maintenance');
  expect({ status: both.status, code: both.document.error?.code }).toEqual({ status: 2, code: 'usage' });
  const unknown = await place.json('maintenance', 'list', '--api-key', 'maim');
  expect(unknown.status).toBe(1);
  expect(unknown.document.error).toMatchObject({ code: 'not_found', hint: expect.stringContaining('main') });
});

test('without a site it says so', async () => {
  await using place = await openCliWorkplace({ emulator: { zones: 0 } });
  expect(await place.cli('maintenance', 'list')).toEqual({ status: 0, stdout: 'No site.\n', stderr: '' });
});
