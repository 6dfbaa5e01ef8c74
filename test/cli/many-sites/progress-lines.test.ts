import picocolors from 'picocolors';
import { describe, expect, test } from 'vitest';
import { Progress } from '../../../src/cli/many-sites/progress.ts';
import { progressLines, type Screen } from '../../../src/cli/many-sites/progress-lines.ts';
import { displayWidth } from '../../../src/cli/text-width.ts';
import { IntermissionError } from '../../../src/errors.ts';
import { doneSite, failedSite, skippedSite } from '../../../src/services/bulk-operations/rows.ts';
import type { BulkPlan, BulkSite } from '../../../src/services/bulk-operations/types.ts';

const SCREEN: Screen = { columns: 80, rows: 24, colors: picocolors.createColors(false), now: 10_000 };

function site(id: number) {
  return { id, domain: `site-${id}.example` };
}

function progressOf(total: number, seconds = 0): Progress {
  const progress = new Progress(total, 0);
  const plan = { total, seconds } as BulkPlan;
  progress.take({ type: 'planned', plan }, 0);
  return progress;
}

function finish(progress: Progress, row: BulkSite, now = 9_000): void {
  progress.take({ type: 'finished', site: row, finished: 0, total: progress.total }, now);
}

/** Ten are finished, one of them has failed, one was left out, and eight are in hand. */
function halfWay(): Progress {
  const progress = progressOf(20);
  for (let id = 1; id <= 18; id += 1)
    progress.take({ type: 'started', domain: site(id).domain, siteId: id }, id * 100);
  for (let id = 1; id <= 8; id += 1) finish(progress, doneSite(site(id)));
  finish(progress, failedSite(site(9), new IntermissionError('api_unavailable', 'No reply.')));
  finish(progress, skippedSite(site(10), 'already_closed', 'site-10.example is closed already.'));
  return progress;
}

test('it says how many are done, how fast it goes and how long it takes, and names what is in hand', () => {
  expect(progressLines(halfWay(), 'Closing', SCREEN)).toEqual([
    'Closing 20 sites  ███████████████░░░░░░░░░░░░░░░  50 %',
    '8 done, 1 failed, 1 as they were, 10 to go · 2.0 a second · about 5s left',
    '… site-11.example  8.9 s',
    '… site-12.example  8.8 s',
    '… site-13.example  8.7 s',
    '… site-14.example  8.6 s',
    '… and 4 more in hand',
    '✗ site-9.example: No reply.',
  ]);
});

test('a pause says until when and for which key, and is no longer told when it is over', () => {
  const progress = progressOf(20, 30);
  progress.take({ type: 'paused', apiKey: 'main', until: new Date(22_000) }, 9_000);
  const lines = progressLines(progress, 'Closing', SCREEN);
  expect(lines[1]).toBe('0 done, 20 to go · about 20s left');
  expect(lines[2]).toBe('Paused until 1970-01-01T00:00:22Z (12s): limit of key main');
  expect(progressLines(progress, 'Closing', { ...SCREEN, now: 23_000 }).join()).not.toContain('Paused');
});

test('once it stops, it says so and promises no end', () => {
  const progress = halfWay();
  progress.take({ type: 'stopped', code: 'cancelled', message: 'Cancelled.' }, 9_500);
  const lines = progressLines(progress, 'Closing', SCREEN);
  expect(lines[2]).toBe('Stopping: 8 in hand are finished, no other is begun.');
  expect(lines.join()).not.toContain('left');
});

describe('on any screen', () => {
  test.each([
    [20, 3],
    [40, 5],
    [60, 8],
    [120, 50],
  ])('of %i columns and %i rows it fits', (columns, rows) => {
    const lines = progressLines(halfWay(), 'Closing', { ...SCREEN, columns, rows });
    expect(Math.max(...lines.map(displayWidth))).toBeLessThan(columns);
    expect(lines.length).toBeLessThan(rows);
  });

  test('what comes from outside cannot move the cursor', () => {
    const progress = progressOf(1);
    finish(progress, failedSite(site(1), new IntermissionError('api_rejected', 'a\u001b[2Jb')));
    expect(progressLines(progress, 'Closing', SCREEN).join()).not.toContain('\u001b');
  });
});
