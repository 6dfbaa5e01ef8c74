import type { CloudflareSite } from '../../domain/cloudflare-site.ts';
import type { MaintenanceLog } from '../../domain/maintenance-log.ts';
import type { Note } from '../../engines/engine.ts';
import { extendError, IntermissionError } from '../../errors.ts';
import { type ApplyContext, applyChanges, startProgress, withoutAdopted } from './apply-changes.ts';
import { checkEnable, refreshZone } from './check-enable.ts';
import { chooseAnyway } from './choose-anyway.ts';
import { type ChosenPlan, choosePlan, type PlanQuestion, wantedBy } from './choose-plan.ts';
import { sidesAround } from './closed-sides.ts';
import { callUnder, type Dependencies, withZoneLock } from './dependencies.ts';
import { endNotes } from './end-notes.ts';
import { failed, finishedPlan, notCommitted, refused } from './failure.ts';
import { identifyZone } from './identify-zone.ts';
import { neighbourNotes } from './neighbour-notes.ts';
import { digestOf, type OperationPlan } from './operation.ts';
import { planRules, type Wanted } from './plan-operation.ts';
import type { Connection } from './ports.ts';
import { getSite, recordedState, type Situation } from './records.ts';
import { type Recovered, recoverZone } from './recover.ts';
import type { Request } from './request.ts';
import type { Run, Running } from './run.ts';
import { shadowNotes } from './shadow-notes.ts';
import { shortfall } from './shortfall.ts';
import { turnBack } from './turn-to.ts';

/**
 * Carries out an operation from lock to commit.
 *
 * @returns the finished log row
 * @throws IntermissionError with the failed row in `log`; when the row could not be closed, the next run repairs
 */
export async function operate(
  deps: Dependencies,
  siteId: number,
  request: Request,
  /** The site, where it was read shortly before. */
  known?: CloudflareSite,
): Promise<MaintenanceLog> {
  const startedAt = deps.clock.now();
  const site = known ?? (await getSite(deps.database.read(), siteId));
  let calls = () => 0;
  try {
    request.signal?.throwIfAborted();
    const connect = (each: CloudflareSite) =>
      deps.connect(each, { allowInactiveKey: request.intent.kind === 'disable', engine: request.engine });
    const connection = await connect(site);
    calls = connection.calls;
    const zoneId = await identifyZone(deps, site, connection);
    const row = await withZoneLock(deps, zoneId, request, async (lock) => {
      const recovered = await recoverZone(deps, zoneId, lock, request.run);
      const own = recovered.failed.find((repair) => repair.siteId === siteId);
      if (own !== undefined) throw own.error;
      const situation = await situationOf(deps, siteId, request, connection);
      // Somebody may have closed it by another engine while the lock was waited for.
      const current = situation.site.version === site.version ? connection : await connect(situation.site);
      // Somebody has moved the site to another zone while this one was waited for: it is the wrong lock.
      if (situation.site.zoneId !== zoneId) return undefined;
      const run = {
        request: afterRecovery(request, recovered, siteId),
        startedAt,
        situation,
        connection: current,
        lock,
        zoneId,
        earlierCalls: current === connection ? 0 : connection.calls(),
      };
      return await converge(deps, run);
    });
    return row ?? (await operate(deps, siteId, request));
  } catch (error) {
    throw await refused(deps, { site, request, startedAt, calls: calls() }, error);
  }
}

/** What a disable has just put back is no forgotten closure: the one that repeats it asks nobody. */
function afterRecovery(request: Request, { closed }: Recovered, siteId: number): Request {
  const isFinished = closed.some(({ site, action }) => site?.id === siteId && action === 'disable');
  if (request.intent.kind === 'enable' || request.existing !== undefined || !isFinished) return request;
  return { ...request, existing: 'unasked' };
}

async function situationOf(
  deps: Dependencies,
  siteId: number,
  request: Request,
  connection: Connection,
): Promise<Situation> {
  const situation = await deps.reads.situation(siteId);
  if (request.intent.kind === 'disable') return situation;
  const site = await refreshZone(deps, situation.site, connection);
  return { ...situation, site };
}

