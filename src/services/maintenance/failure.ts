import type { CloudflareSite } from '../../domain/cloudflare-site.ts';
import { eachOnce, engineNameOf } from '../../domain/edge-state.ts';
import { extendError, IntermissionError, isIntermissionError } from '../../errors.ts';
import {
  type ApplyContext,
  applyChanges,
  journalOf,
  type Progress,
  withoutAdopted,
} from './apply-changes.ts';
import type { Dependencies } from './dependencies.ts';
import type { OperationPlan } from './operation.ts';
import { planRules } from './plan-operation.ts';
import { repairContext } from './recover.ts';
import type { Request } from './request.ts';
import type { Run, Running } from './run.ts';
import { describeTakenBack, lookAtRemains, takeBack } from './take-back.ts';

/**
 * Takes back what a failed operation has done, closes its row, and returns the error for the caller. Undefined: a
 * disable has brought about all that was wanted after all, and is to be committed.
 */
export async function failed(
  deps: Dependencies,
  run: Run,
  running: Running,
  cause: unknown,
): Promise<IntermissionError | undefined> {
  const error = asIntermissionError(cause);
  if (error.code === 'interrupted') return leftPending(error);
  try {
    const settled = await settle(
      deps,
      run,
      running,
      await nameRulesInTheWay(run, running.progress, error).catch(() => error),
    );
    if (settled === undefined) return undefined;
    const row = await deps.journal.close(running.rowId, run.lock, {
      ...settled,
      startedAt: run.startedAt,
      apiKeyId: run.connection.apiKeyId,
      repeats: run.request.expiry && !running.progress.touched,
      run: run.request.run,
    });
    return extendError(settled.error, { log: row });
  } catch (second) {
    return leftPending(error, asIntermissionError(second));
  }
}

/** The changes stand at Cloudflare, and the database has not taken note of them: the row stays pending. */
export function notCommitted(run: Run, cause: unknown): IntermissionError {
  const error = asIntermissionError(cause);
  const { domain } = run.situation.site;
  return leftPending(
    extendError(error, {
      message: `${error.message} The rules of ${domain} were changed at Cloudflare, but that could not be recorded.`,
    }),
  );
}

/** Writes a failed row for an operation that ended before it had one. Returns the error for the caller. */
export async function refused(
  deps: Dependencies,
  about: { site: Pick<CloudflareSite, 'id' | 'domain'>; request: Request; startedAt: Date; calls: number },
  cause: unknown,
): Promise<IntermissionError> {
  const error = asIntermissionError(cause);
  if (error.log !== undefined || error.details['pending'] === true) return error;
  const { reason, actor, intent, expiry, run } = about.request;
  try {
    const row = await deps.journal.refuse(
      about.site,
      { intent, calls: about.calls },
      { reason, actor, startedAt: about.startedAt, repeats: expiry, run },
      error,
    );
    return extendError(error, { log: row });
  } catch {
    // The database that should hold the row is what failed: the first error says so.
    return error;
  }
}

/** The plan as the closed row keeps it. */
export function finishedPlan(run: Run, { plan, progress }: Running): OperationPlan {
  return {
    ...plan,
    changes: journalOf(progress),
    notes: progress.notes,
    adopted: progress.adopted,
    rulesetId: run.connection.engine.rulesetId(run.zoneId),
    calls: run.connection.calls() + run.earlierCalls,
  };
}

/** What is left after a failure: an enable goes back to the state before, a disable keeps what it achieved. */
async function settle(deps: Dependencies, run: Run, running: Running, error: IntermissionError) {
  const { plan, progress, rowId } = running;
  const unrestored = progress.unrestored;
  if (!progress.touched) return { plan: finishedPlan(run, running), unrestored, error, state: plan.before };
  const journaled = { ...plan, changes: journalOf(progress) };
  const context = repairContext(deps, { rowId, plan: journaled, lock: run.lock, connection: run.connection });
  if (run.request.intent.kind === 'disable') {
    // All rules are back, but in which order is not known: the next run has to look.
    if (progress.todo.length === 0) throw error;
    if (await isDoneAfterAll(context, run, { ...running, plan: journaled })) return undefined;
    const left = progress.state.rules.map((rule) => rule.pattern).join(', ') || 'none';
    const hint = `Repeat the command. Rules of ours still in place: ${left}.`;
    const { state, unrestored } = progress;
    return { plan: finishedPlan(run, running), unrestored, state, error: extendError(error, { hint }) };
  }
  const back = await takeBack(context, run.situation, plan, journaled.changes);
  return {
    plan: {
      ...finishedPlan(run, running),
      undone: back.progress.done,
      notes: [...progress.notes, ...back.progress.notes],
    },
    unrestored: eachOnce([...unrestored, ...back.progress.unrestored]),
    state: back.progress.state,
    error: extendError(error, { message: `${error.message} ${describeTakenBack(back)}` }),
  };
}

