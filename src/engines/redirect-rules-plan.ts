import type { OwnRule, ReplacedRule, WantedRule } from '../domain/edge-state.ts';
import { asOwn, settleDoubtful, withSnapshot } from './doubtful-rules.ts';
import type { Change, EdgeRule, JournaledChange, PlanInput, RulePlan, RuleState } from './engine.ts';
import { quote } from './redirect-expression.ts';
import { isAsSaved, isAsWritten, isOurWriting } from './redirect-rules-port.ts';
import { lookAt, planUnread, recognizeRules, withFound } from './rule-recognition.ts';
import { foreignRedirects } from './shadows.ts';

/** How the handles of all our rules begin, whichever installation made them. */
export const REF_PREFIX = 'intermission:';

/** Redirect rules per zone by plan (reference 3.4); what is not known counts as the smallest. */
const LIMITS: Readonly<Record<string, number>> = { free: 10, pro: 25, business: 50, enterprise: 300 };

/** How many redirect rules a zone of that plan may have, disabled ones included. */
export function redirectRuleLimit(plan: string | null | undefined): number {
  return LIMITS[plan ?? 'free'] ?? 10;
}

const COMPARISON = { isAsWritten, isOurWriting, isAsSaved };

/**
 * The changes that lead from what is there to what is wanted. No rule of the user's is ever written over: ours goes
 * before all others, and the first that matches wins.
 *
 * @throws IntermissionError `rule_conflict` when a rule of another installation closes the site and `existing` does
 *   not say whose it is
 */
export function planRedirectRules(input: PlanInput): RulePlan {
  const { read, target } = input;
  if (read === undefined) return planUnread(input);
  const looked = lookAt(input.state, read, COMPARISON);
  const { adopted: doubtful, foreign } = settleDoubtful(input, looked.state, read, {
    engine: 'redirect_rules',
    isDoubtful: (rule) => isDoubtful(rule, input.site.domain),
    isInTheWay: () => false,
  });
  const state = { rules: [...looked.state.rules, ...doubtful.map(asOwn)], replaced: looked.state.replaced };
  const order = read.map(({ id }) => id);
  const adopted = doubtful.map(({ id, raw }): ReplacedRule => ({ id, rule: raw, order }));
  const matches = matchOwn(target, state.rules);
  const foreignOnes = foreignRedirects(read, [state, ...input.neighbours], input.site);
  const closing = target.flatMap((wanted) => close(wanted, matches.get(wanted), read, foreignOnes));
  const used = new Set([...matches.values()].map(({ id }) => id));
  const opening = state.rules.filter(({ id }) => !used.has(id)).map((own) => open(own, state));
  const changes = [...closing, ...opening].map((change) =>
    withFound(withSnapshot(change, adopted), read, COMPARISON),
  );
  return { state, changes, notes: looked.notes, adopted, foreign };
}

/** What is ours after an operation that stopped somewhere in `changes`. */
export function recognizeRedirectRules(
  recorded: RuleState,
  changes: readonly JournaledChange[],
  read: readonly EdgeRule[],
  adopted: readonly ReplacedRule[] = [],
): RulePlan {
  return recognizeRules(recorded, { changes, read, adopted }, COMPARISON);
}

/** A rule that some installation made for this very domain. */
export function isDoubtful(rule: EdgeRule, domain: string): boolean {
  return isOfSomeInstallation(rule) && names(rule, domain);
}

/** A rule that some installation made for a domain above this one, with all its subdomains. */
export function isWiderClosure(rule: EdgeRule, domain: string): boolean {
  return isOfSomeInstallation(rule) && takesFromAbove(rule, domain);
}

/** Whether a rule as we write them takes the visitors of a domain, be it along with one above. */
export function takes(rule: EdgeRule, domain: string): boolean {
  return rule.active && (names(rule, domain) || takesFromAbove(rule, domain));
}

function names({ pattern }: EdgeRule, domain: string): boolean {
  return [quote(domain), quote(`.${domain}`)].some((name) => pattern.includes(name));
}

function takesFromAbove({ pattern }: EdgeRule, domain: string): boolean {
  const labels = domain.split('.');
  const above = labels.slice(1).map((_, index) => quote(`.${labels.slice(index + 1).join('.')}`));
  return above.some((name) => pattern.includes(name));
}

function isOfSomeInstallation({ active, ref }: EdgeRule): boolean {
  return active && ref?.startsWith(REF_PREFIX) === true;
}

/** The first of the rules `foreign` before `own`: where both match, it wins over ours. */
export function outrankedBy(
  own: Pick<OwnRule, 'id'>,
  read: readonly EdgeRule[],
  foreign: readonly EdgeRule[],
): EdgeRule | undefined {
  const position = read.findIndex(({ id }) => id === own.id);
  return read.slice(0, Math.max(position, 0)).find((rule) => foreign.includes(rule));
}

/** Which rule of ours becomes which wanted one: that of the same handle first, then any. */
function matchOwn(target: readonly WantedRule[], own: readonly OwnRule[]): Map<WantedRule, OwnRule> {
  const free = [...own];
  const take = (fits: (rule: OwnRule) => boolean): OwnRule | undefined => {
    const index = free.findIndex(fits);
    return index === -1 ? undefined : free.splice(index, 1)[0];
  };
  const byRef = target.map((wanted) => [wanted, take(({ ref }) => ref === wanted.ref)] as const);
  return new Map(
    byRef.flatMap(([wanted, same]) => {
      const rule = same ?? take(() => true);
      return rule === undefined ? [] : [[wanted, rule] as const];
    }),
  );
}

function close(
  wanted: WantedRule,
  own: OwnRule | undefined,
  read: readonly EdgeRule[],
  foreign: readonly EdgeRule[],
): Change[] {
  if (own === undefined) return [{ kind: 'create', ...wanted }];
  const actual = read.find(({ id }) => id === own.id);
  const isRight = actual !== undefined && isAsWritten(actual, wanted);
  if (isRight && outrankedBy(own, read, foreign) === undefined) return [];
  return [{ kind: 'update', ...wanted, id: own.id, place: read.length }];
}

/** A rule that was adopted and written over comes back as it was found; every other rule of ours is removed. */
function open(own: OwnRule, { replaced }: RuleState): Change {
  const snapshot = replaced.find(({ id }) => id === own.id);
  if (snapshot === undefined) return { kind: 'delete', ...own };
  return { kind: 'restore', ...own, replaced: snapshot, under: [], displaced: [] };
}
