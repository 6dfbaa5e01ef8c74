import type { OwnRule, ReplacedRule, WantedRule } from '../domain/edge-state.ts';
import { asOwn } from './doubtful-rules.ts';
import type { Change, EdgeRule, JournaledChange, Note, PlanInput, RulePlan, RuleState } from './engine.ts';
import { afterChange, isReplacing, ownRule } from './rule-state.ts';

/** How an engine tells whether a rule at Cloudflare is what was written. */
export interface Comparison {
  /** It is, and it works. */
  isAsWritten(rule: EdgeRule, written: WantedRule): boolean;
  /** It is, be it that somebody has switched it off. */
  isOurWriting(rule: EdgeRule, written: WantedRule): boolean;
  /** It does what the one in the snapshot did. */
  isAsSaved(rule: EdgeRule, saved: ReplacedRule): boolean;
}

/** An operation that stopped somewhere. */
interface Stopped {
  changes: readonly JournaledChange[];
  read: readonly EdgeRule[];
  adopted: readonly ReplacedRule[];
}

/** Rules of ours that somebody has made into something else are removed; what they were last is kept in the plan. */
export function withFound(
  change: Change,
  read: readonly EdgeRule[],
  { isOurWriting }: Pick<Comparison, 'isOurWriting'>,
): Change {
  const actual = change.kind === 'delete' ? read.find(({ id }) => id === change.id) : undefined;
  if (change.kind !== 'delete' || actual === undefined || isOurWriting(actual, change)) return change;
  return { ...change, found: actual.raw };
}

/** Drops what is no longer ours: rules that are gone, and replaced rules that the user has changed since. */
export function lookAt(
  state: RuleState,
  read: readonly EdgeRule[],
  { isOurWriting }: Comparison,
): { state: RuleState; notes: Note[] } {
  const notes: Note[] = [];
  const isBack = (own: OwnRule): boolean => isTakenBack(own, { state, read }, isOurWriting);
  for (const own of state.rules.filter(isBack)) {
    const pattern = read.find((rule) => rule.id === own.id)?.pattern ?? own.pattern;
    notes.push({
      code: 'rule_changed',
      message: `The rule ${own.id} (${pattern}) stood where ours is and was changed or removed at Cloudflare since. It is left as it is now.`,
    });
  }
  const rules = state.rules.filter((own) => read.some((rule) => rule.id === own.id) && !isBack(own));
  const replaced = state.replaced.filter((rule) => rules.some((own) => own.id === rule.id));
  return { state: { rules, replaced }, notes };
}

/** True when the rule stands where one of the user's was replaced, and is no longer what we wrote there. */
export function isTakenBack(
  own: OwnRule,
  { state, read }: { state: RuleState; read: readonly EdgeRule[] },
  isOurWriting: Comparison['isOurWriting'],
): boolean {
  const actual = read.find(({ id }) => id === own.id);
  return isReplacing(state, own.id) && (actual === undefined || !isOurWriting(actual, own));
}

/**
 * What is ours after an operation that stopped somewhere in `changes`. A rule is recognised by its id or, when the
 * reply that would have told the id was lost, by pattern and exact action.
 */
export function recognizeRules(recorded: RuleState, stopped: Stopped, compare: Comparison): RulePlan {
  const { changes, read, adopted } = stopped;
  const isAdopted = (rule: EdgeRule) =>
    adopted.some((saved) => saved.id === rule.id && compare.isAsSaved(rule, saved));
  const before = { ...recorded, rules: [...recorded.rules, ...read.filter(isAdopted).map(asOwn)] };
  const state = changes.reduce((known, change) => recognizeChange(known, change, read, compare), before);
  return { ...lookAt(state, read, compare), changes: gone(stopped, compare), adopted: [], foreign: [] };
}

/** What makes the rules again that were adopted and deleted; one that was made again already is told by its content. */
function gone({ changes, read }: Stopped, { isAsSaved }: Comparison): Change[] {
  return changes.flatMap((change): Change[] => {
    if (change.kind !== 'delete' || change.replaced === undefined) return [];
    const { id, pattern, url, replaced } = change;
    const isThere = read.some((rule) => rule.id === id || isAsSaved(rule, replaced));
    return isThere ? [] : [{ kind: 'recreate', id, pattern, url, ...refOf(change), replaced }];
  });
}

function refOf({ ref }: WantedRule): { ref?: string } {
  return ref === undefined ? {} : { ref };
}

/** Without looking: one new rule each, or ours removed by their ids. */
export function planUnread({ target, state, foreign = [] }: PlanInput): RulePlan {
  const changes: Change[] =
    target.length > 0
      ? target.map((rule) => ({ kind: 'create', ...rule }))
      : state.rules.map((rule) => ({ kind: 'delete', ...rule }));
  return { state, changes, notes: [], adopted: [], foreign: [...foreign] };
}

function recognizeChange(
  state: RuleState,
  change: JournaledChange,
  read: readonly EdgeRule[],
  { isAsWritten, isOurWriting }: Comparison,
): RuleState {
  const known = new Set(state.rules.map((rule) => rule.id));
  if (change.kind === 'create') {
    const made = read.find(
      (rule) => !known.has(rule.id) && (rule.id === change.resultId || isAsWritten(rule, change)),
    );
    return made === undefined ? state : afterChange(state, change, ownRule(made.id, change));
  }
  if (change.kind === 'recreate') return state;
  const actual = read.find((rule) => rule.id === change.id);
  const landed = actual !== undefined && isOurWriting(actual, change);
  if (change.kind === 'update' || change.kind === 'replace') {
    return landed ? afterChange(state, change, ownRule(change.id, change)) : state;
  }
  const isRestored = change.kind === 'restore' && !landed;
  return actual === undefined || isRestored ? afterChange(state, change, undefined) : state;
}
