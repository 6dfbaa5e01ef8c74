import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '..', '..');
let copy: string;

beforeAll(() => {
  copy = mkdtempSync(join(tmpdir(), 'intermission-structure-'));
  cpSync(join(ROOT, 'package.json'), join(copy, 'package.json'));
  symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
});
afterAll(() => rmSync(copy, { recursive: true }));

test('the sources as they are pass, and they are really read', () => {
  plant({});
  const { status, output } = check();
  expect(output).toMatch(/^Structure: [1-9]\d+ modules, 0 faults\.$/m);
  expect(status).toBe(0);
});

test.each([
  [
    'an engine imports the gateway',
    'src/engines/x.ts',
    "import '../cloudflare/y.ts';",
    'src/cloudflare/y.ts',
  ],
  [
    'the domain imports a service',
    'src/domain/x.ts',
    "import '../services/maintenance/y.ts';",
    'src/services/maintenance/y.ts',
  ],
  [
    'the domain imports a type of the database',
    'src/domain/x.ts',
    "import type { Y } from '../persistence/y.ts'; export type X = Y;",
    'src/persistence/y.ts',
  ],
  [
    'an inline type reaches too far',
    'src/domain/x.ts',
    "export type X = import('../persistence/y.ts').Y;",
    'src/persistence/y.ts',
  ],
  [
    'a lazy import reaches too far',
    'src/persistence/x.ts',
    "export const x = () => import('../engines/y.ts');",
    'src/engines/y.ts',
  ],
  [
    'a type is exported on from elsewhere',
    'src/cloudflare/x.ts',
    "export type { Y } from '../engines/y.ts';",
    'src/engines/y.ts',
  ],
  [
    'all types are exported on from elsewhere',
    'src/cloudflare/x.ts',
    "export type * from '../engines/y.ts';",
    'src/engines/y.ts',
  ],
  [
    'the command line imports the database',
    'src/cli/x.ts',
    "import '../persistence/y.ts';",
    'src/persistence/y.ts',
  ],
  [
    'a service imports the command line',
    'src/services/maintenance/x.ts',
    "import '../../cli/y.ts';",
    'src/cli/y.ts',
  ],
  [
    'site sync calls maintenance',
    'src/services/site-sync/x.ts',
    "import '../maintenance/y.ts';",
    'src/services/maintenance/y.ts',
  ],
  ['the emulator imports anything of ours', 'src/emulator/x.ts', "import '../errors.ts';", 'src/errors.ts'],
  [
    'a service imports the emulator',
    'src/services/maintenance/x.ts',
    "import '../../emulator/y.ts';",
    'src/emulator/y.ts',
  ],
  [
    'a service reads the configuration',
    'src/services/maintenance/x.ts',
    "import '../../config/y.ts';",
    'src/config/y.ts',
  ],
  [
    'the contract imports an error',
    'src/server/contract/x.ts',
    "import type { ErrorCode } from '../../errors.ts'; export type X = ErrorCode;",
    'src/errors.ts',
  ],
  ['the domain reads a file', 'src/domain/x.ts', "import 'node:fs';", 'fs'],
  ['an engine calls the SDK', 'src/engines/x.ts', "import 'cloudflare';", 'node_modules/cloudflare'],
  [
    'the import stands in a using declaration',
    'src/engines/x.ts',
    "export async function x() { await using y = await import('../cloudflare/y.ts'); return y; }",
    'src/cloudflare/y.ts',
  ],
  ['two files import each other', 'src/engines/x.ts', "import './y.ts';", 'src/engines/y.ts'],
])('it fails when %s', (_, file, content, named) => {
  plant({ [file]: `${content}\n` });
  if (named.endsWith('/y.ts')) {
    const back = file === 'src/engines/x.ts' && named === 'src/engines/y.ts' ? "import './x.ts';\n" : '';
    plantInto(named, `${back}export type Y = string;\nexport const y = 1;\n`);
  }
  const { status, output } = check();
  // One line has to name both ends: that nothing imports the planted files is a fault of its own.
  const targets = output.split('\n').flatMap((line) => line.split(`: ${file} → `).slice(1));
  expect(
    targets.filter((to) => to.includes(named)),
    output,
  ).not.toEqual([]);
  expect(status).toBe(1);
});

test('it fails when a file belongs to no folder', () => {
  plant({ 'src/utils/x.ts': 'export const x = 1;\n' });
  expect(check()).toMatchObject({
    status: 1,
    output: expect.stringContaining('src/utils/x.ts belongs to no folder'),
  });
});

test('it fails when nothing imports a file, and when nothing is read', () => {
  plant({ 'src/domain/lonely.ts': 'export const lonely = 1;\n' });
  expect(check()).toMatchObject({ status: 1, output: expect.stringContaining('nothing out of reach') });
  rmSync(join(copy, 'src'), { recursive: true });
  mkdirSync(join(copy, 'src'));
  expect(check()).toMatchObject({ status: 1, output: expect.stringContaining('No module was read') });
});

/** A fresh copy of the sources with the given files added. */
function plant(files: Record<string, string>): void {
  rmSync(join(copy, 'src'), { recursive: true, force: true });
  cpSync(join(ROOT, 'src'), join(copy, 'src'), { recursive: true });
  for (const [file, content] of Object.entries(files)) plantInto(file, content);
}

function plantInto(file: string, content: string): void {
  mkdirSync(dirname(join(copy, file)), { recursive: true });
  writeFileSync(join(copy, file), content);
}

function check(): { status: number | null; output: string } {
  const script = join(ROOT, 'scripts', 'check-structure.ts');
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, copy], { encoding: 'utf8' });
  return { status, output: stdout + stderr };
}
