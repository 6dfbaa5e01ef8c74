import { expect, test } from 'vitest';
import { formatDuration, parseDuration } from '../../src/cli/duration.ts';
import { fc } from '../support/property.ts';

test.each([
  ['90s', 90],
  ['30m', 1_800],
  ['2h', 7_200],
  ['1h30m', 5_400],
  ['1d', 86_400],
  ['1d2h3m4s', 93_784],
  ['90m', 5_400],
  ['365d', 31_536_000],
])('%s is %i seconds', (text, seconds) => {
  expect(parseDuration(text)).toBe(seconds);
});

test.each([
  '',
  ' ',
  '30',
  '30 m',
  '1.5h',
  '-30m',
  '30M',
  '30min',
  '30m1h',
  'm',
  '1h1h',
  'soon',
  '٣m',
  '1e3s',
])('%j is refused', (text) => {
  expect(() => parseDuration(text)).toThrow(expect.objectContaining({ code: 'validation_failed' }));
});

test.each([
  ['0s', 'too short'],
  ['366d', 'too long'],
  [`${'9'.repeat(400)}d`, 'too long'],
])('%s is outside the limits', (text, problem) => {
  expect(() => parseDuration(text)).toThrow(problem);
});

test('limits can be narrower, and the hint names them', () => {
  expect(() => parseDuration('2h', { min: 1, max: 3_600 })).toThrow(
    expect.objectContaining({ hint: 'Give a duration from 1s to 1h.' }),
  );
});

test.each([
  [0, '0s'],
  [0.9, '0s'],
  [45, '45s'],
  [5_400, '1h 30m'],
  [86_400 + 5, '1d'],
  [93_784, '1d 2h'],
])('%d seconds are shown as %s', (seconds, text) => {
  expect(formatDuration(seconds)).toBe(text);
});

test('what is shown of whole hours and minutes can be typed again', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 23 }), fc.integer({ min: 0, max: 59 }), (hours, minutes) => {
      const seconds = hours * 3_600 + minutes * 60;
      expect(parseDuration(formatDuration(seconds).replaceAll(' ', ''))).toBe(seconds);
    }),
  );
});
