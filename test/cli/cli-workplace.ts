import { join } from 'node:path';
import type { ErrorDocument, Warning } from '../../src/cli/command.ts';
import { run } from '../../src/cli/run.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { withoutProof } from '../support/without-proof.ts';
import { openWorkplace, type Workplace, type WorkplaceOptions } from '../support/workplace.ts';
import { memoryIo } from './memory-io.ts';

export interface Printed {
  status: number;
  stdout: string;
  stderr: string;
}

/** The document that `--json` prints. */
export interface Document {
  ok: boolean;
  command: string;
  summary: Record<string, unknown>;
  // biome-ignore lint/suspicious/noExplicitAny: rows of every command are looked at freely
  results: any[];
  warnings: Warning[];
  error: ErrorDocument | null;
}

export interface CliWorkplace extends Workplace {
  /** Variables that make the command line use this workplace. */
  env: Record<string, string>;
  /** Runs a command line in this process, without a terminal; with a proof only if it says `--verify`. */
  cli(...argv: string[]): Promise<Printed>;
  /** The same with other variables. */
  cliWith(env: Record<string, string>, ...argv: string[]): Promise<Printed>;
  /** The same with `--json`: the status and the document. */
  json(...argv: string[]): Promise<{ status: number; document: Document }>;
  /** The same at a terminal, where a person types `answers`: each as soon as its question has appeared. */
  atTerminal(argv: string[], answers: readonly Answer[]): Promise<Printed>;
}

/** Keys that are typed when `question` appears; `first` happens before. */
export interface Answer {
  question: string;
  keys: string;
  first?: () => void;
}

/** An emulator, a SQLite file with its sites, and the command line on both. Everything runs by the real clock. */
export async function openCliWorkplace(options: WorkplaceOptions = {}): Promise<CliWorkplace> {
  const databaseUrl = `sqlite:${join(temporaryDirectory(), 'cli.db')}`;
  const clock = { now: () => new Date() };
  const place = await openWorkplace(databaseUrl, { ...options, app: { clock, ...options.app } });
  const env = {
    DATABASE_URL: databaseUrl,
    INTERMISSION_DATA_DIR: place.app.config.dataDir,
    CLOUDFLARE_BASE_URL: place.emulator.api,
    INTERMISSION_EDGE_ADDRESS: place.emulator.edge,
    INTERMISSION_RETRY_BASE_SECONDS: '0',
  };
  const cli = (...argv: string[]) => runCli(argv, env, []);
  return Object.assign(place, {
    env,
    cli,
    cliWith: (other: Record<string, string>, ...argv: string[]) => runCli(argv, other, []),
    json: async (...argv: string[]) => {
      const { status, stdout } = await cli(...argv, '--json');
      return { status, document: JSON.parse(stdout) as Document };
    },
    atTerminal: (argv: string[], answers: readonly Answer[]) => runCli(argv, env, answers, TERMINAL),
  });
}

const TERMINAL = {
  stdin: { isTTY: true },
  stdout: { isTTY: true, columns: 80 },
  stderr: { isTTY: true, columns: 80 },
};

async function runCli(
  argv: readonly string[],
  environment: Record<string, string>,
  answers: readonly Answer[],
  terminals?: typeof TERMINAL,
): Promise<Printed> {
  const io = memoryIo(terminals);
  const signal = new AbortController().signal;
  let hasEnded = false;
  const running = run(withoutProof(argv), { io, signal, colorWish: 'never', environment }).finally(() => {
    hasEnded = true;
  });
  for (const { question, keys, first } of answers) {
    while (!hasEnded && !io.stderrText().includes(question))
      await new Promise((resolve) => setImmediate(resolve));
    first?.();
    io.stdin.write(keys);
  }
  return { status: await running, stdout: io.stdoutText(), stderr: io.stderrText() };
}
