import { describe, expect, test } from 'vitest';
import { wishedLanguage, wishedType } from '../../src/server/client-wishes.ts';
import { fc } from '../support/property.ts';

describe('the type', () => {
  test.each([
    [undefined, 'text/html'],
    ['', 'text/html'],
    ['*/*', 'text/html'],
    ['text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8', 'text/html'],
    ['application/json', 'application/json'],
    ['application/json, text/plain, */*', 'application/json'],
    ['text/plain', 'text/plain'],
    ['text/plain;q=0.5, application/json;q=0.9', 'application/json'],
    ['text/*', 'text/html'],
    ['text/html;q=0, */*', 'application/json'],
    ['image/png', 'text/html'],
    ['application/json;q=nonsense', 'text/html'],
  ])('of %j is %s', (header, type) => {
    expect(wishedType(header)).toBe(type);
  });
});

describe('the language', () => {
  test.each([
    [undefined, 'en'],
    ['de', 'de'],
    ['de-CH, en;q=0.8', 'de'],
    ['JA-JP', 'ja'],
    ['pt-BR, es;q=0.4, en;q=0.3', 'es'],
    ['en;q=0.5, fr', 'fr'],
    ['*', 'en'],
    ['de;q=0, *', 'en'],
    ['en;q=0, *', 'de'],
    ['xx', 'en'],
    ['des', 'en'],
  ])('of %j is %s', (header, language) => {
    expect(wishedLanguage(header)).toBe(language);
  });
});

test('any header gets an answer', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 2_000 }), (header) => {
      expect(['text/html', 'application/json', 'text/plain']).toContain(wishedType(header));
      expect(['en', 'de', 'fr', 'es', 'ja']).toContain(wishedLanguage(header));
    }),
  );
});
