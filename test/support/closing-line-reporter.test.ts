import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryDirectory } from './temporary-directory.ts';

const here = import.meta.dirname;
const vitest = join(here, '../../node_modules/vitest/vitest.mjs');

test.each([
  ['expect(1).toBe(1)', 0, '1 passed, 0 failed'],
  ['expect(1).toBe(2)', 1, '0 passed, 1 failed'],
  ['', 1, '0 passed, 1 failed'],
])('a run of a file with the test %o ends with %i and says so', (body, status, line) => {
  const root = temporaryDirectory();
  const config = {
    globals: true,
    include: ['*.test.ts'],
    globalSetup: [join(here, 'global-setup.ts')],
    reporters: [join(here, 'closing-line-reporter.ts')],
  };
  writeFileSync(join(root, 'vitest.config.mjs'), `export default { test: ${JSON.stringify(config)} };`);
  writeFileSync(
    join(root, 'one.test.ts'),
    body === '' ? 'throw new Error("does not load");' : `test('one', () => { ${body}; });`,
  );
  const run = spawnSync(process.execPath, [vitest, 'run', '--root', root], { encoding: 'utf8' });
  expect(run.stdout.trimEnd().split('\n').at(-1)).toBe(line);
  expect(run.status).toBe(status);
});
