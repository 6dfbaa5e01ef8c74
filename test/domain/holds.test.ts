import { describe, expect, test } from 'vitest';
import { type HoldView, isInForce, parseHoldName, summarizeHolds } from '../../src/domain/holds.ts';

const at = (minute: number) => new Date(Date.UTC(2026, 0, 1, 12, minute));
const hold = (more: Partial<HoldView>): HoldView => ({ name: 'manual', updatedAt: at(0), ...more });

describe('a hold', () => {
  test('is in force until it is released or its end has come', () => {
    expect(isInForce(hold({}), at(0))).toBe(true);
    expect(isInForce(hold({ expiresAt: at(1) }), at(0))).toBe(true);
    expect(isInForce(hold({ expiresAt: at(1) }), at(1))).toBe(false);
    expect(isInForce(hold({ releasedAt: at(0) }), at(0))).toBe(false);
  });

  test.each(['manual', 'deploy-123', 'ci:main/7'])('may be named %s', (name) => {
    expect(parseHoldName(name)).toBe(name);
  });

  test.each(['', 'two words', 'a\nb', 'x'.repeat(101), 'window:1'])('may not be named %o', (name) => {
    expect(() => parseHoldName(name)).toThrow(expect.objectContaining({ code: 'validation_failed' }));
  });

  test('of a window is named by the scheduler only', () => {
    expect(parseHoldName('window:1', { scheduler: true })).toBe('window:1');
    expect(() => parseHoldName('deploy', { scheduler: true })).toThrow(
      expect.objectContaining({ code: 'validation_failed' }),
    );
  });
});

describe('several holds', () => {
  test('take URL and message from the newest that has one', () => {
    const holds = [
      hold({ updatedAt: at(3), url: null, message: 'newest' }),
      hold({ updatedAt: at(2), url: 'https://two.example/', message: 'older' }),
      hold({ updatedAt: at(1), url: 'https://one.example/' }),
    ];
    expect(summarizeHolds(holds)).toMatchObject({ url: 'https://two.example/', message: 'newest' });
  });

  test('end with the last of them, and never while one has no end', () => {
    expect(summarizeHolds([hold({ expiresAt: at(1) }), hold({ expiresAt: at(5) })]).until).toEqual(at(5));
    expect(summarizeHolds([hold({ expiresAt: at(1) }), hold({})]).until).toBeUndefined();
    expect(summarizeHolds([]).until).toBeUndefined();
  });
});
