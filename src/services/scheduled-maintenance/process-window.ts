import { randomUUID } from 'node:crypto';
import type { ExecutionEntry } from '../../domain/execution-log.ts';
import type { MaintenanceLog } from '../../domain/maintenance-log.ts';
import { ScheduledMaintenance, type WindowStatus } from '../../domain/scheduled-maintenance.ts';
import type { SiteOfWindow } from '../../domain/window-plan.ts';
import type { IntermissionError } from '../../errors.ts';
import type { Database } from '../../persistence/open-database.ts';
import { MaintenanceHoldRepository } from '../../persistence/repositories/maintenance-hold-repository.ts';
import { holdNameOf, WindowWorkRepository } from '../../persistence/repositories/window-work-repository.ts';
import type { HoldChanges, HoldOutcome, WindowHolds } from '../maintenance/window-holds.ts';
import { advance, type Progress, type Step } from './advance.ts';

export interface WindowParts {
  database: Database;
  now: () => Date;
  holds: WindowHolds;
  /** The sites that a selection chooses now. */
  choose: (
    selection: NonNullable<ScheduledMaintenance['selection']>,
  ) => Promise<{ id: number; domain: string }[]>;
  wait: (ms: number, signal?: AbortSignal) => Promise<void>;
}

export interface WindowRunOptions {
  /** The sites in hand are finished, the others are left as they are. */
  signal?: AbortSignal | undefined;
  /** Somebody else who works on the window is waited for; without it the window is theirs. */
  patient?: boolean | undefined;
}

/** What was done about one window. */
export interface WindowRun {
  id: number;
  title: string;
  before: WindowStatus;
  status: WindowStatus;
  outcome: string;
  /** Domains, in the order in which it was done. */
  closed: string[];
  reopened: string[];
  /** Sites that the window does not need down any more, but somebody else. */
  stillHeld: string[];
  failed: { domain: string; error: IntermissionError }[];
  /** The rows of what succeeded: to be proven. */
  logs: MaintenanceLog[];
}

/** Sites that are changed before the window is looked at anew. */
const WAVE = 50;
const RENEW_MS = 20_000;
const POLL_MS = 250;

/**
 * Does everything about one window that can be done now. Between waves it looks at the window anew: what somebody asks
 * of it meanwhile is done by whoever has it in hand.
 *
 * @returns undefined when there is no such window, or somebody else has it in hand
 */
export async function processWindow(
  parts: WindowParts,
  windowId: number,
  options: WindowRunOptions = {},
): Promise<WindowRun | undefined> {
  const lease = await takeLease(parts, windowId, options);
  if (lease === undefined) return undefined;
  try {
    return await parts.holds((holds) => work(parts, windowId, { holds, signal: options.signal }));
  } finally {
    await lease.release();
  }
}

async function work(
  parts: WindowParts,
  windowId: number,
  { holds, signal }: { holds: HoldChanges; signal: AbortSignal | undefined },
): Promise<WindowRun | undefined> {
  const failures = new Map<number, { domain: string; message: string }>();
  const chosen = await sitesToChoose(parts, windowId);
  let entries: ExecutionEntry[] = [];
  let run: WindowRun | undefined;
  const before = await statusOf(parts, windowId);
  for (;;) {
    const step = await takeStep(parts, windowId, { entries, failures, chosen });
    if (step === undefined) return run;
    run = updated(run ?? emptyRun(step.window, before), step.window);
    if (signal?.aborted === true || (step.close.length === 0 && step.release.length === 0)) return run;
    const outcomes = await changeSites(holds, step, signal);
    const isClosing = step.close.length > 0;
    // Nobody knows what became of those that were stopped: the holds tell.
    const known = outcomes.filter(({ error }) => error?.code !== 'interrupted');
    if (known.length === 0) return run;
    for (const { siteId, domain, error } of known) {
      if (error !== undefined) failures.set(siteId, { domain, message: error.message });
    }
    entries = await entriesOf(parts, known, isClosing);
    record(run, known, entries);
  }
}

function takeStep(
  { database, now }: WindowParts,
  windowId: number,
  progress: Progress,
): Promise<Step | undefined> {
  return database.transaction((em) => advance(em, windowId, progress, now()));
}

function changeSites(
  holds: HoldChanges,
  step: Step,
  signal: AbortSignal | undefined,
): Promise<HoldOutcome[]> {
  const { window, close, release } = step;
  const hold = holdNameOf(window.id);
  const reason = `Window ${window.id}: ${window.title}`;
  const change = ({ siteId, domain }: SiteOfWindow) => ({ siteId, domain, hold, reason });
  if (close.length === 0) return holds.release(release.slice(0, WAVE).map(change), signal);
  const message = window.maintenanceMessage || null;
  const expiresAt = holdEnd(window);
  return holds.place(
    close.slice(0, WAVE).map((member) => ({ ...change(member), message, expiresAt })),
    signal,
  );
}

