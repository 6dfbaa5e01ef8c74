import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';
import { beforeAll, expect, test } from 'vitest';
import { type Emulator, startEmulator } from '../../src/emulator/index.ts';
import { Intermission } from '../../src/intermission.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const DOORS = { intermission: 'src/index.ts', 'intermission/emulator': 'src/emulator/index.ts' };
const BETWEEN = '----- next example -----';
const blocks = examplesIn(readFileSync(join(ROOT, 'docs', 'library.md'), 'utf8'));
const [preamble = ''] = blocks.map(({ code }) => code);
let printed: string[];

beforeAll(async () => {
  const { status, stdout, stderr } = await runExamples();
  expect({ status, stderr }, stdout).toEqual({ status: 0, stderr: '' });
  printed = stdout.split(`${BETWEEN}\n`).slice(1);
}, 120_000);

test('the page has examples, and the first one is what the others begin with', () => {
  expect(blocks.length).toBeGreaterThan(10);
  expect(preamble).toContain('Intermission.open()');
  expect(printed).toHaveLength(blocks.length);
  expect(blocks.flatMap(({ expected }) => expected).length).toBeGreaterThan(20);
});

test.each(blocks.map((block, index) => ({ ...block, index })))(
  'the example "$title" prints what it says',
  ({ code, expected, index }) => {
    const output = (printed[index] ?? '').trimEnd();
    // A test prints what its runner likes.
    if (code.includes("'node:test'")) expect(output).toMatch(/# pass 1\n# fail 0\n/);
    else expect(output).toMatch(patternOf(expected));
  },
);

test('every example has the types that it uses', async () => {
  const folder = temporaryDirectory();
  const config = {
    extends: join(ROOT, 'tsconfig.json'),
    compilerOptions: {
      // The lines that all begin with are not needed by each.
      noUnusedLocals: false,
      typeRoots: [join(ROOT, 'node_modules', '@types')],
      paths: Object.fromEntries(Object.entries(DOORS).map(([door, file]) => [door, [join(ROOT, file)]])),
    },
    include: ['*.mts'],
  };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config));
  for (const [index, code] of programs().entries()) writeFileSync(join(folder, `example-${index}.mts`), code);
  const tsc = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
  expect(await run([tsc, '-p', folder])).toMatchObject({ status: 0, stdout: '' });
}, 120_000);

interface Example {
  title: string;
  code: string;
  /** Lines that it says it prints. */
  expected: string[];
}

/** The `ts` blocks of a page, each named after the heading above it. */
function examplesIn(page: string): Example[] {
  const found: Example[] = [];
  for (const match of page.matchAll(/^```ts\n(.*?)^```$/gms)) {
    const code = match[1] ?? '';
    const heading = (
      page
        .slice(0, match.index)
        .match(/^#+ .*$/gm)
        ?.at(-1) ?? ''
    ).replace(/^#+ /, '');
    const count = found.filter(({ title }) => title.startsWith(heading)).length;
    const expected = [...code.matchAll(/\/\/ → (.*)$/gm)].map(([, line = '']) => line.trimEnd());
    found.push({ title: `${heading} ${count + 1}`, code, expected });
  }
  return found;
}

/** The examples as programs that can run alone. */
function programs(): string[] {
  return blocks.map(({ code }) => (code.includes('Intermission.open(') ? code : `${preamble}\n${code}`));
}

/** `…` stands for any text on the line. */
function patternOf(expected: readonly string[]): RegExp {
  const lines = expected.map((line) => line.split('…').map(literally).join('.*'));
  return new RegExp(`^${lines.join('\n')}$`);
}

function literally(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
}

/** Runs all examples in one process, each with an emulator and a database of its own that knows two zones. */
async function runExamples() {
  await using emulators = new AsyncDisposableStack();
  const runs = [];
  for (const program of programs()) {
    const zones = [{ name: 'example.com' }, { name: 'shop.example' }];
    runs.push(await prepare(program, emulators.use(await startEmulator({ zones }))));
  }
  const runner = join(temporaryDirectory(), 'runner.mjs');
  writeFileSync(
    runner,
    `for (const { file, environment } of ${JSON.stringify(runs)}) {
       console.log(${JSON.stringify(BETWEEN)});
       Object.assign(process.env, environment);
       await import(file);
     }`,
  );
  return await run(['--test-reporter=tap', runner]);
}

/** Writes one example down, with a key and sites in the database that it will open. */
async function prepare(program: string, emulator: Emulator) {
  const folder = temporaryDirectory();
  const environment = {
    INTERMISSION_DATA_DIR: join(folder, 'data'),
    CLOUDFLARE_BASE_URL: emulator.api,
    INTERMISSION_EDGE_ADDRESS: emulator.edge,
  };
  await using app = await Intermission.open({ environment });
  await app.apiKeys.create({ name: 'Production', apiToken: emulator.token });
  await (await app.siteSync()).syncZones();
  const file = join(folder, 'example.mts');
  writeFileSync(file, withDoors(program));
  return {
    file: pathToFileURL(file).href,
    environment: { ...environment, DEVELOPMENT_TOKEN: emulator.addToken() },
  };
}

/** The names of the package stand for its sources. */
function withDoors(program: string): string {
  return Object.entries(DOORS).reduce(
    (changed, [door, file]) =>
      changed.replaceAll(`from '${door}'`, `from '${pathToFileURL(join(ROOT, file)).href}'`),
    program,
  );
}

async function run(argv: readonly string[]) {
  const child = spawn(process.execPath, argv, {
    env: { PATH: process.env['PATH'] },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const closed = once(child, 'close');
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  const [status] = (await closed) as [number | null];
  return { status, stdout, stderr };
}
