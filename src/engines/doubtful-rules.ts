import {
  type EngineName,
  engineNameOf,
  type ForeignRule,
  type OwnRule,
  type ReplacedRule,
} from '../domain/edge-state.ts';
import { IntermissionError, type JsonValue } from '../errors.ts';
import type { Change, EdgeRule, PlanInput, RuleState } from './engine.ts';
import { ownRule } from './rule-state.ts';

/** How an engine tells rules that may be a forgotten closure of the site. */
export interface DoubtfulRules {
  engine: EngineName;
  isDoubtful(rule: EdgeRule): boolean;
  /** True when the site cannot be closed or changed beside it. */
  isInTheWay(rule: EdgeRule): boolean;
}

/** Whose the doubtful rules are. */
export interface Settled {
  adopted: EdgeRule[];
  foreign: ForeignRule[];
}

/** Asked only when nothing is recorded, or when a doubtful rule is in our way; and of each rule only once. */
export function settleDoubtful(
  input: PlanInput,
  state: RuleState,
  read: readonly EdgeRule[],
  { engine, isDoubtful, isInTheWay }: DoubtfulRules,
): Settled {
  const isOurs = (id: string): boolean =>
    [state, ...input.neighbours].some(({ rules }) => rules.some((rule) => rule.id === id));
  const known = (input.foreign ?? []).filter(
    (rule) => engineNameOf(rule) !== engine || read.some(({ id }) => id === rule.id),
  );
  const all = read.filter((rule) => !isOurs(rule.id) && isDoubtful(rule));
  const open = all.filter((rule) => !isAnswered(rule, known));
  if (input.existing === 'unasked') return { adopted: [], foreign: known };
  if (input.existing === 'theirs') return { adopted: [], foreign: [...known, ...open.map(asForeign)] };
  if (input.existing === 'ours') {
    // With nothing left to ask about, it is another answer to what was asked before.
    const adopted = open.length > 0 ? open : all;
    return { adopted, foreign: known.filter(({ id }) => !adopted.some((rule) => rule.id === id)) };
  }
  const blocking = input.state.rules.length === 0 ? open : open.filter(isInTheWay);
  if (blocking.length > 0) throw doubtfulRules(blocking);
  return { adopted: [], foreign: known };
}

/** True when the user has called the rule theirs before. */
export function isAnswered({ id }: EdgeRule, foreign: readonly ForeignRule[] = []): boolean {
  return foreign.some((rule) => rule.id === id);
}

function asForeign({ id, ref }: EdgeRule): ForeignRule {
  return { id, ...(ref !== undefined && { ref }) };
}

/** A doubtful rule as one of ours. */
export function asOwn(rule: EdgeRule): OwnRule {
  return ownRule(rule.id, { ...rule, url: rule.redirect?.url ?? '' });
}

/** An adopted rule is written over like a foreign one, so that a failure can put it back as it was found. */
export function withSnapshot(change: Change, adopted: readonly ReplacedRule[]): Change {
  if (change.kind !== 'update' && change.kind !== 'delete') return change;
  const replaced = adopted.find((rule) => rule.id === change.id);
  if (replaced === undefined) return change;
  return change.kind === 'update' ? { ...change, kind: 'replace', replaced } : { ...change, replaced };
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
