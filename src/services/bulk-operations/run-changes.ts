import type { MaintenanceLog } from '../../domain/maintenance-log.ts';
import { isIntermissionError } from '../../errors.ts';
import type { Dependencies } from '../maintenance/dependencies.ts';
import { refused } from '../maintenance/failure.ts';
import { operate } from '../maintenance/operate.ts';
import { type ProofOptions, proveOperation } from '../maintenance/prove.ts';
import type { Request } from '../maintenance/request.ts';
import { RunNotice } from '../maintenance/run-notice.ts';
import type { Emit } from './bulk-run.ts';
import { counting, runByKey } from './by-key.ts';
import type { Task } from './lane.ts';
import type { BulkParts } from './parts.ts';
import { planOf, soundOut } from './plan.ts';
import { type Job, type Prepared, prepare } from './prepare.ts';
import { doneSite, failedSite } from './rows.ts';
import type { Selected } from './selection.ts';
import { refreshStale } from './stale-zones.ts';
import { parseCanary, parseConcurrency, parseStopOnFailure } from './stop-rule.ts';
import { Tally } from './tally.ts';
import type { BulkPlan, BulkResult, BulkSite, ChangeOptions } from './types.ts';

/** A run as it was asked for, checked. */
export interface Order {
  request: Request;
  options: ChangeOptions & ProofOptions & { verify?: boolean | undefined };
}

/** What a run would do. */
export async function planChanges(
  deps: Dependencies,
  selected: Selected,
  { request }: Order,
): Promise<BulkPlan> {
  const prepared = await prepare(deps, selected, request);
  await soundOut(prepared.jobs);
  return planOf(request.intent.kind, prepared, deps.clock.now());
}

/** Closes or reopens many sites. One site that fails does not stop the others unless that was asked for. */
export async function runChanges(
  parts: BulkParts,
  select: () => Promise<Selected>,
  order: Order,
  emit: Emit,
): Promise<BulkResult> {
  const run = new RunNotice(parts.maintenance);
  try {
    return await changeAll(parts, select, { ...order, request: { ...order.request, run } }, emit);
  } finally {
    await run.end();
  }
}

async function changeAll(
  parts: BulkParts,
  select: () => Promise<Selected>,
  order: Order,
  emit: Emit,
): Promise<BulkResult> {
  const { request, options } = order;
  const { dryRun = false, signal } = options;
  const limits = { concurrency: parseConcurrency(options), canary: parseCanary(options) };
  // Refused before anything is looked at.
  parseStopOnFailure(options.stopOnFailure, 0);
  const { deps, calls } = counting(parts.maintenance);
  const startedAt = deps.clock.now();
  const selected = await select();
  let prepared = await prepare(deps, selected, request);
  const mayRefresh = !dryRun && signal?.aborted !== true;
  const listing = mayRefresh ? await refreshStale(parts, prepared.jobs, { actor: request.actor, signal }) : 0;
  if (listing > 0) prepared = await prepare(deps, selected, request);
  const stopAfter = parseStopOnFailure(options.stopOnFailure, prepared.total);
  const about = {
    operation: request.intent.kind,
    dryRun,
    total: prepared.total,
    startedAt,
    stopAfter,
    signal,
  };
  const tally = new Tally(about, emit);
  await soundOut(prepared.jobs);
  const plan = planOf(request.intent.kind, prepared, deps.clock.now());
  tally.warnings.push(...plan.warnings);
  emit({ type: 'planned', plan });
  for (const site of await logRefusals(deps, prepared, order)) tally.add(site);
  for (const site of prepared.skipped) tally.add(site);
  const isOneOfMany = Math.min(limits.concurrency, prepared.jobs.length) > FEW;
  const changes = new Changes(deps, { ...order, request: { ...request, isOneOfMany } }, tally, emit);
  const left = dryRun ? noteOnly(prepared.jobs, tally) : await changes.run(prepared.jobs, limits);
  return tally.result(left, { completedAt: deps.clock.now(), calls: listing + calls() });
}

/** So few sites in hand do not wait for each other. */
const FEW = 8;

function noteOnly(jobs: readonly Job[], tally: Tally): Job[] {
  for (const { site } of jobs) tally.add(doneSite(site, { outcome: 'planned' }));
  return [];
}

