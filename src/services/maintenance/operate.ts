import type { MaintenanceLog } from '../../domain/maintenance-log.ts';
import type { RuleState } from '../../engines/engine.ts';
import { extendError, IntermissionError } from '../../errors.ts';
import { type ApplyContext, applyChanges, type Progress, startProgress } from './apply-changes.ts';
import { checkEnable, refreshZone } from './check-enable.ts';
import { callUnder, type Dependencies, withZoneLock } from './dependencies.ts';
import { endNotes } from './end-notes.ts';
import { failed, finishedPlan, notCommitted, refused } from './failure.ts';
import { identifyZone } from './identify-zone.ts';
import { neighbourNotes } from './neighbour-notes.ts';
import { digestOf, type OperationPlan } from './operation.ts';
import { needsReading, planRules, type Wanted, wantedAfter } from './plan-operation.ts';
import type { Connection } from './ports.ts';
import { getSite, loadSituation, recordedState, type Situation } from './records.ts';
import { recoverZone } from './recover.ts';
import type { Request } from './request.ts';
import type { Run, Running } from './run.ts';
import { shortfall } from './shortfall.ts';

/**
 * Carries out an operation from lock to commit.
 *
 * @returns the finished log row
 * @throws IntermissionError with the failed row in `log`; when the row could not be closed, the next run repairs
 */
export async function operate(deps: Dependencies, siteId: number, request: Request): Promise<MaintenanceLog> {
  const startedAt = deps.clock.now();
  const site = await getSite(deps.database.read(), siteId);
  let calls = () => 0;
  try {
    request.signal?.throwIfAborted();
    const connection = await deps.connect(site, {
      allowInactiveKey: request.intent.kind === 'disable',
      engine: request.engine,
    });
    const callsBefore = connection.calls();
    calls = () => connection.calls() - callsBefore;
    const zoneId = await identifyZone(deps, site, connection);
    const row = await withZoneLock(deps, zoneId, request.signal, async (lock) => {
      const { failed: unrepaired } = await recoverZone(deps, zoneId, lock);
      const own = unrepaired.find((repair) => repair.siteId === siteId);
      if (own !== undefined) throw own.error;
      const situation = await situationOf(deps, siteId, request, connection);
      // Somebody has moved the site to another zone while this one was waited for: it is the wrong lock.
      if (situation.site.zoneId !== zoneId) return undefined;
      return await converge(deps, { request, startedAt, situation, connection, lock, zoneId, callsBefore });
    });
    return row ?? (await operate(deps, siteId, request));
  } catch (error) {
    throw await refused(deps, { site, request, startedAt, calls: calls() }, error);
  }
}

async function situationOf(
  deps: Dependencies,
  siteId: number,
  request: Request,
  connection: Connection,
): Promise<Situation> {
  const situation = await loadSituation(deps.database.read(), siteId, deps.clock.now());
  if (request.intent.kind === 'disable') return situation;
  const site = await refreshZone(deps, situation.site, connection);
  return { ...situation, site };
}

async function converge(deps: Dependencies, run: Run): Promise<MaintenanceLog> {
  const { request, situation, connection } = run;
  const wanted = wantedAfter(situation, request.intent, connection.engine, deps.settings.defaultUrl);
  if (request.intent.kind === 'enable') {
    await checkEnable(deps, situation, wanted, { force: request.force });
  }
  const { plan, progress } = await makePlan(run, wanted);
  progress.notes.push(...neighbourNotes(situation, wanted), ...(await endNotes(deps, request.intent)));
  assertExpected(request.expect, plan);
  request.signal?.throwIfAborted();
  const rowId = await deps.journal.open(situation.site, plan, {
    reason: request.reason,
    actor: request.actor,
    startedAt: run.startedAt,
  });
  try {
    await applyChanges(contextOf(deps, run, rowId, wanted), progress);
  } catch (error) {
    throw await failed(deps, run, { rowId, plan, progress }, error);
  }
  return await commit(deps, run, { rowId, plan, progress }, wanted);
}

async function makePlan(run: Run, wanted: Wanted): Promise<{ plan: OperationPlan; progress: Progress }> {
  const { request, situation, connection, zoneId } = run;
  const { existing, intent } = request;
  // What was shown came from reading; only reading again tells whether the same would be done.
  const reads = request.expect !== undefined || needsReading(situation, wanted, existing);
  const read = reads
    ? await connection.engine.read(zoneId, callUnder(run.lock, purposeOf(request)))
    : undefined;
  const rules = planRules(connection.engine, situation, { target: wanted.target, read, existing });
  const plan: OperationPlan = {
    version: 1,
    zoneId,
    engine: connection.engine.name,
    why: connection.why,
    intent,
    url: wanted.url,
    before: recordedState(situation.site.edgeState),
    changes: rules.changes,
    notes: rules.notes,
    adopted: rules.adopted,
    calls: 0,
  };
  return { plan, progress: startProgress(rules) };
}

function purposeOf(request: Request): 'close' | 'reopen' {
  return request.intent.kind === 'enable' ? 'close' : 'reopen';
}

function contextOf(deps: Dependencies, run: Run, rowId: number, wanted: Wanted): ApplyContext {
  const { connection, situation, zoneId, request } = run;
  const call = callUnder(run.lock, purposeOf(request));
  return {
    engine: connection.engine,
    zoneId,
    call,
    now: () => deps.clock.now(),
    save: (changes) => deps.journal.save(rowId, changes),
    replan: async (state) => {
      if (request.expect !== undefined) throw notAsShown();
      const read = await connection.engine.read(zoneId, call);
      return planRules(connection.engine, situation, {
        target: wanted.target,
        state,
        read,
        existing: request.existing,
      });
    },
  };
}

async function commit(
  deps: Dependencies,
  run: Run,
  running: Running,
  wanted: Wanted,
): Promise<MaintenanceLog> {
  const { rowId, progress } = running;
  const error = shortfall(run, wanted, progress);
  const outcome = {
    state: withoutAdopted(progress),
    unrestored: progress.unrestored,
    plan: finishedPlan(run, running),
    holdsAsOf: run.situation.asOf,
    startedAt: run.startedAt,
    apiKeyId: run.connection.apiKeyId,
    ...(error === undefined ? {} : { error }),
  };
  const row = await deps.journal.close(rowId, run.lock, outcome).catch((cause: unknown) => {
    throw notCommitted(run, cause);
  });
  if (error !== undefined) throw extendError(error, { log: row });
  return row;
}

/** What was adopted is ours for good: it is not put back when the site opens. */
function withoutAdopted({ state, adopted }: Progress): RuleState {
  const isAdopted = (id: string) => adopted.some((rule) => rule.id === id);
  return { rules: state.rules, replaced: state.replaced.filter((rule) => !isAdopted(rule.id)) };
}

function assertExpected(expect: string | undefined, plan: OperationPlan): void {
  if (expect !== undefined && expect !== digestOf(plan.engine, plan.changes)) throw notAsShown();
}

function notAsShown(): IntermissionError {
  return new IntermissionError(
    'rule_conflict',
    'The zone has changed since the plan was shown. Nothing was done.',
    {
      hint: 'Look at the new plan and confirm it.',
    },
  );
}
