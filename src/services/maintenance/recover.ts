import type { MaintenanceLog } from '../../domain/maintenance-log.ts';
import { IntermissionError, isIntermissionError } from '../../errors.ts';
import {
  type ApplyContext,
  applyChanges,
  journalOf,
  type Progress,
  startProgress,
  withoutAdopted,
} from './apply-changes.ts';
import { sidesAround } from './closed-sides.ts';
import { callUnder, type Dependencies, type Lock } from './dependencies.ts';
import type { OperationPlan } from './operation.ts';
import { planRules, wantedAfter } from './plan-operation.ts';
import type { Connection } from './ports.ts';
import { planOf, type Situation } from './records.ts';
import type { RunNotice } from './run-notice.ts';
import { notRestored } from './shortfall.ts';
import { describeTakenBack, lookAtRemains, takeBack, takeOver } from './take-back.ts';

/** What became of the interrupted operations of a zone. */
export interface Recovered {
  /** Rows that were closed. */
  closed: MaintenanceLog[];
  /** Sites whose rows stay pending, because Cloudflare could not be read or written. */
  failed: { siteId: number; domain: string; error: IntermissionError }[];
}

/**
 * Puts in order what interrupted operations have left in a zone; called with its lock held. An interrupted enable
 * goes back to the state before it, an interrupted disable is finished. Repeating it is safe at every point.
 *
 * @throws IntermissionError `interrupted` when the lock was lost
 */
export async function recoverZone(
  deps: Dependencies,
  zoneId: string,
  lock: Lock,
  run?: RunNotice,
): Promise<Recovered> {
  const rows = await deps.reads.pendingIn(zoneId);
  const result: Recovered = { closed: [], failed: [] };
  for (const row of rows) {
    if (row.site == null) continue;
    try {
      result.closed.push(await recoverRow(deps, row, row.site.id, { lock, run }));
    } catch (error) {
      // One site that cannot be repaired now, say for its key, must not keep the others of its zone closed.
      if (!isIntermissionError(error) || error.code === 'interrupted') throw error;
      result.failed.push({ siteId: row.site.id, domain: row.domain ?? '', error });
    }
  }
  return result;
}

async function recoverRow(
  deps: Dependencies,
  row: MaintenanceLog,
  siteId: number,
  { lock, run }: { lock: Lock; run: RunNotice | undefined },
): Promise<MaintenanceLog> {
  const situation = await deps.reads.situation(siteId);
  const plan = planOf(row);
  const connection = await deps.connect(situation.site, { allowInactiveKey: true, plannedFor: plan.engine });
  const context = repairContext(deps, { rowId: row.id, plan, lock, connection });
  const recover = plan.intent.kind === 'enable' ? undoEnable : finishDisable;
  return recover(deps, { row, plan, situation, context, connection, lock, run });
}

interface Recovery {
  row: MaintenanceLog;
  plan: OperationPlan;
  situation: Situation;
  context: ApplyContext;
  connection: Connection;
  lock: Lock;
  run: RunNotice | undefined;
}

async function undoEnable(deps: Dependencies, recovery: Recovery): Promise<MaintenanceLog> {
  const { row, plan, situation, connection, lock, run } = recovery;
  const back = await takeBack(recovery.context, situation, plan, plan.changes);
  const { progress } = back;
  return deps.journal.close(row.id, lock, {
    state: progress.state,
    unrestored: progress.unrestored,
    plan: {
      ...plan,
      undone: progress.done,
      rulesetId: connection.engine.rulesetId(plan.zoneId),
      notes: [...plan.notes, ...progress.notes],
      calls: connection.calls(),
    },
    error: new IntermissionError('interrupted', `The operation was interrupted. ${describeTakenBack(back)}`),
    startedAt: row.createdAt,
    apiKeyId: connection.apiKeyId,
    run,
  });
}

async function finishDisable(deps: Dependencies, recovery: Recovery): Promise<MaintenanceLog> {
  const { row, plan, situation, context, connection, lock, run } = recovery;
  const { engine } = connection;
  const remains = await lookAtRemains(context, plan, plan.changes);
  const wanted = wantedAfter(situation, plan.intent, engine, deps.settings.defaultUrl);
  const progress: Progress = startProgress(
    planRules(engine, situation, {
      target: wanted.target,
      state: withoutAdopted(remains.state, plan.adopted),
      read: remains.read,
      existing: 'unasked',
    }),
  );
  takeOver(progress, remains);
  if (progress.todo.length > 0) await context.save(journalOf(progress));
  await applyChanges(context, progress);
  const note = { code: 'recovered', message: 'The operation was interrupted and finished later.' };
  const error = notRestored(situation.site.domain, 'open again', progress.unrestored);
  return deps.journal.close(row.id, lock, {
    ...(error !== undefined && { error }),
    state: progress.state,
    unrestored: progress.unrestored,
    plan: {
      ...plan,
      url: wanted.url,
      closes: sidesAround(plan.closes, situation.site, wanted.url),
      rulesetId: engine.rulesetId(plan.zoneId),
      changes: [...plan.changes, ...progress.done],
      notes: [...plan.notes, ...progress.notes, note],
      calls: connection.calls(),
    },
    holdsAsOf: situation.asOf,
    startedAt: row.createdAt,
    apiKeyId: connection.apiKeyId,
    run,
  });
}

/** How changes are made while repairing: with the reserve of the call budget, and journaled behind what was planned. */
export function repairContext(
  deps: Dependencies,
  about: { rowId: number; plan: OperationPlan; lock: Lock; connection: Connection },
): ApplyContext {
  return {
    engine: about.connection.engine,
    zoneId: about.plan.zoneId,
    call: callUnder(about.lock, 'reopen'),
    now: () => deps.clock.now(),
    save: (changes) => deps.journal.save(about.rowId, [...about.plan.changes, ...changes]),
  };
}
