import { stripVTControlCharacters } from 'node:util';
import picocolors from 'picocolors';
import { expect, test } from 'vitest';
import { type Column, fields, table } from '../../src/cli/table.ts';
import { displayWidth } from '../../src/cli/text-width.ts';

interface Row {
  site: string;
  calls: number;
  reason: string;
}

const plain = picocolors.createColors(false);
const columns: Column<Row>[] = [
  { header: 'SITE', value: ({ site }) => site },
  { header: 'CALLS', value: ({ calls }) => String(calls), align: 'right' },
  { header: 'REASON', value: ({ reason }) => reason, shrink: true },
];
const rows: Row[] = [
  { site: 'example.com', calls: 1, reason: 'Database upgrade of the whole shop' },
  { site: 'a.example', calls: 12, reason: '' },
];

test('columns are aligned and lines do not end in blanks', () => {
  expect(table(columns, rows, { colors: plain, width: undefined })).toBe(
    [
      'SITE         CALLS  REASON',
      'example.com      1  Database upgrade of the whole shop',
      'a.example       12',
      '',
    ].join('\n'),
  );
});

test('a narrow terminal shortens only the column that may shrink', () => {
  expect(table(columns, rows, { colors: plain, width: 34 })).toBe(
    ['SITE         CALLS  REASON', 'example.com      1  Database upgr…', 'a.example       12', ''].join('\n'),
  );
});

test('a terminal that is far too narrow keeps what must not be cut', () => {
  const text = table(columns, rows, { colors: plain, width: 10 });
  expect(text).toContain('example.com');
  expect(text).toContain('Databas…');
});

test('no rows give no text', () => {
  expect(table(columns, [], { colors: plain, width: undefined })).toBe('');
});

test('control characters of a cell do not reach the terminal', () => {
  const evil = [{ site: 'a\u001b[2Jb', calls: 0, reason: 'one\ntwo\r\u009b31m\u202e' }];
  expect(table(columns, evil, { colors: plain, width: undefined }).replaceAll('\n', '')).not.toMatch(
    /[\p{Cc}\u202e]/u,
  );
});

test('colours do not disturb the alignment', () => {
  const colors = picocolors.createColors(true);
  const colored = columns.map((column) => ({ ...column, style: (text: string) => colors.red(text) }));
  const text = table(colored, rows, { colors, width: undefined });
  expect(text).toContain('\u001b[31m');
  expect(stripVTControlCharacters(text)).toBe(table(columns, rows, { colors: plain, width: undefined }));
});

test.each([
  ['abc', 3],
  ['日本', 4],
  ['é', 1],
  ['e\u0301', 1],
  ['🚧', 2],
  ['\u001b[31mred\u001b[39m', 3],
])('%s takes %i columns', (text, width) => {
  expect(displayWidth(text)).toBe(width);
});

test('fields are aligned and those without a value are left out', () => {
  expect(
    fields(
      [
        ['Name', 'main'],
        ['Last used', '12 min ago'],
        ['Account', undefined],
      ],
      plain,
    ),
  ).toBe('Name       main\nLast used  12 min ago\n');
});
