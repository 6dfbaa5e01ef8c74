import { expect, test } from 'vitest';
import { type CliWorkplace, openCliWorkplace } from '../cli-workplace.ts';

const ONE = 'site-1.example';
const TWO = 'site-2.example';
const TOMORROW = ['--start', 'tomorrow 02:00', '--tz', 'Europe/Berlin'];

const create = (place: CliWorkplace, ...argv: string[]) =>
  place.json('schedule', 'create', 'Upgrade', '--sites', ONE, '--for', '2h', ...argv);

test('plans a window and shows it, with its zone and how far away it is', async () => {
  await using place = await openCliWorkplace();
  const { status, stdout, stderr } = await place.cli(
    ...[
      'schedule',
      'create',
      'DB upgrade',
      '--sites',
      `${ONE},${TWO}`,
      '--for',
      '2h',
      '--message',
      'Back soon',
    ],
    ...['--start', '2999-01-01 02:00', '--tz', 'Europe/Berlin'],
  );
  expect(status).toBe(0);
  expect(stdout).toContain('Window 1: DB upgrade, scheduled\n');
  expect(stdout).toMatch(/Start +2999-01-01 02:00 Europe\/Berlin, 01:00 UTC \(in \d+ days\)\n/);
  expect(stdout).toContain(`${ONE}, ${TWO}`);
  expect(stderr).toContain('Nothing is running that acts on windows.');
});

test('plans a series and shows its next five times', async () => {
  await using place = await openCliWorkplace();
  const { document } = await create(place, '--cron', '0 2 * * 0', '--tz', 'Europe/Berlin');
  expect(document.results[0]).toMatchObject({ recurrence: '0 2 * * 0', timezone: 'Europe/Berlin' });
  expect(document.results[0].nextOccurrences).toHaveLength(5);
  const next = await place.json('schedule', 'next', '1');
  expect(next.document.results).toHaveLength(5);
  const calendar = await place.json('schedule', 'calendar', '--days', '15');
  expect(calendar.document.results.map(({ status }) => status)).toContain('expected');
});

test('tells of conflicts before a window is stored, and stores nothing in a dry run', async () => {
  await using place = await openCliWorkplace();
  await create(place, ...TOMORROW);
  const { document } = await create(place, ...TOMORROW, '--dry-run');
  expect(document.warnings).toMatchObject([{ code: 'window_conflict' }, { code: 'no_scheduler' }]);
  expect(document.warnings[0]?.message).toContain(`Window 1 (Upgrade, scheduled, `);
  expect((await place.json('schedule', 'list')).document.summary).toEqual({ total: 1, shown: 1 });
  const { stdout, stderr } = await place.atTerminal(
    ['schedule', 'create', 'Again', '--sites', ONE, '--for', '1h', ...TOMORROW],
    [{ question: 'Plan it for 1 site?', keys: 'n' }],
  );
  expect(stderr).toContain('Window 1 (Upgrade, scheduled, ');
  expect(stdout).toBe('');
  expect(await place.app.windows.count()).toBe(1);
});

test('a selection needs --yes where nobody is there to confirm it', async () => {
  await using place = await openCliWorkplace();
  const all = ['schedule', 'create', 'Move', '--all', '--for', '1h', ...TOMORROW];
  expect((await place.json(...all)).status).toBe(2);
  const { document } = await place.json(...all, '--yes');
  expect(document.results[0]).toMatchObject({ siteCount: 3, selection: { all: true } });
});

test.each([
  [['--start', '2999-01-01 02:00'], 'has no time zone'],
  [['--start', 'friday', '--tz', 'UTC'], 'names no time of the day'],
  [['--start', 'whenever', '--tz', 'UTC'], 'is not a time'],
  [['--start', '2999-02-30 02:00', '--tz', 'UTC'], 'is not a time of the calendar'],
  [['--start', '2001-01-01T00:00:00Z'], 'is in the past'],
  [['--start', 'tomorrow 2am', '--tz', 'Mars/Olympus'], 'time zone'],
  [['--cron', 'sometimes'], 'is not a cron expression'],
])('%j is refused', async (argv, message) => {
  await using place = await openCliWorkplace();
  const { status, document } = await create(place, ...argv);
  expect(status).toBe(2);
  expect(document.error?.message).toContain(message);
});

