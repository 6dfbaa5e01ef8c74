import { describe, expect, test } from 'vitest';
import { COMMANDS, GROUPS } from '../../src/cli/registry.ts';
import { run } from '../../src/cli/run.ts';
import { memoryIo } from './memory-io.ts';

async function cli(...argv: string[]) {
  const io = memoryIo();
  const status = await run(argv, {
    io,
    signal: new AbortController().signal,
    colorWish: 'never',
    environment: {},
  });
  return { status, stdout: io.stdoutText(), stderr: io.stderrText() };
}

describe('help', () => {
  test.each([[[]], [['--help']], [['-h']], [['help']], [['--verbose']]])(
    '%j shows every command with its summary on stdout',
    async (argv) => {
      const { status, stdout, stderr } = await cli(...argv);
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
      for (const name of new Set(COMMANDS.map((entry) => entry.name.split(' ')[0] ?? ''))) {
        expect(stdout).toMatch(new RegExp(`^  ${name}\\b.*  \\w`, 'm'));
      }
    },
  );

  test('commands stand above options', async () => {
    const { stdout } = await cli('--help');
    expect(stdout.indexOf('Commands:')).toBeLessThan(stdout.indexOf('Options:'));
  });

  test.each(COMMANDS.map(({ name }) => name))('%s has examples that begin with it', async (name) => {
    const { status, stdout } = await cli(...name.split(' '), '--help');
    expect(status).toBe(0);
    expect(stdout).toMatch(new RegExp(`^  intermission ${name}( |$)`, 'm'));
    expect(stdout).toContain('--json');
  });

  test('help COMMAND is the same as COMMAND --help', async () => {
    expect(await cli('help', 'emulator')).toEqual(await cli('emulator', '--help'));
  });

  test('no line is wider than 100 columns', async () => {
    for (const { name } of COMMANDS) {
      const { stdout } = await cli(...name.split(' '), '--help');
      expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(100);
    }
  });
});

describe('wrong usage', () => {
  test.each([
    [['emulatr'], "Unknown command 'emulatr'", 'Did you mean emulator?'],
    [['help', 'emulatr'], "Unknown command 'emulatr'", 'Did you mean emulator?'],
    [['emulator', '--zone', '3'], "Unknown option '--zone'", 'Did you mean --zones?'],
    [['emulator', '--zones'], 'argument missing', 'See intermission emulator --help.'],
    [['emulator', 'extra'], 'Too many arguments', 'See intermission emulator --help.'],
    [['--nonsense'], "Unknown option '--nonsense'", 'See intermission --help.'],
    [['--json=1', 'emulator'], '--json', 'See intermission'],
  ])('%j exits 2 and says what to do', async (argv, problem, hint) => {
    const { status, stdout, stderr } = await cli(...argv);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain(problem);
    expect(stderr).toContain(hint);
  });

  test.each([
    [['emulatr', '--json']],
    [['--json', 'emulator', '--zone', '3']],
    [['emulator', '--zones', '--json']],
  ])('%j obeys --json', async (argv) => {
    const { status, stdout, stderr } = await cli(...argv);
    expect({ status, stderr }).toEqual({ status: 2, stderr: '' });
    expect(JSON.parse(stdout)).toMatchObject({ ok: false, results: [], error: { code: 'usage' } });
  });

  test('a value that cannot be accepted is named with its option', async () => {
    const { status, stdout } = await cli('emulator', '--zones', 'many', '--json');
    expect(status).toBe(2);
    expect(JSON.parse(stdout)).toMatchObject({
      command: 'emulator',
      error: {
        code: 'validation_failed',
        message: '--zones: "many" is not a whole number from 0 to 20000.',
        hint: 'Give a number in that range.',
      },
    });
  });
});

describe('commands without services', () => {
  test.each([[['--version']], [['-v']], [['emulator', '--version']]])(
    '%j prints the version',
    async (argv) => {
      const { status, stdout } = await cli(...argv);
      expect(status).toBe(0);
      expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
    },
  );

  test('--version --json is a document', async () => {
    expect(JSON.parse((await cli('--version', '--json')).stdout)).toMatchObject({
      ok: true,
      command: 'version',
      results: [{ version: expect.any(String), node: process.versions.node }],
    });
  });

  test('help exit-codes lists every status once, with its codes', async () => {
    const { stdout } = await cli('help', 'exit-codes', '--json');
    const rows = JSON.parse(stdout).results as { exit: number; codes: string[] }[];
    expect(rows.map(({ exit }) => exit)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 130]);
    expect(rows.find(({ exit }) => exit === 5)?.codes).toEqual(['not_observed']);
    expect((await cli('help', 'exit-codes')).stdout).toContain('interrupted by a signal');
  });
});

test('every first word of two has a description', () => {
  const firsts = COMMANDS.map(({ name }) => name.split(' ')).filter((words) => words.length === 2);
  expect(Object.keys(GROUPS).sort()).toEqual([...new Set(firsts.map(([first]) => first))].sort());
});

test('every option is listed under the name that its flag has in camelCase', async () => {
  for (const { name, load } of COMMANDS) {
    const { command } = await load();
    for (const [key, { flags }] of Object.entries(command.options ?? {})) {
      const long = /--([\w-]+)/.exec(flags)?.[1] ?? '';
      expect(`${name}: ${key}`).toBe(
        `${name}: ${long.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase())}`,
      );
    }
  }
});