async function converge(deps: Dependencies, run: Run): Promise<MaintenanceLog> {
  const { request, situation } = run;
  const question = questionOf(deps, run);
  if (request.intent.kind === 'enable') {
    const wanted = wantedBy(run.connection.engine, question);
    await checkEnable(deps, situation, wanted, { force: request.force });
  }
  const chosen = await chooseAnyway(run, question);
  run.connection = chosen.connection;
  const plan = planOf(run, chosen);
  const progress = startProgress(chosen.rules);
  progress.notes.push(
    ...neighbourNotes(situation, chosen.wanted),
    ...(await shadowNotesOnRepeat(run, chosen.wanted, question)),
    ...(await endNotes(deps, request.intent)),
  );
  assertExpected(request.expect, plan);
  request.signal?.throwIfAborted();
  const rowId = await deps.journal.open(situation.site, plan, {
    reason: request.reason,
    actor: request.actor,
    startedAt: run.startedAt,
  });
  const running = { rowId, plan, progress, wanted: chosen.wanted };
  try {
    await applyChanges(contextOf(deps, run, running), progress);
  } catch (error) {
    const failure = await failed(deps, run, running, error);
    if (failure !== undefined) throw failure;
  }
  return await commit(deps, run, running);
}

/** A repeat reads Cloudflare anyway; what stands before our rules was said already where its plan was shown. */
async function shadowNotesOnRepeat(
  { request, situation, connection }: Run,
  wanted: Wanted,
  question: PlanQuestion,
): Promise<Note[]> {
  const isRepeat = recordedState(situation.site.edgeState).rules.length > 0;
  if (request.intent.kind !== 'enable' || request.expect !== undefined || !isRepeat) return [];
  return await shadowNotes(connection, situation, wanted, question);
}

function questionOf(deps: Dependencies, { request, situation, zoneId, lock }: Run): PlanQuestion {
  const call = callUnder(lock, purposeOf(request));
  // What was shown came from reading; only reading again tells whether the same would be done.
  const reads = request.expect !== undefined;
  return { request, situation, zoneId, call, reads, defaultUrl: deps.settings.defaultUrl };
}

function planOf(run: Run, { wanted, rules }: ChosenPlan): OperationPlan {
  return {
    version: 1,
    zoneId: run.zoneId,
    engine: run.connection.engine.name,
    why: run.connection.why,
    intent: run.request.intent,
    url: wanted.url,
    before: recordedState(run.situation.site.edgeState),
    closes: sidesAround(run.situation.site.edgeState?.closes, run.situation.site, wanted.url),
    changes: rules.changes,
    notes: rules.notes,
    adopted: rules.adopted,
    calls: 0,
  };
}

function purposeOf(request: Request): 'close' | 'reopen' {
  return request.intent.kind === 'enable' ? 'close' : 'reopen';
}

function contextOf(deps: Dependencies, run: Run, { rowId, plan }: Running): ApplyContext {
  const call = callUnder(run.lock, purposeOf(run.request));
  return {
    engine: run.connection.engine,
    zoneId: run.zoneId,
    call,
    now: () => deps.clock.now(),
    save: (changes) => deps.journal.save(rowId, changes, { engine: plan.engine, why: plan.why }),
    // What was not read before is judged as if it had been.
    lookAt: (others) => {
      const { existing } = run.request;
      planRules(run.connection.engine, run.situation, { target: [], read: [...others], existing });
    },
    replan: async (state, refusal) => {
      const back = turnBack(run.connection, refusal);
      const isShown = run.request.expect !== undefined;
      // A permission stays missing, unless there is an engine that does without.
      if (refusal.code === 'api_permission_denied' && (back === undefined || isShown)) return undefined;
      if (isShown) throw notAsShown();
      const question = { ...questionOf(deps, run), reads: true, state };
      const { connection, rules } = await choosePlan(back?.connection ?? run.connection, question);
      // A full quota is no better for being read, unless another engine takes its place.
      if (refusal.code === 'quota_exceeded' && connection.engine === run.connection.engine) return undefined;
      run.connection = connection;
      plan.engine = connection.engine.name;
      plan.why = connection.why;
      const notes = back === undefined ? rules.notes : [...rules.notes, back.note];
      return { engine: connection.engine, plan: { ...rules, notes } };
    },
  };
}

async function commit(deps: Dependencies, run: Run, running: Running): Promise<MaintenanceLog> {
  const { rowId, progress, wanted } = running;
  const error = shortfall(run, wanted, progress);
  const outcome = {
    state: withoutAdopted(progress.state, progress.adopted),
    unrestored: progress.unrestored,
    foreign: progress.foreign,
    plan: finishedPlan(run, running),
    holdsAsOf: run.situation.asOf,
    startedAt: run.startedAt,
    apiKeyId: run.connection.apiKeyId,
    isOneOfMany: run.request.isOneOfMany ?? false,
    run: run.request.run,
    ...(error === undefined ? {} : { error }),
  };
  const row = await deps.journal.close(rowId, run.lock, outcome).catch((cause: unknown) => {
    throw notCommitted(run, cause);
  });
  if (error !== undefined) throw extendError(error, { log: row });
  return row;
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
