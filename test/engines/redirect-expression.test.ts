import { describe, expect, test } from 'vitest';
import { parseBypassIps } from '../../src/domain/bypass-ips.ts';
import { isOpenPath, parseOpenPaths } from '../../src/domain/open-paths.ts';
import { compileFilter } from '../../src/emulator/expression/compile.ts';
import { closingExpression, quote } from '../../src/engines/redirect-expression.ts';
import { IntermissionError } from '../../src/errors.ts';
import { fc } from '../support/property.ts';

const site = {
  domain: 'example.com',
  includeSubdomains: true,
  subdomainList: '',
  openPaths: [] as string[],
  bypassIps: [] as string[],
};

/** Whether the rule takes a request, by the emulator's reading of the expression. */
function takes(expression: string, host: string, path: string, from = '198.51.100.1'): boolean {
  const url = { scheme: 'https' as const, host: host.toLowerCase(), port: 443, path, query: '?x=1' };
  const subject = { method: 'GET', url, sentHost: host, host, headers: {}, from };
  return compileFilter(expression, { hostBits: false }).evaluate(subject);
}

describe('the expression of a site', () => {
  test.each([
    [{}, '(lower(http.host) eq "example.com" or ends_with(lower(http.host), ".example.com"))'],
    [{ includeSubdomains: false }, '(lower(http.host) eq "example.com")'],
    [
      { includeSubdomains: false, subdomainList: 'www,api' },
      '(lower(http.host) in {"example.com" "www.example.com" "api.example.com"})',
    ],
    [
      {
        includeSubdomains: false,
        openPaths: ['/health', '/hooks/*'],
        bypassIps: ['203.0.113.7', '2001:db8::/32'],
      },
      '(lower(http.host) eq "example.com") and not (http.request.uri.path eq "/health" or starts_with(http.request.uri.path, "/hooks/")) and not (ip.src in {203.0.113.7 2001:db8::/32})',
    ],
  ])('%j', (changes, expression) => {
    expect(closingExpression({ ...site, ...changes })).toBe(expression);
  });

  test('is refused when it is longer than Cloudflare takes', () => {
    const openPaths = Array.from({ length: 50 }, (_, n) => `/${'x'.repeat(90)}${n}`);
    expect(() => closingExpression({ ...site, openPaths })).toThrow(IntermissionError);
  });

  test('takes the hosts of the site in any letters, and no look-alike', () => {
    const expression = closingExpression(site);
    for (const host of ['example.com', 'EXAMPLE.com', 'www.example.com', 'a.b.Example.Com']) {
      expect([host, takes(expression, host, '/')]).toEqual([host, true]);
    }
    for (const host of ['myexample.com', 'example.com.evil.org', 'example.org']) {
      expect([host, takes(expression, host, '/')]).toEqual([host, false]);
    }
  });

  test('means what was asked for, whatever the paths and addresses are', () => {
    const parsed = <T>(parse: (texts: readonly string[]) => T, texts: readonly string[]): T | undefined => {
      try {
        return parse(texts);
      } catch (error) {
        if (error instanceof IntermissionError) return undefined;
        throw error;
      }
    };
    const path = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 30 }).map((text) => `/${text}`),
      fc.constantFrom(
        '/health',
        '/a" or true or "',
        '/\\" or ip.src in {0.0.0.0/1}',
        '/x/*',
        '/%22',
        '/a b*',
      ),
    );
    const address = fc.oneof(
      fc.ipV4(),
      fc.constantFrom('203.0.113.0/24', '2001:db8::/32', '1.1.1.1} or true'),
    );
    fc.assert(
      fc.property(
        fc.array(path, { maxLength: 4 }),
        fc.array(address, { maxLength: 3 }),
        path,
        fc.ipV4(),
        (paths, ips, asked, from) => {
          const openPaths = parsed(parseOpenPaths, paths) ?? [];
          const bypassIps = parsed(parseBypassIps, ips) ?? [];
          const [pathname = '/'] = parsed(parseOpenPaths, [asked.replaceAll('*', '')]) ?? [];
          const expression = closingExpression({ ...site, openPaths, bypassIps });
          const isOpen = openPaths.some((open) => isOpenPath(open, pathname));
          if (!bypassIps.includes(from)) {
            const isClosed =
              !isOpen && !bypassIps.some((ip) => ip.includes('/') && from.startsWith('203.0.113.'));
            expect([expression, takes(expression, 'www.example.com', pathname, from)]).toEqual([
              expression,
              isClosed,
            ]);
          }
          expect(takes(expression, 'other.org', pathname, from)).toBe(false);
        },
      ),
      { numRuns: 500 },
    );
  });

  test('no text breaks out of its quotes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (text, other) => {
        const expression = `http.host eq ${quote(text)}`;
        expect(takes(expression, text, '/')).toBe(true);
        if (other !== text) expect(takes(expression, other, '/')).toBe(false);
      }),
      { numRuns: 500 },
    );
  });
});
