import { describe, expect, test } from 'vitest';
import { coversHost, listedHosts, parseSubdomainList } from '../../src/domain/coverage.ts';

const domain = 'example.com';

describe('a list of subdomains', () => {
  test('is stored as labels, each once', () => {
    expect(parseSubdomainList(' API, www.example.com ,api,, a.b', domain)).toBe('api,www,a.b');
  });

  test('can be cleared', () => {
    expect(parseSubdomainList('', domain)).toBe('');
  });

  test.each(['*', '*.example.com', 'a b', 'x..y', 'http://x', 'example.com'])('does not take %o', (text) => {
    expect(() => parseSubdomainList(text, domain)).toThrow(
      expect.objectContaining({ code: 'validation_failed' }),
    );
  });
});

describe('the hosts of a closed site', () => {
  const all = { domain, includeSubdomains: true, subdomainList: '' };
  const listed = { domain, includeSubdomains: false, subdomainList: 'api,a.b' };

  test.each([
    ['example.com', true, true],
    ['EXAMPLE.com.', true, true],
    ['api.example.com', true, true],
    ['a.b.example.com', true, true],
    ['dev.example.com', true, false],
    ['myexample.com', false, false],
    ['com', false, false],
  ])('%s: with all subdomains %s, with a list %s', (host, withAll, withList) => {
    expect(coversHost(all, host)).toBe(withAll);
    expect(coversHost(listed, host)).toBe(withList);
  });

  test('are listed in full only when not all are covered', () => {
    expect(listedHosts(all)).toEqual([]);
    expect(listedHosts(listed)).toEqual(['api.example.com', 'a.b.example.com']);
  });
});
