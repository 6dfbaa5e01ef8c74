import picocolors from 'picocolors';
import { expect, test } from 'vitest';
import { renderFailures } from '../../src/cli/failure-groups.ts';

const LOOK = { colors: picocolors.createColors(false), width: 40 };

function failure(site: string, message: string, hint: string | null = null) {
  return { site, error: { code: 'api_rejected' as const, message, hint } };
}

test('sites that fail for the same cause are told together, the most frequent cause first', () => {
  const failures = [
    failure('a.example', 'Quota of a.example: 3 of 3.'),
    failure('b.example', 'b.example has no zone (log 7).', 'Look at b.example.'),
    failure('c.example', 'c.example has no zone (log 12).', 'Look at c.example.'),
  ];
  expect(renderFailures(failures, LOOK)).toBe(
    [
      'error: 2 sites: … has no zone (log 7). (api_rejected)',
      '  Look at ….',
      '  b.example, c.example',
      'error: a.example: Quota of a.example: 3 of 3. (api_rejected)',
      '',
    ].join('\n'),
  );
});

test('names are broken to the width, and of very many only the first are named', () => {
  const failures = Array.from({ length: 70 }, (_, index) => failure(`s${index}.example`, 'No.'));
  const lines = renderFailures(failures, LOOK).trimEnd().split('\n');
  expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(40);
  expect(lines.at(-1)).toMatch(/and 10 more$/);
});

test('rows that are about no site are told one by one', () => {
  const failures = ['one', 'two'].map((message) => ({ ...failure('', message), site: undefined }));
  expect(renderFailures(failures, LOOK)).toBe('error: one (api_rejected)\nerror: two (api_rejected)\n');
});
