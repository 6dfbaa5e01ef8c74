import { expect, test } from 'vitest';
import { closeMatches } from '../../../src/persistence/repositories/close-matches.ts';

const known = ['shop.example.com', 'newsletter.example.com', 'shop.example.org', 'intranet.test', 'a'];

test.each([
  ['a letter swapped', 'shpo.example.com', ['shop.example.com']],
  ['another case', 'SHOP.EXAMPLE.COM', ['shop.example.com', 'shop.example.org']],
  ['a part of the name', 'intranet', ['intranet.test']],
  ['nothing alike', 'something-else.net', []],
  ['one letter', 'b', ['a']],
])('%s', (_case, text, expected) => {
  expect(closeMatches(text, known)).toEqual(expected);
});

test('three at most, the closest first', () => {
  expect(closeMatches('shop1', ['shop4', 'shop3', 'shop2', 'shop'])).toEqual(['shop', 'shop2', 'shop3']);
});
