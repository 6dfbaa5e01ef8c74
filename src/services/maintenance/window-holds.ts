import type { MaintenanceLog } from '../../domain/maintenance-log.ts';
import { SCHEDULER } from '../../domain/window-plan.ts';
import { IntermissionError, isIntermissionError } from '../../errors.ts';
import { Slots } from '../../probe/slots.ts';
import type { Dependencies } from './dependencies.ts';
import { operate } from './operate.ts';
import type { Intent } from './operation.ts';
import { RunNotice } from './run-notice.ts';

/** A hold that a window is to get or to lose. */
export interface HoldChange {
  siteId: number;
  domain: string;
  /** `window:12` */
  hold: string;
  /** For the log. */
  reason: string;
}

export interface HoldPlacement extends HoldChange {
  /** What visitors may read. */
  message: string | null;
  /** Null: until it is released. */
  expiresAt: Date | null;
}

/** What became of one site. */
export interface HoldOutcome {
  siteId: number;
  domain: string;
  log: MaintenanceLog | undefined;
  error: IntermissionError | undefined;
}

/** Many sites, each by itself: one that fails or is waited for does not hold up the others. */
export interface HoldChanges {
  place(holds: readonly HoldPlacement[], signal?: AbortSignal): Promise<HoldOutcome[]>;
  /** Those that somebody else needs down stay down; that is no error. */
  release(holds: readonly HoldChange[], signal?: AbortSignal): Promise<HoldOutcome[]>;
}

/** What `work` changes, in however many steps, is one run: its failures are told of together. */
export type WindowHolds = <T>(work: (holds: HoldChanges) => Promise<T>) => Promise<T>;

/** Sites in hand at the same time, over all windows. The calls to Cloudflare are paced in any case. */
const AT_ONCE = 50;

export function windowHolds(deps: Dependencies): WindowHolds {
  const slots = new Slots(AT_ONCE);
  return async (work) => {
    const run = new RunNotice(deps);
    const each = <H extends HoldChange>(
      holds: readonly H[],
      signal: AbortSignal | undefined,
      intentOf: (hold: H) => Intent,
    ) =>
      Promise.all(holds.map((hold) => slots.run(() => change(deps, hold, intentOf(hold), { signal, run }))));
    try {
      return await work({
        place: (holds, signal) => each(holds, signal, placing),
        release: (holds, signal) => each(holds, signal, ({ hold }) => ({ kind: 'disable', release: [hold] })),
      });
    } finally {
      await run.end();
    }
  };
}

function placing({ hold: name, reason, message, expiresAt }: HoldPlacement): Intent {
  const until = expiresAt?.toISOString() ?? null;
  return { kind: 'enable', hold: { name, reason, message, expiresAt: until } };
}

async function change(
  deps: Dependencies,
  { siteId, domain, reason }: HoldChange,
  intent: Intent,
  { signal, run }: { signal: AbortSignal | undefined; run: RunNotice },
): Promise<HoldOutcome> {
  const request = {
    intent,
    reason,
    actor: { name: SCHEDULER, source: 'schedule' as const },
    force: false,
    existing: undefined,
    expect: undefined,
    engine: undefined,
    signal,
    expiry: true,
    isOneOfMany: true,
    run,
  };
  try {
    return { siteId, domain, log: await operate(deps, siteId, request), error: undefined };
  } catch (error) {
    const known = isIntermissionError(error) ? error : unexpected(error);
    return { siteId, domain, log: known.log as MaintenanceLog | undefined, error: known };
  }
}

/** One site must not take the others down with it. */
function unexpected(cause: unknown): IntermissionError {
  const message = cause instanceof Error ? cause.message : String(cause);
  return new IntermissionError('internal', `Something unexpected failed: ${message}`, { cause });
}
