import { describe, expect, test } from 'vitest';
import { isOpenPath, OPEN_PRESETS, openPreset, parseOpenPaths } from '../../src/domain/open-paths.ts';
import { normalizePath } from '../../src/emulator/expression/normalize-path.ts';
import { IntermissionError } from '../../src/errors.ts';
import { fc } from '../support/property.ts';

describe('an open path', () => {
  test.each([
    ['/health', '/health'],
    [' /health ', '/health'],
    ['/webhooks/*', '/webhooks/*'],
    ['/pre*', '/pre*'],
    ['/a b', '/a%20b'],
    ['/straße', '/stra%C3%9Fe'],
    ['/a%2fb', '/a%2Fb'],
    ['/"quoted"', '/%22quoted%22'],
    ['/back\\slash', '/back%5Cslash'],
    ["/it's;v=1,2@x:$&(y)!", "/it's;v=1,2@x:$&(y)!"],
    ['/', '/'],
    ['/%41bc', '/Abc'],
    ['/%7Euser/*', '/~user/*'],
    ['/%2ewell-known/%61', '/.well-known/a'],
    ['/a%2541', '/a%2541'],
  ])('%j is stored as %j', (text, stored) => {
    expect(parseOpenPaths([text])).toEqual([stored]);
  });

  test.each([
    'health',
    'https://example.com/health',
    '/*',
    '/a*b',
    '/a/**',
    '/a?b=1',
    '/a#b',
    '/100%',
    '/a%zz',
    '/a\u0000b',
    '/a\nb',
    '/\ud800',
    '/../etc',
    '/a/./b',
    '/a/..',
    '/a/%2e%2e/b',
    '/a/%2E',
    '//host',
    `/${'x'.repeat(501)}`,
  ])('%j is refused', (text) => {
    expect(() => parseOpenPaths([text])).toThrow(IntermissionError);
  });

  test('empty texts and repetitions are left out', () => {
    expect(parseOpenPaths(['', '/a', ' /a', '/b', ' '])).toEqual(['/a', '/b']);
  });

  test('more than 50 are refused', () => {
    expect(() => parseOpenPaths(Array.from({ length: 51 }, (_, n) => `/p${n}`))).toThrow(/51 open paths/);
  });

  test('is stored as Cloudflare sees the path of a request for it', () => {
    const code = fc.integer({ min: 0x20, max: 0xff }).map((byte) => `%${byte.toString(16)}`);
    const unreserved = fc.constantFrom('%41', '%7a', '%30', '%2d', '%2e', '%2E', '%5f', '%7E', '%7e');
    const piece = fc.oneof(unreserved, code, fc.constantFrom('a', '.', '..', '/', '~', 'Z', ',', '%25'));
    let accepted = 0;
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
        const text = `/${pieces.join('')}`;
        const stored = storedOrNone(text);
        if (stored === undefined) return;
        accepted += 1;
        const seen = normalizePath(text);
        expect(stored).toBe(seen);
        expect(isOpenPath(stored, text)).toBe(true);
        expect(isOpenPath(`${stored}*`, `${text}%78`)).toBe(true);
        expect(parseOpenPaths([stored])).toEqual([stored]);
      }),
      { numRuns: 1000 },
    );
    expect(accepted).toBeGreaterThan(200);
  });

  test('is stored in a form that parses to itself, without a quote or a backslash', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const stored = storedOrNone(`/${text}`);
        if (stored === undefined) return;
        expect(parseOpenPaths([stored])).toEqual([stored]);
        expect(stored).toMatch(/^\/[A-Za-z0-9\-._~!$&'()+,;=:@/%]*\*?$/);
      }),
      { numRuns: 1000 },
    );
  });
});

test('a path is open when it is the same, or begins the same before a "*"', () => {
  expect(isOpenPath('/health', '/health')).toBe(true);
  expect(isOpenPath('/health', '/health/')).toBe(false);
  expect(isOpenPath('/health', '/Health')).toBe(false);
  expect(isOpenPath('/webhooks/*', '/webhooks/')).toBe(true);
  expect(isOpenPath('/webhooks/*', '/webhooks/stripe')).toBe(true);
  expect(isOpenPath('/webhooks/*', '/webhooks')).toBe(false);
  expect(isOpenPath('/health', '/%68ealth')).toBe(true);
  expect(isOpenPath('/a%2Fb', '/a%2fb')).toBe(true);
  expect(isOpenPath('/a/b', '/a//b')).toBe(true);
});

test('every preset holds paths in their stored form, and other names are refused with those that exist', () => {
  for (const name of Object.keys(OPEN_PRESETS))
    expect(parseOpenPaths(openPreset(name))).toEqual(openPreset(name));
  expect(() => openPreset('toString')).toThrow(/no preset "toString"/);
});

function storedOrNone(text: string): string | undefined {
  try {
    return parseOpenPaths([text])[0];
  } catch (error) {
    if (error instanceof IntermissionError) return undefined;
    throw error;
  }
}