test('a local time that clocks skip or repeat is taken as the rules say, with a warning', async () => {
  await using place = await openCliWorkplace();
  const skipped = await create(place, '--start', '2028-03-26 02:30', '--tz', 'Europe/Berlin');
  expect(skipped.document.results[0].start).toBe('2028-03-26T01:30:00.000Z');
  expect(skipped.document.warnings[0]?.code).toBe('time_skipped');
  const repeated = await create(place, '--start', '2028-10-29 02:30', '--tz', 'Europe/Berlin');
  expect(repeated.document.results[0].start).toBe('2028-10-29T00:30:00.000Z');
  expect(repeated.document.warnings[0]?.code).toBe('time_repeated');
});

test('runs, extends and completes a window', async () => {
  await using place = await openCliWorkplace();
  await create(place, ...TOMORROW);
  const run = await place.cli('schedule', 'run', '1');
  expect(run.stdout).toBe(`Window 1 Upgrade: scheduled → active.\n  ${ONE}: closed\n`);
  expect(place.emulator.rules(ONE)).toHaveLength(1);
  const extended = await place.json('schedule', 'extend', '1', '--by', '1h');
  expect(extended.document.results[0]).toMatchObject({ status: 'active', durationSeconds: 10_800 });
  const { document } = await place.json('schedule', 'complete', '1');
  expect(document.summary).toMatchObject({ window: 1, before: 'active', status: 'completed', reopened: 1 });
  expect(document.results).toMatchObject([{ site: ONE, action: 'reopen', maintenanceActive: false }]);
  expect(place.emulator.rules(ONE)).toEqual([]);
  const shown = await place.cli('schedule', 'show', '1');
  for (const words of ['started', `closed ${ONE}`, 'extended: to ', `reopened ${ONE}`, 'ended: completed']) {
    expect(shown.stdout).toContain(words);
  }
});

test('moves, clones and cancels windows, and lists what has ended only when asked', async () => {
  await using place = await openCliWorkplace();
  await create(place, ...TOMORROW);
  const moved = await place.json('schedule', 'reschedule', '1', '--start', '2999-01-01 03:00', '--for', '1h');
  expect(moved.document.results[0]).toMatchObject({
    start: '2999-01-01T02:00:00.000Z',
    durationSeconds: 3600,
  });
  const clone = await place.json(
    'schedule',
    'clone',
    '1',
    '--start',
    '2999-02-01 03:00',
    '--title',
    'Once more',
  );
  expect(clone.document.results[0]).toMatchObject({ id: 2, title: 'Once more', sites: [ONE] });
  const cancelled = await place.cli('schedule', 'cancel', '1');
  expect(cancelled.stdout).toBe('Window 1 Upgrade: scheduled → cancelled.\n');
  const list = async (...argv: string[]) => (await place.json('schedule', 'list', ...argv)).document.results;
  expect((await list()).map(({ id }) => id)).toEqual([2]);
  expect((await list(ONE, '--all')).map(({ id }) => id)).toEqual([1, 2]);
  expect((await place.json('schedule', 'cancel', '1')).document.error?.code).toBe('validation_failed');
});

test('a window whose site cannot be closed shows the error of the site, and ends with its exit status', async () => {
  await using place = await openCliWorkplace({ app: { maxRetries: 0 } });
  await create(place, ...TOMORROW);
  place.emulator.addFault({ kind: 'refuse', method: 'POST', status: 403, code: 10000, message: 'no' });
  const { status, document } = await place.json('schedule', 'run', '1');
  expect(status).toBe(4);
  expect(document.summary).toMatchObject({ status: 'active', closed: 0, failed: 1 });
  expect(document.results).toMatchObject([
    { site: ONE, action: 'close', error: { code: 'api_permission_denied' } },
  ]);
});

test('exports a calendar that keeps the identity of its events', async () => {
  await using place = await openCliWorkplace();
  await create(place, '--cron', '0 2 * * *', '--tz', 'Europe/Berlin');
  const first = await place.cli('schedule', 'export', '--ics', '--days', '5');
  expect(first.stdout).toMatch(/^BEGIN:VCALENDAR\r\n/);
  const ids = (text: string) => text.match(/^UID:.*$/gm) ?? [];
  expect(ids(first.stdout).length).toBeGreaterThanOrEqual(5);
  expect(new Set(ids(first.stdout)).size).toBe(ids(first.stdout).length);
  const second = await place.cli('schedule', 'export', '--ics', '--days', '5');
  expect(ids(second.stdout)).toEqual(ids(first.stdout));
  expect((await place.cli('schedule', 'export')).status).toBe(2);
});
