import type { MaintenanceLog } from '../../domain/maintenance-log.ts';
import { ScheduledMaintenance } from '../../domain/scheduled-maintenance.ts';
import { HeartbeatRepository } from '../../persistence/repositories/heartbeat-repository.ts';
import {
  type StrayHold,
  WindowWorkRepository,
} from '../../persistence/repositories/window-work-repository.ts';
import { Slots } from '../../probe/slots.ts';
import type { Proof } from '../../probe/types.ts';
import type { Due } from '../maintenance/due.ts';
import type { ProvenRows, TickOptions, TickResult } from '../maintenance/maintenance-tick.ts';
import type { ProofOptions } from '../maintenance/prove.ts';
import { TICK_HEARTBEAT } from '../maintenance/reads.ts';
import { processWindow, type WindowParts, type WindowRun, type WindowRunOptions } from './process-window.ts';
import { type WatchOptions, watch } from './watch.ts';
import { announceWindows, releaseStrayHolds, tellOfLongHolds } from './window-tick.ts';

export interface ProcessorParts extends WindowParts {
  /** Who beats, for people: user, host and process. */
  owner: string;
  /** Whether anything has given a sign lately that acts when a time has come. */
  isTickAlive: () => Promise<boolean>;
  /** Holds that are older raise a notice; 0 for none. */
  maxHours: number;
  /** Puts interrupted operations in order, and releases holds that have ended and belong to no window. */
  tickSites: (options: { signal?: AbortSignal | undefined }) => Promise<TickResult>;
  /** What that would take in hand. */
  findDue: () => Promise<Due>;
  /** Hands over the notices that are due. */
  deliverNotices: (options: { signal?: AbortSignal | undefined }) => Promise<TickReport['notices']>;
  proveRows: (rows: readonly MaintenanceLog[], options: ProofOptions) => Promise<ProvenRows>;
}

export type WindowTickOptions = TickOptions;

/** What a tick did. */
export interface TickReport extends TickResult {
  windows: WindowRun[];
  /** What visitors got after each successful operation, by the id of its row. */
  proofs: Map<number, Proof>;
  /** What became of the notices that were due; those that failed are tried again later. */
  notices: { delivered: number; failed: number };
}

/** What a tick would take in hand. */
export interface TickDue extends Due {
  windows: ScheduledMaintenance[];
  /** Holds that windows have left behind. */
  stray: StrayHold[];
}

/** Windows in hand at the same time. */
const AT_ONCE = 20;

/** Does what is due: once, or whenever something is. */
export class Processor {
  readonly #parts: ProcessorParts;
  readonly #slots = new Slots(AT_ONCE);

  constructor(parts: ProcessorParts) {
    this.#parts = parts;
  }

  async tick(options: WindowTickOptions): Promise<TickReport> {
    const { signal, verify = true } = options;
    const sweeping = this.#sweep(signal);
    const ids = await this.#dueIds();
    const [report, windows] = await Promise.all([sweeping, this.processAll(ids, { signal })]);
    const done = { ...report, windows };
    // What the tick has to tell is told now, before the proofs, which may take long.
    const [proven, notices] = await Promise.all([
      verify ? this.#prove(done, options) : done,
      this.#parts.deliverNotices({ signal }),
    ]);
    return { ...proven, notices };
  }

  watch({
    verify = true,
    timeoutMs,
    ...options
  }: WatchOptions<TickReport> & WindowTickOptions): Promise<void> {
    const { now, wait } = this.#parts;
    return watch<TickReport>(
      {
        now,
        wait,
        nextDue: (since) => this.#work().nextDue(since),
        dueWindows: () => this.#dueIds(),
        sweep: (signal) => this.#sweep(signal),
        deliver: async (signal) => ({
          ...emptyReport(),
          notices: await this.#parts.deliverNotices({ signal }),
        }),
        processWindow: async (id, signal) => ({
          ...emptyReport(),
          windows: await this.processAll([id], { signal }),
        }),
        afterwards: async (report, signal) =>
          verify && rowsOf(report).length > 0 ? this.#proofOf(report, { signal, timeoutMs }) : undefined,
      },
      options,
    );
  }

  /** All at the same time, within bounds; those that somebody else has in hand are left out. */
  async processAll(ids: readonly number[], options: WindowRunOptions): Promise<WindowRun[]> {
    const runs = await Promise.all(
      ids.map((id) => this.#slots.run(() => processWindow(this.#parts, id, options))),
    );
    return runs.filter((run) => run !== undefined);
  }

  async dueWindows(): Promise<ScheduledMaintenance[]> {
    const ids = await this.#dueIds();
    if (ids.length === 0) return [];
    const windows = await this.#parts.database.read().find(ScheduledMaintenance, { id: ids });
    const byId = new Map(windows.map((window) => [window.id, window]));
    return ids.flatMap((id) => byId.get(id) ?? []);
  }

  async findDue(): Promise<TickDue> {
    const [due, windows, stray] = await Promise.all([
      this.#parts.findDue(),
      this.dueWindows(),
      this.#work().strayHolds(),
    ]);
    return { ...due, windows, stray };
  }

  /** Everything but windows: signs of life, recovery, ends of holds, and the notices that time alone brings. */
  async #sweep(signal: AbortSignal | undefined): Promise<TickReport> {
    const { database, now, owner, tickSites, maxHours } = this.#parts;
    await database.transaction((em) => new HeartbeatRepository(em, now).beat(TICK_HEARTBEAT, owner));
    await announceWindows(this.#parts);
    await tellOfLongHolds(this.#parts, maxHours);
    const [sites, stray] = await Promise.all([tickSites({ signal }), releaseStrayHolds(this.#parts, signal)]);
    return {
      ...emptyReport(),
      recovered: sites.recovered,
      expired: [...sites.expired, ...stray.released],
      failed: [...sites.failed, ...stray.failed],
    };
  }

  async #prove(report: TickReport, options: ProofOptions): Promise<TickReport> {
    const { logs, proofs, failed } = await this.#parts.proveRows(rowsOf(report), options);
    const proven = new Map(logs.map((log) => [log.id, log]));
    const now = (rows: readonly MaintenanceLog[]) => rows.map((row) => proven.get(row.id) ?? row);
    return {
      recovered: now(report.recovered),
      expired: now(report.expired),
      windows: report.windows.map((run) => ({ ...run, logs: now(run.logs) })),
      failed: [...report.failed, ...failed],
      proofs,
      notices: report.notices,
    };
  }

  /** Only what the proof adds: the rest was reported when it was done. */
  async #proofOf(report: TickReport, options: ProofOptions): Promise<TickReport> {
    const { proofs, failed } = await this.#parts.proveRows(rowsOf(report), options);
    return { ...emptyReport(), proofs, failed };
  }

  #dueIds(): Promise<number[]> {
    return this.#work().due(this.#parts.now());
  }

  #work(): WindowWorkRepository {
    return new WindowWorkRepository(this.#parts.database.read());
  }
}

const NONE = { delivered: 0, failed: 0 };

function emptyReport(): TickReport {
  return { recovered: [], expired: [], failed: [], windows: [], proofs: new Map(), notices: NONE };
}

/** What visitors are to get something else after. An interrupted enable that was taken back changed nothing. */
function rowsOf({ recovered, expired, windows }: TickReport): MaintenanceLog[] {
  const reopened = [...recovered, ...expired].filter(({ action }) => action === 'disable');
  return [...reopened, ...windows.flatMap(({ logs }) => logs)];
}
