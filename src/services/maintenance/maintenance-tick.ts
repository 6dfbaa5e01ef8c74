import type { MaintenanceLog } from '../../domain/maintenance-log.ts';
import { type IntermissionError, isIntermissionError } from '../../errors.ts';
import type { Proof } from '../../probe/types.ts';
import { type Dependencies, withZoneLock } from './dependencies.ts';
import { findEnded, findInterrupted, findUnheld } from './due.ts';
import { operate } from './operate.ts';
import { type ProofOptions, proveOperation } from './prove.ts';
import { planOf } from './records.ts';
import { recoverZone } from './recover.ts';

export interface TickFailure {
  domain: string;
  error: IntermissionError;
}

/** What the tick did about sites, before any window is looked at. */
export interface TickResult {
  /** Rows of interrupted operations that were put in order. */
  recovered: MaintenanceLog[];
  /** Rows of the sites whose holds came to their end. */
  expired: MaintenanceLog[];
  failed: TickFailure[];
  /** What visitors got after each successful row of the above, by its id. */
  proofs: Map<number, Proof>;
}

export interface TickOptions extends ProofOptions {
  /** False: what was reopened is not looked at. */
  verify?: boolean | undefined;
}

/**
 * Puts interrupted operations in order, releases holds that have come to their end, and then proves what was reopened.
 * One site that fails does not stop the others.
 */
export async function tickSites(deps: Dependencies, options: TickOptions = {}): Promise<TickResult> {
  const { signal, verify = true } = options;
  const result: TickResult = { recovered: [], expired: [], failed: [], proofs: new Map() };
  await recoverAll(deps, result, signal);
  await releaseExpired(deps, result, signal);
  if (verify) await proveAll(deps, result, options);
  return result;
}

/** All at the same time, when everything is done: a site that cannot be reached holds up nobody. */
async function proveAll(deps: Dependencies, result: TickResult, options: ProofOptions): Promise<void> {
  const rows = [...result.recovered, ...result.expired].filter(
    ({ action, status }) => action === 'disable' && status === 'success',
  );
  const prove = async (row: MaintenanceLog): Promise<void> => {
    const proven = await proveOperation(deps, row, options);
    if (proven === undefined) return;
    result.proofs.set(row.id, proven.proof);
    for (const rows of [result.recovered, result.expired]) {
      const index = rows.indexOf(row);
      if (index !== -1) rows[index] = proven.log;
    }
  };
  await Promise.all(rows.map((row) => collect(result, row.domain ?? '', () => prove(row))));
}

async function recoverAll(
  deps: Dependencies,
  result: TickResult,
  signal: AbortSignal | undefined,
): Promise<void> {
  const interrupted = await findInterrupted(deps);
  const zones = new Map(interrupted.map((row) => [planOf(row).zoneId, row.domain ?? '']));
  for (const [zoneId, domain] of zones) {
    if (signal?.aborted === true) return;
    await collect(result, domain, async () => {
      const { closed, failed } = await withZoneLock(deps, zoneId, { signal }, (lock) =>
        recoverZone(deps, zoneId, lock),
      );
      result.recovered.push(...closed);
      result.failed.push(...failed);
    });
  }
}

async function releaseExpired(
  deps: Dependencies,
  result: TickResult,
  signal: AbortSignal | undefined,
): Promise<void> {
  const holds = await findEnded(deps);
  const unheld = await findUnheld(deps);
  const ended = holds.map((hold) => [hold.site.id, hold.site.domain] as const);
  const sites = new Map([...ended, ...unheld.map(({ id, domain }) => [id, domain] as const)]);
  for (const [siteId, domain] of sites) {
    if (signal?.aborted === true) return;
    const names = holds.filter((hold) => hold.site.id === siteId).map((hold) => hold.name);
    await collect(result, domain, async () => {
      result.expired.push(await operate(deps, siteId, expiryOf(names, signal)));
    });
  }
}

function expiryOf(names: string[], signal: AbortSignal | undefined) {
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
  };
}

async function collect(result: TickResult, domain: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!isIntermissionError(error)) throw error;
    result.failed.push({ domain, error });
  }
}
