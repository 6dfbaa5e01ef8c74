import type { OwnRule, ReplacedRule, WantedRule } from '../domain/edge-state.ts';
import { IntermissionError, type JsonValue } from '../errors.ts';
import type { Change, EdgeRule, JournaledChange, Note, PlanInput, RulePlan, RuleState } from './engine.ts';
import { isAsWritten, isDoubtful, samePattern } from './page-rule-patterns.ts';
import { planClosing, takeSnapshot } from './page-rules-closing.ts';
import { afterChange, isReplacing } from './rule-state.ts';

/**
 * The changes that lead from what is there to what is wanted. New redirects come first and removals last, so that a
 * site never is open in between. A foreign rule on a pattern of ours is replaced, its snapshot in the change.
 *
 * @throws IntermissionError `rule_conflict` when a doubtful rule is in the way and `existing` does not say whose it is
 */
export function planPageRules(input: PlanInput): RulePlan {
  if (input.read === undefined) return planUnread(input);
  const { read } = input;
  const looked = lookAt(input.state, read);
  const doubtful = settleDoubtful(input, looked.state, read);
  const state = { rules: [...looked.state.rules, ...doubtful.map(asOwn)], replaced: looked.state.replaced };
  const adopted = doubtful.map((rule) => takeSnapshot(rule, read));
  const closing = planClosing(input, state, read);
  const opening = planOpening(state, closing.unused, input.target);
  const changes = [...closing.changes.map((change) => withSnapshot(change, adopted)), ...opening];
  return { state, changes, notes: looked.notes, adopted };
}

/** An adopted rule is written over like a foreign one, so that a failure can put it back as it was found. */
function withSnapshot(change: Change, adopted: readonly ReplacedRule[]): Change {
  const replaced = change.kind === 'update' ? adopted.find((rule) => rule.id === change.id) : undefined;
  return change.kind === 'update' && replaced !== undefined
    ? { ...change, kind: 'replace', replaced }
    : change;
}

/**
 * What is ours after an operation that stopped somewhere in `changes`. A rule is recognised by its id or, when the
 * reply that would have told the id was lost, by pattern and exact action.
 */
export function recognizePageRules(
  recorded: RuleState,
  changes: readonly JournaledChange[],
  read: readonly EdgeRule[],
): RulePlan {
  const state = changes.reduce((known, change) => recognizeChange(known, change, read), recorded);
  return { ...lookAt(state, read), changes: [], adopted: [] };
}

function planUnread({ target, state }: PlanInput): RulePlan {
  const changes: Change[] =
    target.length > 0
      ? target.map((rule) => ({ kind: 'create', ...rule }))
      : state.rules.map((rule) => ({ kind: 'delete', ...rule }));
  return { state, changes, notes: [], adopted: [] };
}

/** Drops what is no longer ours: rules that are gone, and replaced rules that the user has changed since. */
function lookAt(state: RuleState, read: readonly EdgeRule[]): { state: RuleState; notes: Note[] } {
  const notes: Note[] = [];
  const changedByUser = (own: OwnRule): boolean => {
    const actual = read.find((rule) => rule.id === own.id);
    const isSlot = state.replaced.some((rule) => rule.id === own.id);
    return isSlot && (actual === undefined || !isAsWritten(actual, own));
  };
  for (const own of state.rules.filter(changedByUser)) {
    const pattern = read.find((rule) => rule.id === own.id)?.pattern ?? own.pattern;
    notes.push({
      code: 'rule_changed',
      message: `The rule ${own.id} (${pattern}) stood where ours is and was changed or removed at Cloudflare since. It is left as it is now.`,
    });
  }
  const rules = state.rules.filter((own) => read.some((rule) => rule.id === own.id) && !changedByUser(own));
  const replaced = state.replaced.filter((rule) => rules.some((own) => own.id === rule.id));
  return { state: { rules, replaced }, notes };
}

/** The doubtful rules to adopt. Asked only when nothing is recorded, or when one is in our way. */
function settleDoubtful(input: PlanInput, state: RuleState, read: readonly EdgeRule[]): EdgeRule[] {
  const isOurs = (id: string): boolean => input.ownElsewhere.has(id) || state.rules.some((r) => r.id === id);
  const inTheWay = (rule: EdgeRule): boolean =>
    input.state.rules.length === 0 || input.target.some((t) => samePattern(t.pattern, rule.pattern));
  const doubtful = read.filter((rule) => !isOurs(rule.id) && isDoubtful(rule, input.site));
  if (input.existing === 'theirs') return [];
  if (input.existing === 'ours') return doubtful;
  const blocking = doubtful.filter(inTheWay);
  if (blocking.length > 0) throw doubtfulRules(blocking);
  return [];
}

function planOpening(state: RuleState, unused: readonly OwnRule[], under: WantedRule[]): Change[] {
  const deletes = unused
    .filter((rule) => !isReplacing(state, rule.id))
    .map((rule): Change => ({ kind: 'delete', ...rule }));
  const restores = unused.flatMap((rule): { place: number; change: Change }[] => {
    const replaced = state.replaced.find((r) => r.id === rule.id);
    if (replaced === undefined) return [];
    return [
      { place: replaced.order.indexOf(rule.id), change: { kind: 'restore', ...rule, replaced, under } },
    ];
  });
  // The lowest old place first: each then goes back to a number that the next ones do not move.
  restores.sort((a, b) => b.place - a.place);
  return [...deletes, ...restores.map((restore) => restore.change)];
}

function recognizeChange(state: RuleState, change: JournaledChange, read: readonly EdgeRule[]): RuleState {
  const known = new Set(state.rules.map((rule) => rule.id));
  if (change.kind === 'create') {
    const made = read.find(
      (rule) => !known.has(rule.id) && (rule.id === change.resultId || isAsWritten(rule, change)),
    );
    return made === undefined
      ? state
      : afterChange(state, change, { id: made.id, pattern: change.pattern, url: change.url });
  }
  const actual = read.find((rule) => rule.id === change.id);
  const landed = actual !== undefined && isAsWritten(actual, change);
  if (change.kind === 'update' || change.kind === 'replace') {
    return landed
      ? afterChange(state, change, { id: change.id, pattern: change.pattern, url: change.url })
      : state;
  }
  const isRestored = change.kind === 'restore' && !landed;
  return actual === undefined || isRestored ? afterChange(state, change, undefined) : state;
}

function asOwn(rule: EdgeRule): OwnRule {
  return { id: rule.id, pattern: rule.pattern, url: rule.redirect?.url ?? '' };
}

function doubtfulRules(rules: readonly EdgeRule[]): IntermissionError {
  const list = rules.map((rule) => `${rule.pattern} → ${rule.redirect?.url} (rule ${rule.id})`).join('; ');
  return new IntermissionError(
    'rule_conflict',
    `Cloudflare already redirects this site, and it is not recorded here by whom: ${list}.`,
    {
      hint: 'If this is a maintenance rule of an earlier installation, repeat with --existing ours. If it is a redirect of your own that must come back afterwards, use --existing theirs.',
      details: {
        doubtful: rules.map(
          (rule): JsonValue => ({
            id: rule.id,
            pattern: rule.pattern,
            url: rule.redirect?.url ?? null,
            rule: rule.raw,
          }),
        ),
      },
    },
  );
}
