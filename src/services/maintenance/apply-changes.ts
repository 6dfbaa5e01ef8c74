import type { ForeignRule, ReplacedRule, UnrestoredRule } from '../../domain/edge-state.ts';
import type {
  Applied,
  CallOptions,
  EdgeRule,
  Engine,
  JournaledChange,
  Note,
  Restored,
  RulePlan,
  RuleState,
} from '../../engines/engine.ts';
import { afterChange } from '../../engines/rule-state.ts';
import { type IntermissionError, isIntermissionError } from '../../errors.ts';

/** How far an operation has come. Kept true while it runs: whoever catches its error sees what there is to undo. */
export interface Progress {
  /** What is ours at Cloudflare now. */
  state: RuleState;
  done: JournaledChange[];
  todo: JournaledChange[];
  notes: Note[];
  unrestored: UnrestoredRule[];
  /** Rules that were put back before, by a run that was interrupted. */
  restored: Restored[];
  /** Doubtful rules that were taken as ours. */
  adopted: ReplacedRule[];
  /** Doubtful rules that were called theirs. */
  foreign: ForeignRule[];
  /** False as long as Cloudflare cannot hold anything of this operation. */
  touched: boolean;
}

export interface ApplyContext {
  engine: Engine;
  zoneId: string;
  call: CallOptions;
  now: () => Date;
  /** Commits the changes as journaled so far. */
  save: (changes: readonly JournaledChange[]) => Promise<void>;
  /** Is shown the other rules of the zone where they come to be known on the way; throws when they forbid to go on. */
  lookAt?: (others: readonly EdgeRule[]) => void;
  /**
   * Another plan, perhaps by another engine, when Cloudflare refuses a change for what had not been read: a pattern
   * that is taken, a quota that is full, a permission to write that is missing. Undefined: there is none.
   */
  replan?: (state: RuleState, refusal: IntermissionError) => Promise<Replanned | undefined>;
}

export interface Replanned {
  engine: Engine;
  plan: RulePlan;
}

export function startProgress(plan: RulePlan): Progress {
  return {
    state: plan.state,
    done: [],
    todo: [...plan.changes],
    notes: [...plan.notes],
    unrestored: [],
    restored: [],
    adopted: [...plan.adopted],
    foreign: plan.foreign,
    touched: false,
  };
}

/**
 * Makes the changes one after the other.
 *
 * @throws IntermissionError what Cloudflare refused; `progress` then says how far it came
 */
export async function applyChanges(context: ApplyContext, progress: Progress): Promise<void> {
  const { replan: _, ...rest } = context;
  let current: ApplyContext = context;
  for (let change = progress.todo[0]; change !== undefined; change = progress.todo[0]) {
    try {
      await applyOne(current, progress, change);
    } catch (error) {
      if (current.replan === undefined || !needsAnotherPlan(error)) throw error;
      const replanned = await current.replan(progress.state, error);
      if (replanned === undefined) throw error;
      // The same engine is asked for another plan only once.
      current = { ...(replanned.engine === current.engine ? rest : context), engine: replanned.engine };
      await takeUp(current, progress, replanned.plan);
    }
  }
  await settleOrder(current, progress);
}

/** What was adopted is ours for good: it is not put back when the site opens. */
export function withoutAdopted(state: RuleState, adopted: readonly ReplacedRule[]): RuleState {
  const isAdopted = (id: string) => adopted.some((rule) => rule.id === id);
  return { rules: state.rules, replaced: state.replaced.filter((rule) => !isAdopted(rule.id)) };
}

/** The changes as the log row keeps them. */
export function journalOf(progress: Progress): JournaledChange[] {
  return [...progress.done, ...progress.todo];
}

async function applyOne(context: ApplyContext, progress: Progress, change: JournaledChange): Promise<void> {
  const { rule, left, note, others } = await attempt(context, progress, change);
  progress.touched = true;
  progress.state = afterChange(progress.state, change, rule);
  if (note !== undefined) progress.notes.push(note);
  progress.todo.shift();
  progress.done.push({
    ...change,
    ...(change.kind === 'create' && rule !== undefined && { resultId: rule.id }),
    ...(left === true && { left }),
  });
  if (others !== undefined) context.lookAt?.(others);
  if (change.kind === 'create' && progress.todo.length > 0) await context.save(journalOf(progress));
}

