import type { CloudflareSite } from '../../domain/cloudflare-site.ts';
import type { ScheduledMaintenance } from '../../domain/scheduled-maintenance.ts';
import { type Phase, phaseOf } from '../../domain/window-state.ts';
import { type IntermissionError, isIntermissionError } from '../../errors.ts';
import { ScheduledMaintenanceRepository } from '../../persistence/repositories/scheduled-maintenance-repository.ts';
import { WindowWorkRepository } from '../../persistence/repositories/window-work-repository.ts';
import { type ChangeOptions, LIBRARY, transact } from '../change.ts';
import type { CalendarDay } from './calendar.ts';
import type { NewEnd } from './change-window.ts';
import type { Conflict } from './plan-window.ts';
import { processWindow, type WindowRun, type WindowRunOptions } from './process-window.ts';
import {
  Processor,
  type ProcessorParts,
  type TickDue,
  type TickReport,
  type WindowTickOptions,
} from './processor.ts';
import type { WatchOptions } from './watch.ts';
import type { SiteSelection, WindowInput } from './window-input.ts';

/** A window, or its id. */
type Which = number | Pick<ScheduledMaintenance, 'id'>;

/** Plans maintenance, and does what is due. */
export class ScheduledMaintenanceService {
  readonly #parts: ProcessorParts;
  readonly #processor: Processor;

  constructor(parts: Omit<ProcessorParts, 'choose'>) {
    const choose = async (selection: ScheduledMaintenance['selection']) =>
      (await import('./window-sites.ts')).chooseSites(
        { em: parts.database.read(), now: parts.now },
        selection as SiteSelection,
      );
    this.#parts = { ...parts, choose };
    this.#processor = new Processor(this.#parts);
  }

