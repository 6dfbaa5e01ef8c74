import { describe, expect, test } from 'vitest';
import { parseDomain } from '../../src/domain/domain-name.ts';
import { fc } from '../support/property.ts';

describe('parseDomain', () => {
  test.each([
    ['Example.COM', 'example.com'],
    [' example.com. ', 'example.com'],
    ['bücher.example', 'xn--bcher-kva.example'],
    ['a_b.example.com', 'a_b.example.com'],
  ])('stores %o as %s', (text, stored) => {
    expect(parseDomain(text)).toBe(stored);
  });

  test.each([
    '',
    'localhost',
    'https://example.com',
    'example.com/path',
    'example.com:8080',
    '*.example.com',
    '192.0.2.1',
    '[::1]',
    'a..b',
    '-a.example',
    'user@example.com',
    `${'a'.repeat(64)}.example`,
    `${'a.'.repeat(130)}example`,
    'exa mple.com',
    'x'.repeat(1_000_000),
  ])('refuses %o', (text) => {
    expect(() => parseDomain(text)).toThrow(expect.objectContaining({ code: 'validation_failed' }));
  });

  test('what it accepts it accepts again, unchanged', () => {
    fc.assert(
      fc.property(fc.domain(), (domain) => {
        const once = parseDomain(domain);
        expect(parseDomain(once)).toBe(once);
      }),
    );
  });
});
