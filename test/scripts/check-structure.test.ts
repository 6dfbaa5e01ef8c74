import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

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

/** What must not be: [what, file, its content, what it reaches]. `NAME` is the name of the file that is reached. */
const FAULTS = [
  [
    'an engine imports the gateway',
    'src/engines/x.ts',
    "import '../cloudflare/NAME.ts';",
    'src/cloudflare/NAME.ts',
  ],
  [
    'the domain imports a service',
    'src/domain/x.ts',
    "import '../services/maintenance/NAME.ts';",
    'src/services/maintenance/NAME.ts',
  ],
  [
    'the domain imports a type of the database',
    'src/domain/x.ts',
    "import type { Y } from '../persistence/NAME.ts'; export type X = Y;",
    'src/persistence/NAME.ts',
  ],
  [
    'an inline type reaches too far',
    'src/domain/x.ts',
    "export type X = import('../persistence/NAME.ts').Y;",
    'src/persistence/NAME.ts',
  ],
  [
    'a lazy import reaches too far',
    'src/persistence/x.ts',
    "export const x = () => import('../engines/NAME.ts');",
    'src/engines/NAME.ts',
  ],
  [
    'a type is exported on from elsewhere',
    'src/cloudflare/x.ts',
    "export type { Y } from '../engines/NAME.ts';",
    'src/engines/NAME.ts',
  ],
  [
    'all types are exported on from elsewhere',
    'src/cloudflare/x.ts',
    "export type * from '../engines/NAME.ts';",
    'src/engines/NAME.ts',
  ],
  [
    'the command line imports the database',
    'src/cli/x.ts',
    "import '../persistence/NAME.ts';",
    'src/persistence/NAME.ts',
  ],
  [
    'a service imports the command line',
    'src/services/maintenance/x.ts',
    "import '../../cli/NAME.ts';",
    'src/cli/NAME.ts',
  ],
  [
    'site sync calls maintenance',
    'src/services/site-sync/x.ts',
    "import '../maintenance/NAME.ts';",
    'src/services/maintenance/NAME.ts',
  ],
  ['the emulator imports anything of ours', 'src/emulator/x.ts', "import '../errors.ts';", 'src/errors.ts'],
  [
    'a service imports the emulator',
    'src/services/maintenance/x.ts',
    "import '../../emulator/NAME.ts';",
    'src/emulator/NAME.ts',
  ],
  [
    'a service reads the configuration',
    'src/services/maintenance/x.ts',
    "import '../../config/NAME.ts';",
    'src/config/NAME.ts',
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
    "export async function x() { await using y = await import('../cloudflare/NAME.ts'); return y; }",
    'src/cloudflare/NAME.ts',
  ],
  ['two files import each other', 'src/engines/x.ts', "import './NAME.ts';", 'src/engines/NAME.ts'],
] as const;

describe('every import that must not be', () => {
  let status: number | null;
  let output: string;
  beforeAll(() => {
    plant({});
    for (const fault of FAULTS) plantFault(planted(fault));
    ({ status, output } = check());
  });

  test.each(FAULTS.map((fault) => [fault[0], planted(fault)] as const))('%s', (_, { file, reaches }) => {
    // One line has to name both ends: that nothing imports the planted files is a fault of its own.
    const targets = output.split('\n').flatMap((line) => line.split(`: ${file} → `).slice(1));
    expect(
      targets.filter((to) => to.includes(reaches)),
      output,
    ).not.toEqual([]);
  });

  test('makes the check fail', () => expect(status).toBe(1));
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

/** The files of one fault: each has names of its own, so that one run of the check judges all of them. */
function planted([what, place, content, reaches]: (typeof FAULTS)[number]) {
  const name = `planted-${what.replaceAll(' ', '-')}`;
  const file = place.replace('/x.ts', `/${name}-x.ts`);
  return { name, file, content: content.replace('NAME', name), reaches: reaches.replace('NAME', name) };
}

function plantFault({ name, file, content, reaches }: ReturnType<typeof planted>): void {
  plantInto(file, `${content}\n`);
  if (!reaches.endsWith(`/${name}.ts`)) return;
  const back = dirname(file) === dirname(reaches) ? `import './${basename(file)}';\n` : '';
  plantInto(reaches, `${back}export type Y = string;\nexport const y = 1;\n`);
}
