import type { Config, Environment } from '../config/load-config.ts';
import type { ColorWish } from '../config/terminal.ts';
import type { Intermission } from '../intermission.ts';
import type { CommandContext, CommandResult } from './command.ts';
import type { ExitCode } from './exit-codes.ts';
import { colorsFor, type Io } from './io.ts';
import { type OutputOptions, printFailure, printResult } from './output.ts';
import { type Invocation, parseCommandLine } from './parse.ts';
import { createPrompts } from './prompts.ts';
import { findCommand } from './registry.ts';
import { VERSION } from './version.ts';

export interface RunOptions {
  io: Io;
  signal: AbortSignal;
  colorWish: ColorWish;
  /** False for a terminal that cannot draw over what it shows. */
  animates?: boolean;
  /** Variables for the configuration; by default those of the process and of `.env`. */
  environment?: Environment;
  now?: () => Date;
}

const WIDEST_HELP = 100;

/** Runs one command line and returns its exit status. Never throws: every failure is printed. */
export async function run(argv: readonly string[], options: RunOptions): Promise<ExitCode> {
  const { io, colorWish, now = () => new Date() } = options;
  const command = findCommand(argv).words.join(' ');
  // What decides how a usage error looks, before the command line is understood.
  const early = peekFlags(argv);
  const outputFor = (flags: OutputOptions['flags']): OutputOptions => ({
    io,
    flags,
    colorWish,
    command,
    now: now(),
  });
  try {
    const invocation = await parseCommandLine(argv, {
      colors: colorsFor(io.stdout, early.color ? colorWish : 'never'),
      columns: Math.min(io.stdout.columns ?? WIDEST_HELP, WIDEST_HELP),
    });
    return await carryOut(invocation, options, outputFor(early));
  } catch (error) {
    return printFailure(error, outputFor(early));
  }
}

async function carryOut(
  invocation: Invocation,
  options: RunOptions,
  output: OutputOptions,
): Promise<ExitCode> {
  if (invocation.kind === 'help') {
    options.io.stdout.write(invocation.text);
    return 0;
  }
  if (invocation.kind === 'version') {
    const results = [{ version: VERSION, node: process.versions.node }];
    return printResult({ results }, () => `${VERSION}\n`, { ...output, command: 'version' });
  }
  const result = await runCommand(invocation, options);
  return result === undefined ? 0 : printResult(result, invocation.definition.render, output);
}

type CommandRun = Extract<Invocation, { kind: 'run' }>;

async function runCommand(invocation: CommandRun, options: RunOptions): Promise<CommandResult | undefined> {
  const { definition, input } = invocation;
  const app = lazily(() => openApp(options.environment));
  try {
    return await definition.run(createContext(invocation, options, app.get), input);
  } finally {
    // The command's own error matters more than one of opening, which it has seen already.
    const opened = await app.started()?.catch(() => undefined);
    await opened?.close();
  }
}

function createContext(
  { flags }: CommandRun,
  options: RunOptions,
  openApp: () => Promise<Intermission>,
): CommandContext {
  const { io, signal, environment, colorWish, animates = true, now = () => new Date() } = options;
  return {
    io,
    flags,
    signal,
    now,
    environment,
    animates,
    openApp,
    config: lazily(() => readConfig(environment)).get,
    colors: colorsFor(io.stdout, flags.color ? colorWish : 'never'),
    prompts: createPrompts(io, flags),
    note: (text) => {
      if (!flags.json) io.stderr.write(`${text}\n`);
    },
  };
}

async function readConfig(environment: Environment | undefined): Promise<Config> {
  const { loadConfig } = await import('../config/load-config.ts');
  return loadConfig(environment);
}

async function openApp(environment: Environment | undefined): Promise<Intermission> {
  const { Intermission } = await import('../intermission.ts');
  return Intermission.open(environment === undefined ? {} : { environment });
}

/** Starts the work at the first call only and gives every caller the same promise. */
function lazily<T>(start: () => Promise<T>): { get(): Promise<T>; started(): Promise<T> | undefined } {
  let promise: Promise<T> | undefined;
  return {
    get: () => {
      promise ??= start();
      return promise;
    },
    started: () => promise,
  };
}

function peekFlags(argv: readonly string[]): OutputOptions['flags'] {
  const end = argv.indexOf('--');
  const flags = end === -1 ? argv : argv.slice(0, end);
  return {
    json: flags.includes('--json'),
    verbose: flags.includes('--verbose'),
    color: !flags.includes('--no-color'),
  };
}