/** Looks at what a disable has left. True when that is all that was wanted: only the answer was lost. */
async function isDoneAfterAll(context: ApplyContext, run: Run, running: Running): Promise<boolean> {
  const { plan, progress, wanted } = running;
  const remains = await lookAtRemains(context, plan, plan.changes);
  progress.state = withoutAdopted(remains.state, plan.adopted);
  progress.unrestored = eachOnce([...progress.unrestored, ...remains.unrestored]);
  const { changes } = planRules(context.engine, run.situation, {
    target: wanted.target,
    state: progress.state,
    read: remains.read,
    existing: 'unasked',
  });
  if (changes.length > 0) return false;
  progress.done.push(...progress.todo.splice(0));
  await applyChanges(context, progress);
  return true;
}

/** A full quota is easier to mend when the message says what fills it. */
async function nameRulesInTheWay(
  run: Run,
  progress: Progress,
  error: IntermissionError,
): Promise<IntermissionError> {
  if (error.code !== 'quota_exceeded') return error;
  const { engine } = run.connection;
  const isOfEngine = (rule: { ref?: string }) => engineNameOf(rule) === engine.name;
  const ours = new Set(progress.state.rules.map((rule) => rule.id));
  // Read before anything is undone: a zone that is full of page rules has exactly as many as it may have.
  const rules = (await engine.read(run.zoneId, { purpose: 'reopen' })).filter(isOfEngine);
  const others = rules.filter((rule) => !ours.has(rule.id)).map((rule) => rule.pattern);
  const needed = journalOf(progress).filter(isOfEngine).length;
  const stated = error.details['quota'];
  const quota = engine.name === 'page_rules' ? rules.length : typeof stated === 'number' ? stated : null;
  const noun = engine.name === 'page_rules' ? 'page rule' : 'redirect rule';
  const allowed = quota === null ? `no more ${noun}s` : `${quota} ${noun}${quota === 1 ? '' : 's'}`;
  return extendError(error, {
    message: `Cloudflare allows ${allowed} in this zone; ${run.situation.site.domain} needs ${needed}, and ${others.length} are there already.`,
    hint: `Remove a rule that is not needed${others.length === 0 ? '' : ` (in the zone: ${others.join(', ')})`}, ${engine.name === 'page_rules' ? 'cover fewer hosts, ' : ''}or use a plan with more ${noun}s.`,
    details: { quota, needed, rules: others },
  });
}

/** The row stays pending: what is left at Cloudflare is not known for sure, and the next run puts it in order. */
function leftPending(error: IntermissionError, second?: IntermissionError): IntermissionError {
  const why =
    second === undefined ? '' : ` What had been done could not be taken back yet: ${second.message}`;
  return extendError(error, {
    message: `${error.message}${why}`,
    hint: `${error.hint ?? ''} Repeat the command, or run process_scheduled_maintenance: both first put in order what was left half done.`.trim(),
    details: { pending: true },
  });
}

function asIntermissionError(error: unknown): IntermissionError {
  if (isIntermissionError(error)) return error;
  if (error instanceof Error && error.name === 'AbortError') {
    return new IntermissionError('interrupted', 'Stopped before anything was changed.', { cause: error });
  }
  const message = error instanceof Error ? error.message : String(error);
  return new IntermissionError('internal', `Something unexpected failed: ${message}`, {
    cause: error,
    hint: 'Please report this.',
  });
}
