import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';

/** Where a running emulator listens, as `intermission emulator --json` prints it. */
export interface Addresses {
  api: string;
  edge: string;
  control: string;
  token: string;
}

export interface Outcome {
  status: number | null;
  /** Everything it printed, on both streams, in the order in which it came. */
  output: string;
}

export interface RunOptions {
  /** What the command reads from standard input. */
  input?: string;
  /** Variables in addition to those of the sandbox. */
  env?: Record<string, string>;
}

/** The built command line with an emulator, a home folder and a database of its own. */
export interface Sandbox extends AsyncDisposable {
  /** Temporary folder: database, key file and compiled code are in it. */
  readonly home: string;
  readonly emulator: Addresses;
  /** Variables that every command runs with; nothing of the user's own environment but PATH. */
  readonly env: Readonly<Record<string, string>>;
  /** Runs `intermission …argv` to its end. */
  run(argv: readonly string[], options?: RunOptions): Promise<Outcome>;
}

export interface SandboxOptions {
  /** Options of `intermission emulator`. */
  emulator?: readonly string[];
  color?: boolean;
  /** Ends what is running; the sandbox still has to be disposed of. */
  signal?: AbortSignal;
}

/** The built command line. */
export const CLI = join(dirname(import.meta.dirname), 'dist', 'cli.js');

const PATIENCE_MS = 5_000;

/**
 * Starts an emulator in a temporary folder. Disposing ends it and removes the folder, whatever happened before.
 *
 * @throws Error when the emulator does not start; nothing is then left
 */
export async function openSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const { emulator: emulatorOptions = [], signal = new AbortController().signal } = options;
  const home = mkdtempSync(join(tmpdir(), 'intermission-sandbox-'));
  const env = environmentOf(home, options.color ?? false);
  const child = startCli(['emulator', '--json', ...emulatorOptions], home, env);
  const dispose = async () => {
    await stop(child);
    rmSync(home, { recursive: true, force: true, maxRetries: 10 });
  };
  try {
    const emulator = await readAddresses(child, signal);
    const full = { ...env, CLOUDFLARE_BASE_URL: emulator.api, INTERMISSION_EDGE_ADDRESS: emulator.edge };
    const run = (argv: readonly string[], { input = '', env: more = {} }: RunOptions = {}) =>
      outcomeOf(startCli(argv, home, { ...full, ...more }), input, signal);
    return { home, emulator, env: full, run, [Symbol.asyncDispose]: dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
}

function environmentOf(home: string, color: boolean): Record<string, string> {
  return {
    PATH: process.env['PATH'] ?? '',
    // The folder for compiled code follows the home folder.
    HOME: home,
    USERPROFILE: home,
    XDG_DATA_HOME: join(home, 'share'),
    ...(color ? { FORCE_COLOR: '1' } : { NO_COLOR: '1' }),
  };
}

/** Runs in the temporary folder, so that a `.env` of the caller's folder is not read. */
function startCli(
  argv: readonly string[],
  home: string,
  env: Record<string, string>,
): ChildProcessWithoutNullStreams {
  return spawn(process.execPath, [CLI, ...argv], { cwd: home, env });
}

async function readAddresses(child: ChildProcessWithoutNullStreams, signal: AbortSignal): Promise<Addresses> {
  let complaint = '';
  child.stderr.on('data', (chunk) => {
    complaint += String(chunk);
  });
  const lines = createInterface({ input: child.stdout });
  const ended = once(child, 'close').then(() => [undefined]);
  const [line] = await Promise.race([once(lines, 'line', { signal }), ended]);
  if (line === undefined) throw new Error(`The emulator did not start.\n${complaint}`);
  const addresses = JSON.parse(String(line)) as Partial<Addresses>;
  if (addresses.api === undefined) throw new Error(`The emulator did not start: ${line}`);
  return addresses as Addresses;
}

async function outcomeOf(
  child: ChildProcessWithoutNullStreams,
  input: string,
  signal: AbortSignal,
): Promise<Outcome> {
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      output += chunk;
    });
  }
  // A command that ends without reading its input is not an error.
  child.stdin.on('error', () => undefined).end(input);
  const end = () => child.kill();
  signal.addEventListener('abort', end);
  if (signal.aborted) end();
  const [status] = (await once(child, 'close')) as [number | null];
  signal.removeEventListener('abort', end);
  signal.throwIfAborted();
  return { status, output };
}

/** Returns when the process is gone, so that nothing is written after the folder was removed. */
async function stop(child: ChildProcessWithoutNullStreams): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const timer = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS);
  const closed = once(child, 'close');
  child.kill();
  await closed;
  clearTimeout(timer);
}
