import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, cpSync, existsSync, globSync, mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { inject } from 'vitest';
import '../support/provided-context.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const CLI = join(ROOT, 'dist', 'cli.js');
/** The built library. */
export const LIBRARY = join(ROOT, 'dist', 'index.js');

export type Environment = Record<string, string>;

/** How a process ended and what it printed. */
export interface Ended {
  status: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

/** A process that runs. */
export interface Running {
  child: ChildProcessWithoutNullStreams;
  ended: Promise<Ended>;
}

export interface StartOptions {
  /** Standard input; empty unless given. */
  input?: string;
  /** Runs without the powers of root, so that permissions count. Such a process cannot read files that root keeps to itself. */
  powerless?: boolean;
}

/** The user and group `nobody`, by number: a bare machine may have no names. */
export const NOBODY = 65_534;
/** Run by Node before the command: gives root's powers up. */
const BECOME_NOBODY = `data:text/javascript,process.setgroups([]);process.setgid(${NOBODY});process.setuid(${NOBODY})`;

/** Starts the built command line as a process of its own, with no other variables than these. */
export function startBuiltCli(
  argv: readonly string[],
  environment: Environment,
  { input = '', powerless = false }: StartOptions = {},
): Running {
  const isRoot = process.getuid?.() === 0;
  const first = powerless && isRoot ? ['--import', BECOME_NOBODY, readableCopy()] : [CLI];
  return startNode([...first, ...argv], environment, input);
}

/** Starts Node as a process of its own, with no other variables than these. */
export function startNode(argv: readonly string[], environment: Environment, input: string): Running {
  const child = spawn(process.execPath, argv, {
    cwd: emptyFolder(),
    env: { PATH: process.env['PATH'], HOME: inject('temporaryRoot'), ...environment },
    stdio: 'pipe',
  });
  // A process that ends without reading its input is no failure of the test.
  child.stdin.on('error', () => undefined).end(input);
  return { child, ended: endOf(child) };
}

/** Throws unless `dist/` was built from the sources as they are: everything here is about what users run. */
export function assertBuilt(): void {
  const builtAt = existsSync(CLI) ? statSync(CLI).mtimeMs : 0;
  const changed = globSync('src/**/*.ts', { cwd: ROOT }).find(
    (file) => statSync(join(ROOT, file)).mtimeMs > builtAt,
  );
  if (changed !== undefined) throw new Error(`dist/cli.js is older than ${changed}. Run: npm run build`);
}

async function endOf(child: ChildProcessWithoutNullStreams): Promise<Ended> {
  const texts = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    texts.stdout += chunk;
  });
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    texts.stderr += chunk;
  });
  const [status, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  return { status, signal, ...texts };
}

/** The command in a folder that everybody may read; the checkout may lie where only root gets to. */
function readableCopy(): string {
  const folder = join(inject('temporaryRoot'), 'readable');
  if (!existsSync(folder)) {
    cpSync(join(ROOT, 'dist'), folder, { recursive: true });
    cpSync(join(ROOT, 'package.json'), join(inject('temporaryRoot'), 'package.json'));
    chmodSync(folder, 0o755);
  }
  return join(folder, 'cli.js');
}

/** A folder without a `.env` file. */
function emptyFolder(): string {
  const folder = join(inject('temporaryRoot'), 'empty');
  mkdirSync(folder, { recursive: true });
  return folder;
}
