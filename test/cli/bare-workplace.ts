import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../../src/cli/run.ts';
import { type Emulator, type EmulatorOptions, startEmulator } from '../../src/emulator/index.ts';
import { Intermission } from '../../src/intermission.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { withoutProof } from '../support/without-proof.ts';
import type { Document, Printed } from './cli-workplace.ts';
import { memoryIo } from './memory-io.ts';

export interface Invocation {
  /** What is piped in. */
  stdin?: string;
  env?: Record<string, string>;
}

/** An emulator and an empty data folder: nothing is stored yet. */
export interface BareWorkplace extends AsyncDisposable {
  emulator: Emulator;
  dataDir: string;
  cli(argv: readonly string[], invocation?: Invocation): Promise<Printed>;
  /** The same with `--json`: the status and the document. */
  json(
    argv: readonly string[],
    invocation?: Invocation,
  ): Promise<{ status: number; document: Document; stderr: string }>;
  /** Stores the token of the emulator, or another one. */
  addKey(name: string, token?: string, ...flags: string[]): Promise<Printed>;
  /** The application on the same database; the test closes it. */
  open(): Promise<Intermission>;
  /** Everything that is in the data folder, byte for byte as Latin-1, and everything that was printed so far. */
  traces(): string;
}

export async function openBareWorkplace(options: EmulatorOptions = {}): Promise<BareWorkplace> {
  const emulator = await startEmulator({ zones: 3, rateLimit: false, ...options });
  const dataDir = temporaryDirectory();
  const environment = {
    INTERMISSION_DATA_DIR: dataDir,
    CLOUDFLARE_BASE_URL: emulator.api,
    INTERMISSION_EDGE_ADDRESS: emulator.edge,
    INTERMISSION_RETRY_BASE_SECONDS: '0',
  };
  const printed: string[] = [];
  const cli = async (argv: readonly string[], { stdin, env = {} }: Invocation = {}): Promise<Printed> => {
    const io = memoryIo();
    if (stdin !== undefined) io.stdin.end(stdin);
    const signal = new AbortController().signal;
    const status = await run(withoutProof(argv), {
      io,
      signal,
      colorWish: 'never',
      environment: { ...environment, ...env },
    });
    printed.push(io.stdoutText(), io.stderrText());
    return { status, stdout: io.stdoutText(), stderr: io.stderrText() };
  };
  return {
    emulator,
    dataDir,
    cli,
    json: async (argv, invocation) => {
      const { status, stdout, stderr } = await cli([...argv, '--json'], invocation);
      return { status, document: JSON.parse(stdout) as Document, stderr };
    },
    addKey: (name, token = emulator.token, ...flags) =>
      cli(['api-key', 'add', name, '--token-stdin', ...flags], { stdin: `${token}\n` }),
    open: () => Intermission.open({ environment }),
    traces: () => {
      const files = readdirSync(dataDir).map((file) => readFileSync(join(dataDir, file), 'latin1'));
      return [...files, ...printed].join('\n');
    },
    [Symbol.asyncDispose]: () => emulator.close(),
  };
}
