import { describe, expect, test } from 'vitest';
import { exchange, nextPlace } from '../../src/engines/page-rules-order.ts';
import { fc } from '../support/property.ts';

type Write = (current: readonly string[], id: string, index: number) => string[];
const push: Write = (current, id, index) => current.filter((other) => other !== id).toSpliced(index, 0, id);

const orders = fc
  .integer({ min: 1, max: 9 })
  .map((count) => Array.from({ length: count }, (_, index) => `rule-${index}`));
const cases = orders.chain((order) =>
  fc.record({
    order: fc.constant(order),
    current: fc.shuffledSubarray(order, { minLength: order.length }),
    id: fc.constantFrom(...order),
  }),
);

/** The rules after moving one of them as long as that helps. */
function rearrange(order: string[], current: readonly string[], id: string, write: Write): string[] {
  let now = [...current];
  let moves = 0;
  for (;;) {
    const place = nextPlace({ id, order, rule: null }, now, new Set(), new Set());
    if (place === undefined) return now;
    now = write(now, id, now.length - place);
    moves += 1;
    expect(moves).toBeLessThanOrEqual(2 * order.length);
  }
}

describe('moving one rule', () => {
  test('brings all into the old order where two rules change places', () => {
    fc.assert(
      fc.property(cases, ({ order, current, id }) => {
        expect(rearrange(order, current, id, exchange)).toEqual(order);
      }),
    );
  });

  test('brings it to its place where a write pushes the others, if these stand right', () => {
    fc.assert(
      fc.property(cases, fc.nat(8), ({ order, id }, index) => {
        expect(rearrange(order, push(order, id, index), id, push)).toEqual(order);
      }),
    );
  });

  test('leaves alone what is above a redirect that stays, what must not move, and what is not known', () => {
    const saved = { id: 'a', order: ['x', 'b', 'y', 'a'], rule: null };
    const current = ['y', 'ours', 'a', 'new', 'x', 'b'];
    const next = (ignored: string[]) => nextPlace(saved, current, new Set(ignored), new Set(['ours']));
    expect(next(['ours'])).toBe(2);
    expect(next(['ours', 'x'])).toBe(1);
    expect(next(['ours', 'x', 'b'])).toBeUndefined();
    expect(next(['ours', 'a'])).toBeUndefined();
  });
});