/** When the holds of a window end: visitors are told of it. Null where a person has to reopen the sites. */
export function holdEnd({ autoDisable, scheduledEnd }: ScheduledMaintenance): Date | null {
  return autoDisable === false ? null : scheduledEnd;
}

async function entriesOf(
  { database, now }: WindowParts,
  outcomes: readonly HoldOutcome[],
  isClosing: boolean,
): Promise<ExecutionEntry[]> {
  const at = now().toISOString();
  return Promise.all(
    outcomes.map(async ({ siteId, domain: site, log, error }): Promise<ExecutionEntry> => {
      if (error !== undefined) {
        return {
          at,
          site,
          event: isClosing ? 'not_closed' : 'not_reopened',
          text: `${error.code}: ${error.message}`,
        };
      }
      if (isClosing) {
        return {
          at,
          site,
          event: 'closed',
          ...(wasActive(log) && { text: 'It was in maintenance already.' }),
        };
      }
      if (!staysClosed(log)) return { at, site, event: 'reopened' };
      const holds = await new MaintenanceHoldRepository().inForce(database.read(), siteId, now());
      const names = holds.map(({ name }) => name).join(', ');
      return {
        at,
        site,
        event: 'still_held',
        text: `It stays in maintenance, held by ${names || 'others'}.`,
      };
    }),
  );
}

function wasActive(log: MaintenanceLog | undefined): boolean {
  const { maintenanceActive } = (log?.changed ?? {}) as { maintenanceActive?: boolean[] };
  return maintenanceActive?.[0] === true;
}

function staysClosed(log: MaintenanceLog | undefined): boolean {
  const { maintenanceActive } = (log?.changed ?? {}) as { maintenanceActive?: boolean[] };
  return maintenanceActive?.[1] === true;
}

function record(run: WindowRun, outcomes: readonly HoldOutcome[], entries: readonly ExecutionEntry[]): void {
  outcomes.forEach(({ domain, log, error }, index) => {
    if (error !== undefined) run.failed.push({ domain, error });
    else if (log !== undefined) run.logs.push(log);
    const event = entries[index]?.event;
    if (event === 'closed') run.closed.push(domain);
    if (event === 'reopened') run.reopened.push(domain);
    if (event === 'still_held') run.stillHeld.push(domain);
  });
}

function emptyRun({ id, title, status = 'scheduled' }: ScheduledMaintenance, before = status): WindowRun {
  const lists = { closed: [], reopened: [], stillHeld: [], failed: [], logs: [] };
  return { id, title, before, status, outcome: '', ...lists };
}

function updated(run: WindowRun, { status = 'scheduled', outcome = '' }: ScheduledMaintenance): WindowRun {
  return Object.assign(run, { status, outcome });
}

async function statusOf({ database }: WindowParts, windowId: number): Promise<WindowStatus | undefined> {
  const [row] = await database
    .read()
    .execute<{ status: WindowStatus }[]>('select status from scheduled_maintenance where id = ?', [windowId]);
  return row?.status;
}

/** Looked up before the transaction in which the window begins: there may be many. */
async function sitesToChoose(
  { database, choose }: WindowParts,
  windowId: number,
): Promise<Progress['chosen']> {
  const window = await database.read().findOne(ScheduledMaintenance, windowId);
  if (window?.status !== 'scheduled' || window.selection == null) return undefined;
  // A key that the selection names may be gone: then the planned sites are those.
  return choose(window.selection).catch(() => undefined);
}

interface Lease {
  release(): Promise<void>;
}

async function takeLease(
  { database, wait }: WindowParts,
  windowId: number,
  { patient = false, signal }: WindowRunOptions,
): Promise<Lease | undefined> {
  const token = randomUUID();
  const take = () => new WindowWorkRepository(database.read()).lease(windowId, token);
  while (!(await take())) {
    if (!patient || !(await isThere(database, windowId))) return undefined;
    await wait(POLL_MS, signal);
  }
  const timer = setInterval(() => void take().catch(() => false), RENEW_MS).unref();
  return {
    async release() {
      clearInterval(timer);
      // A lease that is not given back ends by itself.
      await new WindowWorkRepository(database.read()).release(windowId, token).catch(() => undefined);
    },
  };
}

async function isThere(database: Database, windowId: number): Promise<boolean> {
  const rows = await database.read().execute('select 1 from scheduled_maintenance where id = ?', [windowId]);
  return rows.length > 0;
}
