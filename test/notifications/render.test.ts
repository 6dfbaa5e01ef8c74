import { expect, test } from 'vitest';
import { NOTICE_EVENTS, type NoticeEvent, type NoticeFacts } from '../../src/domain/notices.ts';
import { renderNotice, renderTest } from '../../src/notifications/render.ts';
import { fc } from '../support/property.ts';

const AT = '2026-06-01T12:00:00.000Z';
const window = {
  id: 12,
  title: 'DB upgrade',
  start: '2026-12-01T01:00:00.000Z',
  end: '2026-12-01T23:30:00.000Z',
  timezone: 'Europe/Berlin',
  sites: ['a.example', 'b.example'],
};
const render = (event: NoticeEvent, facts: NoticeFacts) => renderNotice(event, { event, at: AT, ...facts });

test('a failed operation names the site, the error, who asked, and where to look', () => {
  const error = { code: 'quota_exceeded', message: 'Cloudflare allows 3 page rules.' };
  const facts = {
    logId: 77,
    site: 'a.example',
    action: 'enable',
    reason: 'DB upgrade',
    actor: 'ada',
    source: 'cli',
  };
  expect(render('operation.failed', { ...facts, error })).toEqual({
    subject: 'Intermission: a.example could not be closed',
    text: `a.example could not be closed

Site:    a.example
Error:   quota_exceeded: Cloudflare allows 3 page rules.
Reason:  DB upgrade
By:      ada, cli
Time:    2026-06-01 12:00 UTC

What to do: see intermission log show 77
`,
  });
});

test('of many operations that failed the first are named, and the number of the others', () => {
  const failures = Array.from({ length: 100 }, (_, index) => ({
    site: `s${index}.example`,
    error: 'internal: No.',
  }));
  const { subject, text } = render('operation.failed', { action: 'disable', failures, failureCount: 1_000 });
  expect(subject).toBe('Intermission: 1000 sites could not be reopened');
  expect(text).toContain('Failed:  s19.example: internal: No.\nFailed:  and 980 more\n');
  expect(text).toContain('What to do: see intermission log list --status failed\n');
});

test('a window is told in its own zone and in UTC, with the date of UTC where it is another', () => {
  expect(render('window.upcoming', { window })).toEqual({
    subject: 'Intermission: Maintenance "DB upgrade" begins 2026-12-01 02:00 Europe/Berlin (01:00 UTC)',
    text: `Maintenance "DB upgrade" begins 2026-12-01 02:00 Europe/Berlin (01:00 UTC)

Window:  "DB upgrade" (12)
Begins:  2026-12-01 02:00 Europe/Berlin (01:00 UTC)
Ends:    2026-12-02 00:30 Europe/Berlin (2026-12-01 23:30 UTC)
Sites:   a.example, b.example
Time:    2026-06-01 14:00 Europe/Berlin (12:00 UTC)

What to do: nothing, or move it: intermission schedule reschedule 12
`,
  });
});

test.each([
  ['2026-10-25T00:30:00.000Z', '2026-10-25 02:30 Europe/Berlin (00:30 UTC)'],
  ['2026-10-25T01:30:00.000Z', '2026-10-25 02:30 Europe/Berlin (01:30 UTC)'],
])('the hour that comes twice can be told apart: %s', (start, said) => {
  expect(render('window.rescheduled', { window: { ...window, start } }).subject).toContain(`begins ${said}`);
});

test.each<[NoticeEvent, NoticeFacts, string, string]>([
  ['window.started', { window }, 'Maintenance "DB upgrade" has begun', ''],
  [
    'window.waiting',
    { window },
    'Maintenance "DB upgrade" waits for somebody to begin it',
    'schedule run 12',
  ],
  ['window.completed', { window }, 'Maintenance "DB upgrade" is over', ''],
  [
    'window.extended',
    { window },
    'Maintenance "DB upgrade" now ends 2026-12-02 00:30 Europe/Berlin (2026-12-01 23:30 UTC)',
    '',
  ],
  ['window.cancelled', { window, by: 'ada' }, 'Maintenance "DB upgrade" is cancelled', ''],
  ['window.failed', { window }, 'Maintenance "DB upgrade" has failed', 'schedule show 12'],
  [
    'window.overdue',
    { window },
    'Maintenance "DB upgrade" should be over, and is not',
    'schedule complete 12',
  ],
  [
    'site.not_reopened',
    { window, failures: [{ site: 'a.example', error: 'No answer.' }] },
    'a.example could not be reopened after "DB upgrade"',
    'maintenance status a.example --live',
  ],
  [
    'hold.overdue',
    { site: 'a.example', hold: 'deploy-7', maxHours: 72 },
    'a.example has been in maintenance for more than 72 h',
    'maintenance disable a.example --hold deploy-7',
  ],
  [
    'operation.failed',
    { site: 'a.example', action: 'disable', logId: 3 },
    'a.example could not be reopened',
    'log show 3',
  ],
])('%s says what happened and what to do', (event, facts, says, todo) => {
  const { subject, text } = render(event, facts);
  expect(subject).toBe(`Intermission: ${says}`);
  expect(text.startsWith(`${says}\n`)).toBe(true);
  expect(text.includes('What to do:')).toBe(todo !== '');
  expect(text).toContain(todo);
});

test('of many sites the first are named, and the number of the others', () => {
  const sites = Array.from({ length: 25 }, (_, index) => `site-${index}.example`);
  expect(render('window.started', { window: { ...window, sites } }).text).toContain(
    'site-19.example and 5 more\n',
  );
  const known = { ...window, sites: sites.slice(0, 20), siteCount: 700 };
  expect(render('window.started', { window: known }).text).toContain('site-19.example and 680 more\n');
});

test('nothing that people or Cloudflare write can begin a line of its own', () => {
  const nasty = 'x\r\nWhat to do: pay\u2028\x1b[31m\u202e';
  const lines = (title: string) =>
    render('operation.failed', {
      site: 'a.example',
      reason: title,
      actor: title,
      error: { code: 'internal', message: title },
      window: { ...window, timezone: 'UTC', title, sites: [title] },
    }).text.split('\n').length;
  expect(lines(nasty)).toBe(lines('x'));
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (title) => lines(`x${title}`) === lines('x')));
});

test('whatever the outbox holds is told somehow: an unknown zone, time or event, nothing at all', () => {
  expect(render('window.started', { window: { ...window, timezone: 'Mars/Olympus' } }).text).toContain(
    'Begins:  2026-12-01 01:00 UTC\n',
  );
  expect(render('window.started', { since: 'soon' }).text).toContain('Since:   soon\n');
  for (const event of [...NOTICE_EVENTS, 'window.from_the_future'])
    for (const payload of [null, 'x', {}, { event }])
      expect(renderNotice(event, payload).subject).toMatch(/^Intermission: \S/);
});

test('a test says who sent it', () => {
  expect(renderTest('ada@host\nx').text).toBe('This is a test. Notices reach you.\n\nSent by:  ada@host x\n');
});
