import type { UnrestoredRule } from '../../domain/edge-state.ts';
import type { CallOptions, EdgeRule, JournaledChange, RuleState } from '../../engines/engine.ts';
import { type ApplyContext, applyChanges, journalOf, type Progress, startProgress } from './apply-changes.ts';
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
): Promise<Progress> {
  const remains = await lookAtRemains(context, before, changes, context.call);
  const { state, read } = remains;
  const plan = planRules(context.engine, situation, {
    target: before.rules,
    state,
    read,
    existing: 'theirs',
  });
  const progress = startProgress(plan);
  progress.unrestored.push(...remains.unrestored);
  if (progress.todo.length > 0) await context.save(journalOf(progress));
  await applyChanges(context, progress);
  return progress;
}
