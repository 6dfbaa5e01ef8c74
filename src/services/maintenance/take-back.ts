import { eachOnce, type UnrestoredRule } from '../../domain/edge-state.ts';
import type { CallOptions, EdgeRule, JournaledChange, Restored, RuleState } from '../../engines/engine.ts';
import { type IntermissionError, isIntermissionError } from '../../errors.ts';
import {
  type ApplyContext,
  applyChanges,
  isPutBack,
  isRefusal,
  journalOf,
  type Progress,
  startProgress,
} from './apply-changes.ts';
import { describeChange } from './operation.ts';
import { planRules } from './plan-operation.ts';
import type { Situation } from './records.ts';

/** What an operation has left at Cloudflare. */
export interface Remains {
  /** What is ours now. */
  state: RuleState;
  read: EdgeRule[];
  /** Rules that it had to give up. */
  unrestored: UnrestoredRule[];
  /** Rules that it has put back; whether all then stood in the old order, it may not have looked any more. */
  restored: Restored[];
}

/** Looks at what an operation has left at Cloudflare. */
export async function lookAtRemains(
  context: Pick<ApplyContext, 'engine' | 'zoneId' | 'now'>,
  before: RuleState,
  changes: readonly JournaledChange[],
  call: CallOptions,
): Promise<Remains> {
  const read = await context.engine.read(context.zoneId, call);
  const { state } = context.engine.recognize(before, changes, read);
  const restores = changes.filter((change) => change.kind === 'restore');
  const isThere = (id: string) => read.some((rule) => rule.id === id);
  const isOurs = (id: string) => state.rules.some((rule) => rule.id === id);
  const unrestored = restores.flatMap((change): UnrestoredRule[] => {
    if (isThere(change.id) || change.refused === undefined) return [];
    return [{ ...change.replaced, reason: change.refused, since: context.now().toISOString() }];
  });
  const restored = restores.filter((change) => isThere(change.id) && !isOurs(change.id) && isPutBack(change));
  return { state, read, unrestored: eachOnce(unrestored), restored };
}

/** What an operation that is repaired has done already, for the part that now follows. */
export function takeOver(progress: Progress, { unrestored, restored }: Remains): void {
  progress.unrestored.push(...unrestored);
  progress.restored.push(...restored);
}

export interface TakenBack {
  progress: Progress;
  /** Set when Cloudflare refuses a part of the way back: `progress` says what then is left. */
  refusal: IntermissionError | undefined;
}

/**
 * Brings a zone back to the state before an operation, from whatever that operation has left.
 *
 * @throws IntermissionError when Cloudflare cannot be read or written; what is left is then for the next run
 */
export async function takeBack(
  context: ApplyContext,
  situation: Situation,
  before: RuleState,
  changes: readonly JournaledChange[],
): Promise<TakenBack> {
  const remains = await lookAtRemains(context, before, changes, context.call);
  const plan = planRules(context.engine, situation, {
    target: before.rules,
    state: remains.state,
    read: remains.read,
    existing: 'unasked',
  });
  const progress = startProgress(plan);
  takeOver(progress, remains);
  if (progress.todo.length > 0) await context.save(journalOf(progress));
  try {
    await applyChanges(context, progress);
    return { progress, refusal: undefined };
  } catch (error) {
    // A way back that is barred must not bar the next operation as well.
    if (isIntermissionError(error) && isRefusal(error)) return { progress, refusal: error };
    throw error;
  }
}

/** What was done to come back, for people. */
export function describeTakenBack({ progress, refusal }: TakenBack): string {
  const undone = progress.done.map(describeChange).join('; ');
  const did = undone === '' ? 'Nothing was left to undo.' : `What had been done was undone: ${undone}.`;
  if (refusal === undefined) return did;
  const left = progress.state.rules.map((rule) => rule.pattern).join(', ') || 'none';
  return `It could not be undone wholly: ${refusal.message} Rules of ours that are in place now: ${left}.`;
}
