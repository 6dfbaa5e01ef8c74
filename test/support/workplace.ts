import { CloudflareSite } from '../../src/domain/cloudflare-site.ts';
import type { EngineChoice } from '../../src/domain/edge-state.ts';
import {
  type Emulator,
  type EmulatorOptions,
  type PageRule,
  startEmulator,
} from '../../src/emulator/index.ts';
import { type ErrorCode, IntermissionError } from '../../src/errors.ts';
import { Intermission, type IntermissionOptions } from '../../src/intermission.ts';
import { type FakeClock, fakeClock } from './fake-clock.ts';
import { temporaryDirectory } from './temporary-directory.ts';

/** An emulator and an application that manages its zones. */
export interface Workplace extends AsyncDisposable {
  emulator: Emulator;
  app: Intermission;
  clock: FakeClock;
  /** A second application on the same database, as another process would have it. */
  openAgain(options?: IntermissionOptions): Promise<Intermission>;
  site(domain: string): Promise<CloudflareSite>;
}

export interface WorkplaceOptions {
  emulator?: EmulatorOptions;
  app?: IntermissionOptions;
  /** How the sites that were synced are closed; page rules unless said otherwise. */
  engine?: EngineChoice;
}

/** Starts an emulator, opens the database `databaseUrl`, stores the emulator's token as key `main` and syncs. */
export async function openWorkplace(databaseUrl: string, options: WorkplaceOptions = {}): Promise<Workplace> {
  const emulator = await startEmulator({ zones: 3, rateLimit: false, ...options.emulator });
  const clock = fakeClock('2026-06-01T12:00:00.000Z');
  const dataDir = temporaryDirectory();
  const openAgain = (more: IntermissionOptions = {}) =>
    Intermission.open({
      environment: {},
      databaseUrl,
      dataDir,
      cloudflareBaseUrl: emulator.api,
      edgeAddress: emulator.edge,
      clock,
      // As quick as can be, yet others get their turn.
      wait: () => new Promise((resolve) => setImmediate(resolve)),
      ...options.app,
      ...more,
    });
  const app = await openAgain();
  await app.apiKeys.create({ name: 'main', apiToken: emulator.token });
  await (await app.siteSync()).syncZones();
  const engine = options.engine ?? 'page_rules';
  await app.database.transaction((em) => em.nativeUpdate(CloudflareSite, {}, { engine }));
  emulator.clearRequests();
  return {
    emulator,
    app,
    clock,
    openAgain,
    site: (domain) => app.sites.get({ domain }),
    async [Symbol.asyncDispose]() {
      await app.close();
      await emulator.close();
    },
  };
}

/** What must be the same before and after: everything of the rules of a zone but the time of the last change. */
export function essence(rules: readonly PageRule[]): object[] {
  return rules.map(({ modified_on: _, ...rest }) => rest);
}

/** The requests that changed or could have changed something, as `METHOD /path`. */
export function requestLines(emulator: Emulator): string[] {
  return emulator
    .requests()
    .map(({ method, path }) => `${method} ${path.replaceAll(/[0-9a-f]{32}/g, ':id')}`);
}

/** The error that `work` must fail with. */
export async function failureOf(work: Promise<unknown>, code: ErrorCode): Promise<IntermissionError> {
  const outcome = await work.then(
    () => 'success',
    (error: unknown) => error,
  );
  if (outcome instanceof IntermissionError && outcome.code === code) return outcome;
  throw new Error(
    `Expected ${code}, got ${outcome instanceof IntermissionError ? `${outcome.code}: ${outcome.message}` : String(outcome)}`,
    { cause: outcome },
  );
}
