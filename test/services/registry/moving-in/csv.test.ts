import { expect, test } from 'vitest';
import {
  formatCsv,
  parseCsv,
  withFormula,
  withoutFormula,
} from '../../../../src/services/registry/moving-in/csv.ts';
import { fc } from '../../../support/property.ts';

/** Cells with everything that CSV gives a meaning to. */
const cell = fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', '\r', "'", '=', ' ', 'ü', ';') });
const records = fc.array(fc.array(cell, { minLength: 1, maxLength: 4 }), { maxLength: 6 });

test('what is written is read back exactly', () => {
  fc.assert(
    fc.property(records, (written) => {
      expect(parseCsv(formatCsv(written)).map(({ cells }) => cells)).toEqual(written);
    }),
  );
});

test('no text is a formula once it is defused, and it comes back as it was', () => {
  const text = fc.string({ unit: fc.constantFrom("'", '=', '+', '-', '@', '＝', 'a', ' ') });
  fc.assert(
    fc.property(text, (original) => {
      const safe = withoutFormula(original);
      expect(safe).not.toMatch(/^[=+\-@＝＋－＠\t\r]/);
      expect(withFormula(safe)).toBe(original);
    }),
  );
});

test.each([
  [
    'a line end of Unix, Windows or none at the end',
    'a,b\r\nc,d\ne,f',
    [
      ['a', 'b'],
      ['c', 'd'],
      ['e', 'f'],
    ],
  ],
  ['quotes, commas and line ends in quotes', '"a ""b"", c\r\nd",e', [['a "b", c\r\nd', 'e']]],
  ['empty cells, also the last one', ',a,\n', [['', 'a', '']]],
  ['an empty cell in quotes on a line of its own', 'a\n""\n', [['a'], ['']]],
])('reads %s', (_name, text, cells) => {
  expect(parseCsv(text).map((record) => record.cells)).toEqual(cells);
});

test('empty lines are left out but counted, and a cell with several lines counts once', () => {
  expect(parseCsv('h\n\n"x\ny"\n\r\nz\n').map(({ row }) => row)).toEqual([1, 3, 5]);
});

test.each([
  ['a quote that is never closed', 'a\n"b,c\nd'],
  ['a quote in the middle of a cell', 'a\nb"c"\n'],
  ['text behind a closing quote', 'a\n"b"c\n'],
  ['a carriage return alone', 'a\nb\rc'],
])('refuses %s, naming the row', (_name, text) => {
  expect(() => parseCsv(text)).toThrow(
    expect.objectContaining({ code: 'validation_failed', message: expect.stringContaining('Row 2') }),
  );
});

test('a cell of a megabyte is read without trouble', () => {
  const long = '"'.repeat(1_000_000);
  expect(parseCsv(formatCsv([[long, 'end']]))).toEqual([{ row: 1, cells: [long, 'end'] }]);
});
