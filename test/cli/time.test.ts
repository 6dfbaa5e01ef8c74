import { expect, test } from 'vitest';
import { formatRelative, formatTime, parseTime } from '../../src/cli/time.ts';
import { fc } from '../support/property.ts';

test.each([
  ['2026-03-01T22:30:00Z', '2026-03-01T22:30:00.000Z'],
  ['2026-03-01T22:30Z', '2026-03-01T22:30:00.000Z'],
  ['2026-03-01 22:30+01:00', '2026-03-01T21:30:00.000Z'],
  ['2026-03-01T22:30:15.5-0330', '2026-03-02T02:00:15.500Z'],
  ['2028-02-29T00:00Z', '2028-02-29T00:00:00.000Z'],
])('%s is %s', (text, iso) => {
  expect(parseTime(text).toISOString()).toBe(iso);
});

test.each(['2026-03-01T22:30:00', '2026-03-01 22:30'])(
  '%s is refused because its zone is not known',
  (text) => {
    expect(() => parseTime(text)).toThrow(
      expect.objectContaining({
        code: 'validation_failed',
        hint: expect.stringContaining('Add Z or an offset'),
      }),
    );
  },
);

test.each([
  '',
  'tomorrow',
  '2026-03-01',
  '22:30Z',
  '2026-02-30T00:00Z',
  '2026-13-01T00:00Z',
  '2026-03-01T24:00Z',
  '2026-03-01T22:60Z',
  '2026-03-01T22:30+99:00',
  '1772404200',
])('%j is refused', (text) => {
  expect(() => parseTime(text)).toThrow(expect.objectContaining({ code: 'validation_failed' }));
});

test('every moment that is shown can be typed again', () => {
  fc.assert(
    fc.property(
      fc.date({ min: new Date('2000-01-01'), max: new Date('2099-12-31'), noInvalidDate: true }),
      (date) => {
        date.setUTCMilliseconds(0);
        expect(parseTime(formatTime(date))).toEqual(date);
      },
    ),
  );
});

test.each([
  [-2, 'just now'],
  [-45, '45 s ago'],
  [-12 * 60 - 59, '12 min ago'],
  [-3 * 3_600, '3 h ago'],
  [-86_400, '1 day ago'],
  [-40 * 86_400, '40 days ago'],
  [30 * 60, 'in 30 min'],
])('a moment %d seconds from now is %s', (offset, text) => {
  const now = new Date('2026-03-01T12:00:00Z');
  expect(formatRelative(new Date(now.getTime() + offset * 1000), now)).toBe(text);
});