  /**
   * Plans a window, or the first one of a series.
   *
   * @throws IntermissionError `validation_failed` for times, a zone, a recurrence or sites that make no window,
   *   `not_found` for an unknown site or key
   */
  async createScheduledMaintenance(
    input: WindowInput,
    options: ChangeOptions = {},
  ): Promise<ScheduledMaintenance> {
    const { now } = this.#parts;
    const [{ planWindow }, sites] = await Promise.all([import('./plan-window.ts'), this.sitesOf(input)]);
    return transact(this.#parts.database, options, async (em) => {
      const window = await planWindow(em, input, sites, { by: options.actor ?? LIBRARY, now });
      return em.populate(window, ['sites', 'executionLog'], { refresh: true });
    });
  }

  /** Plans one window for all of these sites. */
  scheduleMaintenanceForSites(
    sites: readonly (string | CloudflareSite)[],
    input: Omit<WindowInput, 'sites' | 'selection'>,
    options: ChangeOptions = {},
  ): Promise<ScheduledMaintenance> {
    return this.createScheduledMaintenance({ ...input, sites }, options);
  }

  /** Plans many windows, each by itself: one that is refused does not stop the others. */
  async bulkScheduleMaintenance(
    inputs: readonly WindowInput[],
    options: ChangeOptions = {},
  ): Promise<{
    created: ScheduledMaintenance[];
    failed: { input: WindowInput; error: IntermissionError }[];
  }> {
    const result = {
      created: [] as ScheduledMaintenance[],
      failed: [] as { input: WindowInput; error: IntermissionError }[],
    };
    for (const input of inputs) {
      try {
        result.created.push(await this.createScheduledMaintenance(input, options));
      } catch (error) {
        if (!isIntermissionError(error)) throw error;
        result.failed.push({ input, error });
      }
    }
    return result;
  }

  /** The sites that a window would be planned for. @throws IntermissionError as `createScheduledMaintenance` */
  async sitesOf(input: Pick<WindowInput, 'sites' | 'selection'>): Promise<CloudflareSite[]> {
    const { sitesOf } = await import('./window-sites.ts');
    return sitesOf({ em: this.#parts.database.read(), now: this.#parts.now }, input);
  }

  /** The windows that have not ended and share a site and a time with a window, or with one that is planned. */
  async findConflicts(
    plan: Which | { sites: readonly CloudflareSite[]; start: Date; end: Date },
  ): Promise<Conflict[]> {
    const em = this.#parts.database.read();
    const { findConflicts } = await import('./plan-window.ts');
    if (typeof plan === 'object' && 'start' in plan) {
      return findConflicts(em, { ...plan, siteIds: plan.sites.map(({ id }) => id) });
    }
    const { id, scheduledStart: start, scheduledEnd: end } = await this.get(plan);
    const members = await new WindowWorkRepository(em).members(id);
    return findConflicts(em, { start, end, siteIds: members.map(({ siteId }) => siteId) }, id);
  }

  /**
   * Cancels the windows that have not begun and share a site and a time with this one. What is active goes on.
   *
   * @returns what was cancelled
   */
  async cancelConflictingMaintenances(
    window: Which,
    options: ChangeOptions = {},
  ): Promise<ScheduledMaintenance[]> {
    const conflicts = await this.findConflicts(window);
    const cancelled = conflicts
      .map((conflict) => conflict.window)
      .filter(({ status }) => status === 'scheduled');
    for (const { id } of cancelled) await this.cancel(id, options);
    return Promise.all(cancelled.map(({ id }) => this.get(id)));
  }

  /** Closes the sites now: before the planned start, or where a person has to. @throws `validation_failed` */
  start(window: Which, options: ChangeOptions & WindowRunOptions = {}): Promise<WindowRun> {
    return this.#ask(window, 'start', options);
  }

  /** Reopens the sites of an active window before its end, or where a person has to. @throws `validation_failed` */
  complete(window: Which, options: ChangeOptions & WindowRunOptions = {}): Promise<WindowRun> {
    return this.#ask(window, 'complete', options);
  }

  /**
   * Takes a window back; one that is active reopens its sites first. Of a series, the next one comes all the same, unless
   * `series` ends it.
   *
   * @throws IntermissionError `validation_failed` for a window that has ended
   */
  async cancel(
    window: Which,
    options: ChangeOptions & WindowRunOptions & { series?: boolean } = {},
  ): Promise<WindowRun> {
    const { series = false, ...rest } = options;
    const { id, seriesId, status } = await this.get(window);
    if (!series || seriesId == null) return this.#ask(id, 'cancel', rest);
    const { endSeries } = await import('./change-window.ts');
    await this.#change(options, (change) => endSeries(change, seriesId));
    return status === 'active' ? this.#ask(id, 'cancel', rest) : this.#runOf(id, 'scheduled');
  }

  /** Moves the end, of an active window too: its holds follow. @throws `validation_failed` */
  async extend(window: Which, end: NewEnd, options: ChangeOptions = {}): Promise<ScheduledMaintenance> {
    const { extend } = await import('./change-window.ts');
    return this.#change(options, (change) => extend(change, idOf(window), end));
  }

  /** Gives a window that has not begun another start, and another duration. @throws `validation_failed` */
  async reschedule(
    window: Which,
    to: { start: Date; durationSeconds?: number | undefined },
    options: ChangeOptions = {},
  ): Promise<ScheduledMaintenance> {
    const { reschedule } = await import('./change-window.ts');
    return this.#change(options, (change) => reschedule(change, idOf(window), to));
  }

  /** Plans a window like another; a single one, unless `changes` names a recurrence. */
  async clone(
    window: Which,
    changes: Partial<WindowInput> & { start: Date },
    options: ChangeOptions = {},
  ): Promise<ScheduledMaintenance> {
    const { inputLike } = await import('./plan-window.ts');
    const found = await this.get(window);
    const like = inputLike(found);
    const members = await new WindowWorkRepository(this.#parts.database.read()).members(found.id);
    const sites = like.selection === undefined ? { sites: members.map(({ domain }) => domain) } : {};
    return this.createScheduledMaintenance({ ...like, ...sites, ...changes }, options);
  }

  /** With its sites and its execution log. @throws IntermissionError `not_found` */
  async get(window: Which): Promise<ScheduledMaintenance> {
    const em = this.#parts.database.read();
    const found = await new ScheduledMaintenanceRepository(em, this.#parts.now).get({ id: idOf(window) });
    return em.populate(found, ['sites', 'executionLog']);
  }

  /** Not begun, starting within the next `hours`. */
  getUpcomingMaintenances(hours = 24): Promise<ScheduledMaintenance[]> {
    const until = new Date(this.#parts.now().getTime() + hours * 3_600_000);
    return this.#windows()
      .upcoming()
      .filter({ scheduledStart: { $lte: until } })
      .withSites()
      .all();
  }

  getActiveMaintenances(): Promise<ScheduledMaintenance[]> {
    return this.#windows().byStatus('active').withSites().all();
  }

  /** What is planned or active within the next `days`, by day of a time zone, with what series will bring. */
  async getMaintenanceCalendar(days = 30, { timezone = 'UTC' } = {}): Promise<CalendarDay[]> {
    const from = this.#parts.now();
    const to = new Date(from.getTime() + days * 86_400_000);
    const [{ calendarOf }, windows] = await Promise.all([
      import('./calendar.ts'),
      this.#windows()
        .byStatus('scheduled', 'active')
        .filter({ scheduledStart: { $lt: to } })
        .withSites()
        .all(),
    ]);
    return calendarOf(windows, { from, to, timezone });
  }

  /** The next times that a series brings after the window that is planned. */
  async nextOccurrences(window: ScheduledMaintenance, count = 5): Promise<Date[]> {
    const { recurrence, timezone = 'UTC', scheduledStart, occurrence } = window;
    if (recurrence == null) return [];
    const { nextOccurrences } = await import('../../domain/recurrence.ts');
    return nextOccurrences({ expression: recurrence, timezone }, occurrence ?? scheduledStart, count);
  }

  /** Closes the sites of the windows whose time has come. */
  processDueMaintenances(options: WindowRunOptions = {}): Promise<WindowRun[]> {
    return this.#process(['begin', 'ask', 'hold'], options);
  }

  /** Reopens the sites of the windows that have ended, and gives up those that were missed. */
  processOverdueMaintenances(options: WindowRunOptions = {}): Promise<WindowRun[]> {
    return this.#process(['release', 'overdue', 'miss'], options);
  }

  /**
   * One tick: signs of life, recovery of what was interrupted, windows, holds that have come to their end, notices, and
   * a proof of what was changed, unless `verify` is false. Any number of processes may run it at once.
   */
  processScheduledMaintenances(options: WindowTickOptions = {}): Promise<TickReport> {
    return this.#processor.tick(options);
  }

  /** Ticks when there is something due, until `signal`; what is in hand then is finished. */
  watch(options: WatchOptions<TickReport> & WindowTickOptions): Promise<void> {
    return this.#processor.watch(options);
  }

  /** What a tick would take in hand now. Changes nothing and is no sign of life. */
  findDue(): Promise<TickDue> {
    return this.#processor.findDue();
  }

  /** Whether anything runs that acts on windows and ends of holds by itself. */
  isProcessed(): Promise<boolean> {
    return this.#parts.isTickAlive();
  }

  async #ask(
    window: Which,
    request: 'start' | 'complete' | 'cancel',
    { signal, ...options }: ChangeOptions & WindowRunOptions,
  ): Promise<WindowRun> {
    const { status: before = 'scheduled' } = await this.get(window);
    const { ask } = await import('./change-window.ts');
    const { id } = await this.#change(options, (change) => ask(change, idOf(window), request));
    if (options.dryRun === true || (before === 'scheduled' && request === 'cancel'))
      return this.#runOf(id, before);
    const run = await processWindow(this.#parts, id, { signal, patient: true });
    return run === undefined ? this.#runOf(id, before) : { ...run, before };
  }

  async #runOf(id: number, before: WindowRun['before']): Promise<WindowRun> {
    const { title, status = 'scheduled', outcome = '' } = await this.get(id);
    return {
      id,
      title,
      before,
      status,
      outcome,
      closed: [],
      reopened: [],
      stillHeld: [],
      failed: [],
      logs: [],
    };
  }

  async #process(phases: readonly Phase[], options: WindowRunOptions): Promise<WindowRun[]> {
    const { now } = this.#parts;
    const due = await this.#processor.dueWindows();
    const ids = due.filter((window) => phases.includes(phaseOf(window, now()))).map(({ id }) => id);
    return this.#processor.processAll(ids, options);
  }

  #change<T>(
    options: ChangeOptions,
    work: (change: Parameters<typeof import('./change-window.ts').ask>[0]) => Promise<T>,
  ): Promise<T> {
    const { database, now } = this.#parts;
    return transact(database, options, (em) => work({ em, now, by: options.actor ?? LIBRARY }));
  }

  #windows(): ScheduledMaintenanceRepository {
    return new ScheduledMaintenanceRepository(this.#parts.database.read(), this.#parts.now);
  }
}

function idOf(window: Which): number {
  return typeof window === 'number' ? window : window.id;
}
