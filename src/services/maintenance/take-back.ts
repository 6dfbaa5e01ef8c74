import { eachOnce, type ReplacedRule, type UnrestoredRule } from '../../domain/edge-state.ts';
import type { Change, EdgeRule, JournaledChange, Restored, RuleState } from '../../engines/engine.ts';
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
import { describeChange, type OperationPlan } from './operation.ts';
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
  /** What makes the rules again that it adopted and deleted. */
  gone: Change[];
}

/** Looks at what an operation has left at Cloudflare. */
export async function lookAtRemains(
  context: Pick<ApplyContext, 'engine' | 'zoneId' | 'now' | 'call'>,
  { before, adopted }: Pick<OperationPlan, 'before' | 'adopted'>,
  changes: readonly JournaledChange[],
): Promise<Remains> {
  const read = await context.engine.read(context.zoneId, context.call);
  const { state, changes: gone } = context.engine.recognize(before, changes, read, adopted);
  const restores = changes.filter((change) => change.kind === 'restore');
  const isThere = (id: string) => read.some((rule) => rule.id === id);
  const isOurs = (id: string) => state.rules.some((rule) => rule.id === id);
  const unrestored = restores.flatMap((change): UnrestoredRule[] => {
    if (isThere(change.id) || change.refused === undefined) return [];
    return [{ ...change.replaced, reason: change.refused, since: context.now().toISOString() }];
  });
  const restored = restores.filter((change) => isThere(change.id) && !isOurs(change.id) && isPutBack(change));
  return { state, read, unrestored: eachOnce(unrestored), restored, gone };
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
  { before, adopted }: Pick<OperationPlan, 'before' | 'adopted'>,
  changes: readonly JournaledChange[],
): Promise<TakenBack> {
  const remains = await lookAtRemains(context, { before, adopted }, changes);
  const plan = planRules(context.engine, situation, {
    target: before.rules,
    state: withoutUntouched(remains.state, adopted),
    read: remains.read,
    existing: 'unasked',
  });
  const progress = startProgress({ ...plan, changes: [...plan.changes, ...remains.gone] });
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

/** Adopted rules that were not written over are what they were: not ours. */
function withoutUntouched({ rules, replaced }: RuleState, adopted: readonly ReplacedRule[]): RuleState {
  const isIn = (list: readonly ReplacedRule[], id: string) => list.some((rule) => rule.id === id);
  return { rules: rules.filter(({ id }) => !isIn(adopted, id) || isIn(replaced, id)), replaced };
}

/** What was done to come back, for people. */
export function describeTakenBack({ progress, refusal }: TakenBack): string {
  const undone = progress.done.map(describeChange).join('; ');
  const did = undone === '' ? 'Nothing was left to undo.' : `What had been done was undone: ${undone}.`;
  if (refusal === undefined) return did;
  const left = progress.state.rules.map((rule) => rule.pattern).join(', ') || 'none';
  return `It could not be undone wholly: ${refusal.message} Rules of ours that are in place now: ${left}.`;
}
