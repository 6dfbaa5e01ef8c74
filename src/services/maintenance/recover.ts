import type { MaintenanceLog } from '../../domain/maintenance-log.ts';
import { IntermissionError } from '../../errors.ts';
import { type ApplyContext, applyChanges, journalOf, type Progress, startProgress } from './apply-changes.ts';
import { callUnder, type Dependencies, type Lock } from './dependencies.ts';
import type { OperationPlan } from './operation.ts';
import { planRules, wantedAfter } from './plan-operation.ts';
import type { Connection } from './ports.ts';
import { findPending, loadSituation, planOf, recordedState, type Situation } from './records.ts';
import { lookAtRemains, takeBack } from './take-back.ts';

/**
 * Puts in order what interrupted operations have left in a zone; called with its lock held. An interrupted enable
 * goes back to the state before it, an interrupted disable is finished. Repeating it is safe at every point.
 *
 * @returns the rows that were closed
 * @throws IntermissionError when Cloudflare cannot be read or written; the rows then stay pending
 */
export async function recoverZone(deps: Dependencies, zoneId: string, lock: Lock): Promise<MaintenanceLog[]> {
  const rows = await findPending(deps.database.read(), zoneId);
  const closed: MaintenanceLog[] = [];
  for (const row of rows) {
    if (row.site == null) continue;
    const situation = await deps.database.transaction((em) =>
      loadSituation(em, row.site?.id ?? 0, deps.clock.now()),
    );
    const connection = await deps.connect(situation.site, { allowInactiveKey: true });
    const plan = planOf(row);
    const context = repairContext(deps, { rowId: row.id, plan, lock, connection });
    const recover = plan.intent.kind === 'enable' ? undoEnable : finishDisable;
    closed.push(await recover(deps, { row, plan, situation, context, connection, lock }));
  }
  return closed;
}

interface Recovery {
  row: MaintenanceLog;
  plan: OperationPlan;
  situation: Situation;
  context: ApplyContext;
  connection: Connection;
  lock: Lock;
}

async function undoEnable(deps: Dependencies, recovery: Recovery): Promise<MaintenanceLog> {
  const { row, plan, situation, connection, lock } = recovery;
  const progress = await takeBack(
    recovery.context,
    situation,
    recordedState(situation.site.edgeState),
    plan.changes,
  );
  const undone = journalOf(progress);
  const error = new IntermissionError(
    'interrupted',
    `The operation was interrupted. The zone was put back as it was before${undone.length === 0 ? '; nothing had to be changed' : ''}.`,
  );
  return deps.journal.close(row.id, lock, {
    state: progress.state,
    unrestored: progress.unrestored,
    plan: { ...plan, undone, notes: [...plan.notes, ...progress.notes], calls: connection.calls() },
    error,
    writesHolds: false,
    startedAt: row.createdAt,
    apiKeyId: connection.apiKeyId,
  });
}

async function finishDisable(deps: Dependencies, recovery: Recovery): Promise<MaintenanceLog> {
  const { row, plan, situation, context, connection, lock } = recovery;
  const { engine } = connection;
  const before = recordedState(situation.site.edgeState);
  const remains = await lookAtRemains(context, before, plan.changes, context.call);
  const wanted = wantedAfter(situation, plan.intent, engine, deps.settings.defaultUrl, deps.clock.now());
  const progress: Progress = startProgress(
    planRules(engine, situation, {
      target: wanted.target,
      state: remains.state,
      read: remains.read,
      existing: 'theirs',
    }),
  );
  progress.unrestored.push(...remains.unrestored);
  if (progress.todo.length > 0) await context.save(journalOf(progress));
  await applyChanges(context, progress);
  const note = { code: 'recovered', message: 'The operation was interrupted and finished later.' };
  return deps.journal.close(row.id, lock, {
    state: progress.state,
    unrestored: progress.unrestored,
    plan: {
      ...plan,
      url: wanted.url,
      changes: [...plan.changes, ...progress.done],
      notes: [...plan.notes, ...progress.notes, note],
      calls: connection.calls(),
    },
    writesHolds: true,
    startedAt: row.createdAt,
    apiKeyId: connection.apiKeyId,
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
