import type { OwnRule, ReplacedRule, WantedRule } from '../domain/edge-state.ts';
import { IntermissionError } from '../errors.ts';
import type { Change, EdgeRule, Neighbour, PlanInput, RuleState } from './engine.ts';
import { isAsWritten, outrankedBy, samePattern } from './page-rule-patterns.ts';
import { topPlaces } from './page-rules-order.ts';
import { isReplacing } from './rule-state.ts';

export interface Closing {
  changes: Change[];
  /** Rules of ours that no wanted rule uses. */
  unused: OwnRule[];
}

/** How one wanted rule comes about. `moves`: it has to get above rules that would win over it. */
type Draft =
  | { kind: 'keep'; id: string }
  | { kind: 'create'; wanted: WantedRule }
  | { kind: 'update'; wanted: WantedRule; id: string; moves: boolean }
  | { kind: 'replace'; wanted: WantedRule; id: string; moves: true; replaced: ReplacedRule };

/** The changes that make every wanted rule stand at Cloudflare and win. */
export function planClosing(
  input: PlanInput,
  state: RuleState,
  read: readonly EdgeRule[],
  orderWhenOpen: string[],
): Closing {
  const ours = new Set([state, ...input.neighbours].flatMap(({ rules }) => rules.map((rule) => rule.id)));
  const matches = matchOwn(input.target, state, read);
  const matched = new Set([...matches.values()].map((rule) => rule.id));
  const spare = state.rules.filter((rule) => !matched.has(rule.id) && !isReplacing(state, rule.id));
  const drafts = input.target.map((wanted): Draft => {
    const own = matches.get(wanted);
    if (own !== undefined) return draftOwn(own, wanted, read, ours);
    const holder = read.find((rule) => samePattern(rule.pattern, wanted.pattern));
    if (holder !== undefined) return draftReplace(holder, wanted, input.neighbours, orderWhenOpen);
    // A rule that is no longer needed takes the new pattern: no gap, no second place in the quota.
    const reused = spare.shift();
    return reused === undefined
      ? { kind: 'create', wanted }
      : { kind: 'update', id: reused.id, wanted, moves: true };
  });
  const used = new Set(drafts.flatMap((draft) => ('id' in draft ? [draft.id] : [])));
  return { changes: toChanges(drafts, read, ours), unused: state.rules.filter((rule) => !used.has(rule.id)) };
}

/** Rules of ours that already have the pattern of a wanted one. */
function matchOwn(
  target: readonly WantedRule[],
  state: RuleState,
  read: readonly EdgeRule[],
): Map<WantedRule, OwnRule> {
  const patternOf = (own: OwnRule) => read.find((rule) => rule.id === own.id)?.pattern ?? own.pattern;
  return new Map(
    target.flatMap((wanted) => {
      const own = state.rules.find((rule) => samePattern(patternOf(rule), wanted.pattern));
      return own === undefined ? [] : [[wanted, own] as const];
    }),
  );
}

function draftOwn(
  own: OwnRule,
  wanted: WantedRule,
  read: readonly EdgeRule[],
  ours: ReadonlySet<string>,
): Draft {
  const actual = read.find((rule) => rule.id === own.id);
  const moves = outrankedBy(own, read, ours) !== undefined;
  const isRight = actual !== undefined && isAsWritten(actual, wanted);
  return isRight && !moves ? { kind: 'keep', id: own.id } : { kind: 'update', id: own.id, wanted, moves };
}

function draftReplace(
  foreign: EdgeRule,
  wanted: WantedRule,
  neighbours: readonly Neighbour[],
  order: string[],
): Draft {
  const owner = neighbours.find(({ rules }) => rules.some((rule) => rule.id === foreign.id));
  if (owner !== undefined) throw heldByNeighbour(wanted.pattern, owner.domain);
  const replaced = { id: foreign.id, rule: foreign.raw, order };
  return { kind: 'replace', id: foreign.id, wanted, moves: true, replaced };
}

function heldByNeighbour(pattern: string, domain: string): IntermissionError {
  return new IntermissionError(
    'rule_conflict',
    `The rule ${pattern} that this site needs is in use by ${domain}, another closed site of this database.`,
    {
      hint: `Run maintenance enable or maintenance disable for ${domain} first: it then gives up the rules that it no longer needs.`,
      details: { pattern, otherSite: domain },
    },
  );
}

/**
 * Updates that stay where they are come first: their numbers are still those of now. Then what moves, from the
 * highest place down, the reverse of the way back. New rules go on top of all.
 */
function toChanges(drafts: readonly Draft[], read: readonly EdgeRule[], ours: ReadonlySet<string>): Change[] {
  const order = read.map((rule) => rule.id);
  const moving = drafts
    .filter((draft) => (draft.kind === 'update' || draft.kind === 'replace') && draft.moves)
    .map((draft) => ('id' in draft ? draft.id : ''))
    .sort((a, b) => order.indexOf(a) - order.indexOf(b));
  const places = topPlaces(order, ours, moving);
  const placeOf = (id: string): number => places.get(id) ?? order.length - order.indexOf(id);
  const changes = drafts.flatMap((draft): Change[] => {
    if (draft.kind === 'keep') return [];
    if (draft.kind === 'create') return [{ kind: 'create', ...draft.wanted }];
    const own = { id: draft.id, ...draft.wanted, place: placeOf(draft.id) };
    return [
      draft.kind === 'update'
        ? { kind: 'update', ...own }
        : { kind: 'replace', ...own, replaced: draft.replaced },
    ];
  });
  const turn = (change: Change): number =>
    change.kind === 'create' ? Number.MAX_SAFE_INTEGER : moving.indexOf(change.id);
  return changes.sort((a, b) => turn(a) - turn(b));
}
