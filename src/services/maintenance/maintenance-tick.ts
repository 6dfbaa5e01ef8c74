import type { MaintenanceLog } from '../../domain/maintenance-log.ts';
import { type IntermissionError, isIntermissionError } from '../../errors.ts';
import type { Proof } from '../../probe/types.ts';
import { type Dependencies, withZoneLock } from './dependencies.ts';
import { findEnded, findInterrupted, findUnheld } from './due.ts';
import { operate } from './operate.ts';
import { type ProofOptions, proveOperation } from './prove.ts';
import { planOf } from './records.ts';
import { recoverZone } from './recover.ts';
import { RunNotice } from './run-notice.ts';

export interface TickFailure {
  domain: string;
  error: IntermissionError;
}

/** What the tick did about sites that no window is about. */
export interface TickResult {
  /** Rows of interrupted operations that were put in order. */
  recovered: MaintenanceLog[];
  /** Rows of the sites whose holds came to their end. */
  expired: MaintenanceLog[];
  failed: TickFailure[];
}

/** Rows with what visitors got after them. */
export interface ProvenRows {
  /** The rows as they are now, in their order. */
  logs: MaintenanceLog[];
  /** By the id of the row. */
  proofs: Map<number, Proof>;
  failed: TickFailure[];
}

export interface TickOptions extends ProofOptions {
  /** False: what was changed is not looked at. */
  verify?: boolean | undefined;
}

/**
 * Puts interrupted operations in order, and releases holds that have come to their end. One site that fails does not
 * stop the others.
 */
export async function tickSites(
  deps: Dependencies,
  { signal }: Pick<TickOptions, 'signal'> = {},
): Promise<TickResult> {
  const result: TickResult = { recovered: [], expired: [], failed: [] };
  const around = { signal, run: new RunNotice(deps) };
  try {
    await recoverAll(deps, result, around);
    await releaseExpired(deps, result, around);
  } finally {
    await around.run.end();
  }
  return result;
}

/**
 * Proves what finished operations have brought about, all at the same time: a site that cannot be reached holds up
 * nobody. Only success is proven.
 */
export async function proveRows(
  deps: Dependencies,
  rows: readonly MaintenanceLog[],
  options: ProofOptions,
): Promise<ProvenRows> {
  const result: ProvenRows = { logs: [...rows], proofs: new Map(), failed: [] };
  const prove = async (row: MaintenanceLog, index: number): Promise<void> => {
    const proven = await proveOperation(deps, row, options);
    if (proven === undefined) return;
    result.proofs.set(row.id, proven.proof);
    result.logs[index] = proven.log;
  };
  const all = rows.map((row, index) =>
    row.status === 'success' ? collect(result, row.domain ?? '', () => prove(row, index)) : undefined,
  );
  await Promise.all(all);
  return result;
}

/** What the operations of one tick have in common. */
interface Around {
  signal: AbortSignal | undefined;
  run: RunNotice;
}

async function recoverAll(deps: Dependencies, result: TickResult, { signal, run }: Around): Promise<void> {
  const interrupted = await findInterrupted(deps);
  const zones = new Map(interrupted.map((row) => [planOf(row).zoneId, row.domain ?? '']));
  for (const [zoneId, domain] of zones) {
    if (signal?.aborted === true) return;
    await collect(result, domain, async () => {
      const { closed, failed } = await withZoneLock(deps, zoneId, { signal }, (lock) =>
        recoverZone(deps, zoneId, lock, run),
      );
      result.recovered.push(...closed);
      result.failed.push(...failed);
    });
  }
}

async function releaseExpired(
  deps: Dependencies,
  result: TickResult,
  { signal, run }: Around,
): Promise<void> {
  const holds = await findEnded(deps);
  const unheld = await findUnheld(deps);
  const ended = holds.map((hold) => [hold.site.id, hold.site.domain] as const);
  const sites = new Map([...ended, ...unheld.map(({ id, domain }) => [id, domain] as const)]);
  for (const [siteId, domain] of sites) {
    if (signal?.aborted === true) return;
    const names = holds.filter((hold) => hold.site.id === siteId).map((hold) => hold.name);
    await collect(result, domain, async () => {
      result.expired.push(await operate(deps, siteId, expiryOf(names, { signal, run })));
    });
  }
}

function expiryOf(names: string[], { signal, run }: Around) {
  return {
    // Released as ended, not by name: somebody may have taken the same name again in between.
    intent: { kind: 'disable' as const, release: [] },
    reason: names.length === 0 ? 'Nothing holds it any more' : `Ended: ${names.join(', ')}`,
    actor: { name: 'scheduler', source: 'schedule' as const },
    force: false,
    existing: undefined,
    expect: undefined,
    engine: undefined,
    signal,
    expiry: true,
    run,
  };
}

async function collect(
  result: Pick<TickResult, 'failed'>,
  domain: string,
  work: () => Promise<void>,
): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!isIntermissionError(error)) throw error;
    result.failed.push({ domain, error });
  }
}
