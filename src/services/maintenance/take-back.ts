import type { UnrestoredRule } from '../../domain/edge-state.ts';
import type { CallOptions, EdgeRule, JournaledChange, RuleState } from '../../engines/engine.ts';
import { type IntermissionError, isIntermissionError } from '../../errors.ts';
import {
  type ApplyContext,
  applyChanges,
  isRefusal,
  journalOf,
  type Progress,
  startProgress,
} from './apply-changes.ts';
import { describeChange } from './operation.ts';
import { planRules } from './plan-operation.ts';
import type { Situation } from './records.ts';

/**
 * Looks at what an operation has left at Cloudflare.
 *
 * @returns what is ours now, and the rules that it had to give up
 */
export async function lookAtRemains(
  context: Pick<ApplyContext, 'engine' | 'zoneId' | 'now'>,
  before: RuleState,
  changes: readonly JournaledChange[],
  call: CallOptions,
): Promise<{ state: RuleState; read: EdgeRule[]; unrestored: UnrestoredRule[] }> {
  const read = await context.engine.read(context.zoneId, call);
  const { state } = context.engine.recognize(before, changes, read);
  const unrestored = changes.flatMap((change): UnrestoredRule[] => {
    const isGone = change.kind === 'restore' && !read.some((rule) => rule.id === change.id);
    if (!isGone || change.refused === undefined) return [];
    return [{ ...change.replaced, reason: change.refused, since: context.now().toISOString() }];
  });
  return { state, read, unrestored };
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
  const { state, read, unrestored } = await lookAtRemains(context, before, changes, context.call);
  const plan = planRules(context.engine, situation, {
    target: before.rules,
    state,
    read,
    existing: 'theirs',
  });
  const progress = startProgress(plan);
  progress.unrestored.push(...unrestored);
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
