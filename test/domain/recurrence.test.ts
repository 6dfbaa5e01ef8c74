import { describe, expect, it } from 'vitest';
import { checkRecurrence, nextOccurrences } from '../../src/domain/recurrence.ts';
import { localText } from '../../src/domain/wall-clock.ts';

/** What an occurrence is on the clock of the zone, and in UTC. */
function occurrences(expression: string, timezone: string, after: string, count = 3): string[] {
  return nextOccurrences({ expression, timezone }, new Date(after), count).map(
    (time) => `${localText(time, timezone)} = ${time.toISOString().slice(5, 16)}`,
  );
}

describe('an occurrence that clocks going forward skip begins when the gap ends', () => {
  it.each([
    ['Europe/Berlin', '30 2 * * *', '2026-03-27T12:00Z', '2026-03-29 03:00 = 03-29T01:00'],
    ['America/New_York', '30 2 * * *', '2026-03-06T12:00Z', '2026-03-08 03:00 = 03-08T07:00'],
    ['Australia/Lord_Howe', '15 2 * * *', '2026-10-02T00:00Z', '2026-10-04 02:30 = 10-03T15:30'],
  ])('in %s', (timezone, expression, after, during) => {
    const [before, gap, next] = occurrences(expression, timezone, after);
    expect(gap).toBe(during);
    const wall = expression === '30 2 * * *' ? '02:30' : '02:15';
    expect([before, next].map((text) => text?.slice(11, 16))).toEqual([wall, wall]);
  });
});

describe('an occurrence that clocks going back repeat begins the first time only', () => {
  it.each([
    ['Europe/Berlin', '30 2 * * *', '2026-10-23T12:00Z', '2026-10-25 02:30 = 10-25T00:30', '10-26T01:30'],
    ['America/New_York', '30 1 * * *', '2026-10-30T12:00Z', '2026-11-01 01:30 = 11-01T05:30', '11-02T06:30'],
    [
      'Australia/Lord_Howe',
      '45 1 * * *',
      '2026-04-03T00:00Z',
      '2026-04-05 01:45 = 04-04T14:45',
      '04-05T15:15',
    ],
  ])('in %s', (timezone, expression, after, during, nextUtc) => {
    const [, repeated, next] = occurrences(expression, timezone, after);
    expect(repeated).toBe(during);
    expect(next?.slice(-11)).toBe(nextUtc);
  });

  it('also when the search begins between the two', () => {
    expect(occurrences('30 2 * * *', 'Europe/Berlin', '2026-10-25T00:31Z', 1)).toEqual([
      '2026-10-26 02:30 = 10-26T01:30',
    ]);
  });
});

it('one that names several hours is moved like one that names one', () => {
  expect(occurrences('30 2,4 * * *', 'Europe/Berlin', '2026-03-28T12:00Z', 2)).toEqual([
    '2026-03-29 03:00 = 03-29T01:00',
    '2026-03-29 04:30 = 03-29T02:30',
  ]);
});

it('one that comes every hour goes on as time passes', () => {
  expect(occurrences('0 * * * *', 'Europe/Berlin', '2026-03-29T00:00Z', 2)).toEqual([
    '2026-03-29 03:00 = 03-29T01:00',
    '2026-03-29 04:00 = 03-29T02:00',
  ]);
  expect(occurrences('0 * * * *', 'Europe/Berlin', '2026-10-24T23:30Z', 3)).toEqual([
    '2026-10-25 02:00 = 10-25T00:00',
    '2026-10-25 02:00 = 10-25T01:00',
    '2026-10-25 03:00 = 10-25T02:00',
  ]);
});

describe('a recurrence', () => {
  const now = new Date('2026-06-01T12:00Z');
  it.each([
    ['', 'is not a cron expression'],
    ['0 2 * *', 'is not a cron expression'],
    ['0 0 2 * * *', 'is not a cron expression'],
    ['61 2 * * *', 'is not a cron expression'],
    ['0 0 31 4 *', 'never comes'],
    ['*/5 * * * *', 'begins again before the window has ended'],
  ])('%j is refused', (expression, problem) => {
    expect(() => checkRecurrence({ expression, timezone: 'UTC' }, 600, now)).toThrow(problem);
  });

  it('is taken when the window ends as the next one begins', () => {
    checkRecurrence({ expression: '0 * * * *', timezone: 'UTC' }, 3600, now);
  });
});
