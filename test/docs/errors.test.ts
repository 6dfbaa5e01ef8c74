import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { EXIT_OF_ERROR } from '../../src/cli/exit-codes.ts';
import { ERROR_CODES } from '../../src/errors.ts';

const page = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'errors.md'), 'utf8');
const entries = [...page.matchAll(/^### `(\w+)`\n\nExit (\d+)\. .+?\n\*\*Do:\*\* .+?$/gms)];

test('every error code is explained once, and no other', () => {
  const explained = [...page.matchAll(/^### (.*)$/gm)].map(([, title = '']) => title.replaceAll('`', ''));
  expect(explained.toSorted()).toEqual([...ERROR_CODES].sort());
});

test('every explanation has the exit status of its code, and says what to do', () => {
  const statuses = entries.map(([, code = '', status]) => [code, Number(status)]);
  expect(Object.fromEntries(statuses)).toEqual(EXIT_OF_ERROR);
});