async function attempt(context: ApplyContext, progress: Progress, change: JournaledChange): Promise<Applied> {
  try {
    return await context.engine.apply(context.zoneId, change, context.call);
  } catch (error) {
    if (!isIntermissionError(error)) throw error;
    if (error.details['uncertain'] === true) progress.touched = true;
    if (!isRefusal(error)) throw error;
    if (change.kind === 'restore') return giveUpRestore(context, progress, change, error);
    if (change.kind !== 'recreate') throw error;
    progress.unrestored.push(unrestored(context, change.replaced, error));
    return { rule: undefined };
  }
}

/** A rule that Cloudflare does not take back never keeps a site closed: ours is removed, the snapshot is kept. */
async function giveUpRestore(
  context: ApplyContext,
  progress: Progress,
  change: Extract<JournaledChange, { kind: 'restore' }>,
  error: IntermissionError,
): Promise<Applied> {
  progress.touched = true;
  change.refused = error.message;
  // Before the rule is gone, the row must say that its snapshot is all there is left of it.
  await context.save(journalOf(progress));
  const { id, pattern, url, replaced } = change;
  await context.engine.apply(context.zoneId, { kind: 'delete', id, pattern, url }, context.call);
  progress.unrestored.push(unrestored(context, replaced, error));
  return { rule: undefined };
}

function unrestored({ now }: ApplyContext, replaced: ReplacedRule, error: IntermissionError): UnrestoredRule {
  return { ...replaced, reason: error.message, since: now().toISOString() };
}

async function takeUp(context: ApplyContext, progress: Progress, plan: RulePlan): Promise<void> {
  progress.state = plan.state;
  progress.todo = [...plan.changes];
  progress.notes.push(...plan.notes);
  progress.adopted.push(...plan.adopted);
  progress.foreign = plan.foreign;
  await context.save(journalOf(progress));
}

/** Looks whether all stands where it stood, once everything that had to be put back is. */
async function settleOrder(context: ApplyContext, progress: Progress): Promise<void> {
  const isDone = ({ replaced }: Restored) =>
    progress.done.some((change) => change.kind !== 'create' && change.id === replaced.id);
  const restored = [
    ...progress.restored.filter((rule) => !isDone(rule)),
    ...progress.done.filter((change) => change.kind === 'restore' && isPutBack(change)),
  ] as Restored[];
  if (restored.length === 0) return;
  try {
    progress.notes.push(...(await context.engine.settleOrder(context.zoneId, restored, context.call)));
  } catch (error) {
    if (!isIntermissionError(error) || !isRefusal(error)) throw error;
    // All rules are back; an order that Cloudflare does not accept must not keep the site closed.
    const message = `The order of the rules put back could not be corrected: ${error.message}`;
    progress.notes.push({ code: 'order_changed', message });
  }
}

/** True when a restore that has been made has put the rule back. */
export function isPutBack({ refused, left }: JournaledChange): boolean {
  return refused === undefined && left !== true;
}

function needsAnotherPlan(error: unknown): error is IntermissionError {
  if (!isIntermissionError(error)) return false;
  if (error.details['reason'] === 'pattern_taken') return true;
  return error.code === 'quota_exceeded' || error.code === 'api_permission_denied';
}

/**
 * Cloudflare itself has said no and will say it again: repeating is of no use. An answer that may have come from
 * something in between, whose effect is not known, or that only asks to wait, is not that.
 */
export function isRefusal(error: IntermissionError): boolean {
  const { uncertain, codes, reason } = error.details;
  if (reason === 'api_maintenance') return false;
  const isAnswer = uncertain !== true && Array.isArray(codes) && codes.length > 0;
  return isAnswer && ['api_rejected', 'rule_conflict', 'not_found', 'quota_exceeded'].includes(error.code);
}
