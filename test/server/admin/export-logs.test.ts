import { expect, test } from 'vitest';
import { csvField } from '../../../src/server/admin/export-logs.ts';

test.each([
  ['plain', 'plain'],
  [null, ''],
  [1.5, '1.5'],
  [-3, '-3'],
  ['a,b', '"a,b"'],
  ['say "hi"', '"say ""hi"""'],
  ['two\nlines', '"two\nlines"'],
  ['=1+1', "'=1+1"],
  ['@SUM(A1)', "'@SUM(A1)"],
  ['-cmd', "'-cmd"],
])('%j becomes the field %s: no spreadsheet takes it for a formula', (value, field) => {
  expect(csvField(value)).toBe(field);
});
