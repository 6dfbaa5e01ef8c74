import type { OwnRule, ReplacedRule, WantedRule } from '../domain/edge-state.ts';
import { IntermissionError, type JsonValue } from '../errors.ts';
import type { Change, EdgeRule, JournaledChange, Note, PlanInput, RulePlan, RuleState } from './engine.ts';
import { isAsWritten, isDoubtful, isOurWriting, samePattern } from './page-rule-patterns.ts';
import { planClosing } from './page-rules-closing.ts';
import { orderOfOthers } from './page-rules-order.ts';
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
  const ids = read.map((rule) => rule.id);
  const looked = lookAt(input.state, read);
  const neighbours = input.neighbours.map((neighbour) => lookAt(neighbour, read).state);
  const doubtful = settleDoubtful(input, looked.state, read);
  const state = { rules: [...looked.state.rules, ...doubtful.map(asOwn)], replaced: looked.state.replaced };
  const orderAsFound = orderOfOthers([looked.state, ...neighbours], ids);
  const adopted = doubtful.map(({ id, raw }): ReplacedRule => ({ id, rule: raw, order: orderAsFound }));
  const order = orderOfOthers([state, ...neighbours], ids);
  const closing = planClosing(input, state, read, order);
  const opening = planOpening({ state, neighbours, order, target: input.target }, closing.unused);
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
    return isSlot && (actual === undefined || !isOurWriting(actual, own));
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
  const isOurs = (id: string): boolean =>
    [state, ...input.neighbours].some(({ rules }) => rules.some((rule) => rule.id === id));
  const inTheWay = (rule: EdgeRule): boolean =>
    input.state.rules.length === 0 || input.target.some((t) => samePattern(t.pattern, rule.pattern));
  const doubtful = read.filter((rule) => !isOurs(rule.id) && isDoubtful(rule, input.site));
  if (input.existing === 'theirs') return [];
  if (input.existing === 'ours') return doubtful;
  const blocking = doubtful.filter(inTheWay);
  if (blocking.length > 0) throw doubtfulRules(blocking);
  return [];
}

interface Ground {
  state: RuleState;
  neighbours: readonly RuleState[];
  /** Ids of the rules of others in the order that they have when all is open. */
  order: readonly string[];
  target: readonly WantedRule[];
}

function planOpening({ state, neighbours, order, target }: Ground, unused: readonly OwnRule[]): Change[] {
  const deletes = unused
    .filter((rule) => !isReplacing(state, rule.id))
    .map((rule): Change => ({ kind: 'delete', ...rule }));
  const under = [...target, ...neighbours.flatMap(({ rules }) => rules)].map(({ pattern, url }) => ({
    pattern,
    url,
  }));
  const displaced = new Set([state, ...neighbours].flatMap(({ replaced }) => replaced.map(({ id }) => id)));
  // The lowest old place first: each then goes back to a number that the next ones do not move.
  const lowestFirst = unused.toSorted((a, b) => order.indexOf(b.id) - order.indexOf(a.id));
  const restores = lowestFirst.flatMap((rule): Change[] => {
    const replaced = state.replaced.find(({ id }) => id === rule.id);
    if (replaced === undefined) return [];
    displaced.delete(rule.id);
    return [{ kind: 'restore', ...rule, replaced, under, displaced: [...displaced] }];
  });
  return [...deletes, ...restores];
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
  const landed = actual !== undefined && isOurWriting(actual, change);
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
