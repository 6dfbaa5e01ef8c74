import { expect, test } from 'vitest';
import { nextAttempt } from '../../../src/services/notices/back-off.ts';
import { fc } from '../../support/property.ts';

const START = new Date('2026-06-01T12:00:00.000Z');

/** When each attempt takes place, in minutes after the first; the last one is not followed by another. */
function attemptsAt(random: number): number[] {
  const at = [0];
  let time = nextAttempt(1, START, random);
  for (let attempts = 2; time !== null; attempts += 1) {
    at.push((time.getTime() - START.getTime()) / 60_000);
    time = nextAttempt(attempts, time, random);
  }
  return at;
}

test('the waits double from a minute up to four hours, over about a day', () => {
  const at = attemptsAt(0.5);
  const waits = at.slice(1).map((minute, index) => minute - (at[index] ?? 0));
  expect(waits).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 240, 240, 240, 240, 240]);
  expect(at.at(-1)).toBe(1455);
});

test('each wait is at most a fifth shorter or longer', () => {
  const attempts = fc.integer({ min: 1, max: 13 });
  const random = fc.double({ min: 0, max: 0.999, noNaN: true });
  fc.assert(
    fc.property(attempts, random, (count, chance) => {
      const wait = (at: number) => (nextAttempt(count, START, at)?.getTime() ?? 0) - START.getTime();
      const ratio = wait(chance) / wait(0.5);
      return ratio >= 0.8 && ratio <= 1.2;
    }),
  );
});
