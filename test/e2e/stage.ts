import { type Emulator, type EmulatorOptions, startEmulator } from '../../src/emulator/index.ts';
import { Intermission } from '../../src/intermission.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { withoutProof } from '../support/without-proof.ts';
import { type Ended, type Environment, type Running, type StartOptions, startBuiltCli } from './built-cli.ts';
import type { Turn } from './turns.ts';

/** The document that `--json` prints. */
export interface Document {
  version: 1;
  ok: boolean;
  command: string;
  summary: Record<string, unknown>;
  results: Record<string, unknown>[];
  warnings: { code: string; message: string }[];
  error: { code: string; message: string; hint: string | null } | null;
}

/** A database with one API key, used by processes and, between them, by this one. */
export interface Stage extends AsyncDisposable {
  emulator: Emulator;
  /** The library on the same database, to set things up. */
  app: Intermission;
  dataDir: string;
  environment: Environment;
  start(argv: readonly string[], environment?: Environment, options?: StartOptions): Running;
  run(argv: readonly string[], environment?: Environment, options?: StartOptions): Promise<Ended>;
  /** Runs with `--json`; the status and the document. */
  json(
    argv: readonly string[],
    environment?: Environment,
    options?: StartOptions,
  ): Promise<Ended & { document: Document }>;
}

export interface StageOptions {
  emulator: Emulator;
  databaseUrl: string;
  /** Keeps the number of processes at a time in bounds. */
  turn?: Turn;
  /** False: no API key is stored. */
  key?: boolean;
}

/** Opens the database, migrated if it is not yet, and stores the emulator's token as key `main`. */
export async function openStage(options: StageOptions): Promise<Stage> {
  const { emulator, databaseUrl, turn = (work) => work(), key = true } = options;
  const dataDir = temporaryDirectory();
  const base = {
    DATABASE_URL: databaseUrl,
    INTERMISSION_DATA_DIR: dataDir,
    CLOUDFLARE_BASE_URL: emulator.api,
    INTERMISSION_EDGE_ADDRESS: emulator.edge,
  };
  const app = await Intermission.open({
    environment: {},
    databaseUrl,
    dataDir,
    cloudflareBaseUrl: emulator.api,
    edgeAddress: emulator.edge,
  });
  if (key) await app.apiKeys.create({ name: 'main', apiToken: emulator.token });
  const start: Stage['start'] = (argv, environment = {}, how = {}) =>
    startBuiltCli(withoutProof(argv), { ...base, ...environment }, how);
  const run: Stage['run'] = (...args) => turn(() => start(...args).ended);
  return {
    emulator,
    app,
    dataDir,
    environment: base,
    start,
    run,
    json: async (argv, environment, how) => {
      const ended = await run([...argv, '--json'], environment, how);
      return { ...ended, document: parse(ended) };
    },
    [Symbol.asyncDispose]: () => app.close(),
  };
}

/** An emulator without a rate limit: that many processes in so little time are many users. */
export function startStageEmulator(options: EmulatorOptions = {}): Promise<Emulator> {
  return startEmulator({ zones: 0, rateLimit: false, ...options });
}

function parse({ stdout, stderr, status, signal }: Ended): Document {
  try {
    return JSON.parse(stdout) as Document;
  } catch (cause) {
    throw new Error(
      `No JSON document from a process that ended with ${status ?? signal}: ${stdout}${stderr}`,
      { cause },
    );
  }
}
