import { describe, expect, test } from 'vitest';
import {
  compilePattern,
  expandForwardingUrl,
  type VisitedUrl,
} from '../../src/emulator/page-rules/pattern.ts';
import { fc } from '../support/property.ts';

function visited(text: string): VisitedUrl {
  const url = new URL(text);
  const scheme = url.protocol === 'https:' ? 'https' : 'http';
  const port = url.port === '' ? { http: 80, https: 443 }[scheme] : Number(url.port);
  return { scheme, host: url.hostname, port, path: url.pathname, query: url.search };
}

describe('matching', () => {
  test.each([
    ['example.com/*', 'https://example.com/', true],
    ['example.com/*', 'http://example.com/a/b.html', true],
    ['example.com/*', 'https://www.example.com/', false],
    ['*example.com/*', 'https://example.com/a', true],
    ['*example.com/*', 'https://a.b.example.com/a', true],
    ['*.example.com/*', 'https://www.example.com/a', true],
    ['*.example.com/*', 'https://example.com/a', false],
    ['*.example.com/*', 'https://example.com/x.example.com/a', false],
    ['example.com', 'https://example.com/', true],
    ['example.com', 'https://example.com/a', false],
    ['example.com/', 'https://example.com/?q=1', true],
    ['example.com/foo', 'https://example.com/foo', true],
    ['example.com/foo', 'https://example.com/foo/', false],
    ['example.com/foo/*', 'https://example.com/foo', false],
    ['example.com/foo*', 'https://example.com/foo', true],
    ['example.com/foo*', 'https://example.com/foobar/baz?x=1', true],
    ['example.com/*/end', 'https://example.com/a/b/end', true],
    ['example.com/*/end', 'https://example.com/a/b/end?x=1', true],
    ['http://example.com/*', 'https://example.com/', false],
    ['https://example.com/*', 'https://example.com/', true],
    ['example.com:8443/*', 'https://example.com/', false],
    ['example.com:8443/*', 'https://example.com:8443/', true],
    ['example.com:443/*', 'https://example.com/', true],
    ['example.com/*', 'https://example.com:8443/', true],
    ['EXAMPLE.com/Shop/*', 'https://example.com/sHOP/a', true],
    ['example.com/a?b=*', 'https://example.com/a?b=1', true],
    ['example.com/a?b=*', 'https://example.com/a?c=1', false],
    ['example.com/a?b=*', 'https://example.com/a', false],
    ['example.com/a.b', 'https://example.com/axb', false],
    ['example.com/(a|b)[c]', 'https://example.com/(a|b)[c]', true],
  ])('%s and %s: %s', (pattern, url, matches) => {
    expect(compilePattern(pattern)(visited(url)) !== undefined).toBe(matches);
  });

  test.each([
    ['*example.com/*', 'https://example.com/shop?x=1', ['', 'shop?x=1']],
    ['*example.com/*', 'https://www.example.com/example.com/', ['www.', 'example.com/']],
    ['*.example.com/*/*', 'https://a.b.example.com/x/y/z', ['a.b', 'x', 'y/z']],
    ['example.com/', 'https://example.com/', []],
  ])('%s on %s captures %j', (pattern, url, captures) => {
    expect(compilePattern(pattern)(visited(url))).toEqual(captures);
  });

  test('a pattern that is a path matches itself, whatever its characters', () => {
    const path = fc.string({ unit: fc.constantFrom(...'abcABC019-._~!$&()+,;=:@/[]{}|^') });
    fc.assert(
      fc.property(path, (text) => {
        const url: VisitedUrl = {
          scheme: 'https',
          host: 'example.com',
          port: 443,
          path: `/${text}`,
          query: '',
        };
        expect(compilePattern(`example.com/${text}`)(url)).toEqual([]);
      }),
    );
  });
});

describe('expanding', () => {
  test.each([
    ['https://x.example/$1', ['a'], 'https://x.example/a'],
    ['https://x.example/$2/$1/$2', ['a', 'b'], 'https://x.example/b/a/b'],
    ['https://x.example/\\$1', ['a'], 'https://x.example/$1'],
    ['https://x.example/?price=$', [], 'https://x.example/?price=$'],
    ['https://x.example/$1', [''], 'https://x.example/'],
    ['https://x.example/$1', ['$2'], 'https://x.example/$2'],
    ['https://x.example/$2', ['a'], undefined],
    ['https://x.example/$0', ['a'], undefined],
  ])('%s with %j is %s', (template, captures, url) => {
    expect(expandForwardingUrl(template, captures)).toBe(url);
  });
});