/** A refusal leaves a row, as that of a single site does. */
async function logRefusals(
  deps: Dependencies,
  { refused: sites }: Prepared,
  { request, options }: Order,
): Promise<BulkSite[]> {
  if (options.dryRun === true) return sites;
  const startedAt = deps.clock.now();
  const logged = sites.map(async (row): Promise<BulkSite> => {
    if (row.siteId === null || row.error === null) return row;
    const site = { id: row.siteId, domain: row.domain };
    const error = await refused(deps, { site, request, startedAt, calls: 0 }, row.error);
    return { ...row, error, ...logOf(error.log) };
  });
  return Promise.all(logged);
}

class Changes {
  readonly #deps: Dependencies;
  readonly #order: Order;
  readonly #tally: Tally;
  readonly #emit: Emit;
  readonly #proofs: Promise<void>[] = [];

  constructor(deps: Dependencies, order: Order, tally: Tally, emit: Emit) {
    this.#deps = deps;
    this.#order = order;
    this.#tally = tally;
    this.#emit = emit;
  }

  /** Returns the sites that were not taken in hand. */
  async run(
    jobs: readonly Job[],
    { canary, concurrency }: { canary: number; concurrency: number },
  ): Promise<Job[]> {
    const left = new Set(jobs);
    const run = async (phase: readonly Job[]) => {
      const taskOf = (zone: readonly Job[]) => this.#taskOf(zone, left);
      await runByKey(phase, { concurrency, tally: this.#tally, emit: this.#emit, taskOf });
      await Promise.all(this.#proofs);
    };
    const first = jobs.slice(0, canary);
    await run(first);
    if (first.length > 0 && this.#tally.failures > 0) this.#tally.stop('stopped', canaryFailed(first.length));
    await run(jobs.slice(canary));
    return [...left];
  }

  /** One site in each step: the lock of a zone is held by one operation at a time, and by none during a pause. */
  #taskOf(zone: readonly Job[], left: Set<Job>): Task {
    const todo = [...zone];
    let attempts = 0;
    return {
      calls: Math.max(...zone.map(({ calls }) => calls)),
      run: async () => {
        const [job] = todo;
        if (job === undefined) return true;
        left.delete(job);
        attempts += 1;
        const site = await this.#change(job);
        if (attempts < ATTEMPTS && mayBeRepeated(site)) {
          left.add(job);
          this.#order.request.run?.forget(site.logId);
          return false;
        }
        attempts = 0;
        todo.shift();
        this.#finish(job, site);
        return todo.length === 0;
      },
    };
  }

  async #change({ site }: Job): Promise<BulkSite> {
    this.#emit({ type: 'started', domain: site.domain, siteId: site.id });
    try {
      const log = await operate(this.#deps, site.id, this.#order.request, site);
      return doneSite(site, logOf(log));
    } catch (error) {
      // `operate` throws nothing else.
      if (!isIntermissionError(error)) throw error;
      return failedSite(site, error, logOf(error.log));
    }
  }

  /** A proof takes its time, and holds up no other site. */
  #finish({ site }: Job, row: BulkSite): void {
    const { verify = false, timeoutMs, signal } = this.#order.options;
    const { log } = row;
    if (!verify || log === null) {
      this.#tally.finish(row);
      return;
    }
    const proving = proveOperation(this.#deps, log, { timeoutMs, signal }).then(
      (proven) => this.#tally.finish(proven === undefined ? row : { ...row, ...proven }),
      (error: unknown) => {
        if (!isIntermissionError(error)) throw error;
        this.#tally.finish(failedSite(site, error, logOf(log)));
      },
    );
    // Awaited later: until then it must not count as unhandled.
    proving.catch(() => undefined);
    this.#proofs.push(proving);
  }
}

function canaryFailed(count: number): string {
  return `Stopped: not all of the first ${count} sites succeeded. The others are untouched.`;
}

/** A site that Cloudflare's limit turned away is tried again when there is room. */
const ATTEMPTS = 3;

function mayBeRepeated({ error }: BulkSite): boolean {
  return error?.code === 'api_rate_limited' && error.details['pending'] !== true;
}

function logOf(log: object | undefined): Pick<BulkSite, 'log' | 'logId'> {
  const row = (log ?? null) as MaintenanceLog | null;
  return { log: row, logId: row?.id ?? null };
}
