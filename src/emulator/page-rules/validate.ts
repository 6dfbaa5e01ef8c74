import type { Switches } from '../switches.ts';
import { findActionProblems, findMixProblems, mergeActions, storedActions } from './actions.ts';
import { findPatternProblem, storedPattern } from './pattern.ts';
import { type PageRuleAction, patternOf, type StoredPageRule, urlTarget } from './rule.ts';

export interface RuleFields {
  targets: StoredPageRule['targets'];
  actions: readonly PageRuleAction[];
  status: StoredPageRule['status'];
  priority: number | undefined;
}

export interface ValidationContext {
  zoneName: string;
  switches: Switches;
  /** The highest priority that exists after the write. */
  highest: number;
}

type Body = Readonly<Record<string, unknown>>;

/** Validates a whole rule as POST and PUT take it: `status` defaults to disabled (1.3). */
export function validateRule(sent: unknown, context: ValidationContext): RuleFields | string[] {
  const body = asObject(sent);
  const problems = [
    ...findTargetProblems(body['targets'], context.zoneName),
    ...findActionProblems(body['actions']),
    ...findScalarProblems(body, context),
  ];
  if (problems.length > 0) return problems;
  return {
    targets: storedTargets(body['targets'], context.switches),
    actions: storedActions(body['actions'] as PageRuleAction[]),
    status: (body['status'] as RuleFields['status'] | undefined) ?? 'disabled',
    priority: body['priority'] as number | undefined,
  };
}

/** Validates a PATCH on top of the rule as it is (1.4): what is not sent stays and is not looked at. */
export function validatePatch(
  sent: unknown,
  rule: StoredPageRule,
  context: ValidationContext,
): RuleFields | string[] {
  const body = asObject(sent);
  const { targets, actions, status, priority } = body as { [Field in keyof PageRuleInput]: unknown };
  const merges = context.switches.patchActions === 'merge';
  const problems = [
    ...(targets === undefined ? [] : findTargetProblems(targets, context.zoneName)),
    ...(actions === undefined ? [] : findPatchedActionProblems(actions, merges ? rule.actions : [])),
    ...findScalarProblems(body, context),
  ];
  if (problems.length > 0) return problems;
  return {
    targets: targets === undefined ? rule.targets : storedTargets(targets, context.switches),
    actions: actions === undefined ? rule.actions : patchedActions(rule, actions as PageRuleAction[], merges),
    status: (status as RuleFields['status'] | undefined) ?? rule.status,
    priority: priority as number | undefined,
  };
}

type PageRuleInput = Record<'targets' | 'actions' | 'status' | 'priority', unknown>;

/** Merging needs ids, so what is sent is looked at before it is merged, and the mix after. */
function findPatchedActionProblems(sent: unknown, kept: readonly PageRuleAction[]): string[] {
  const problems = findActionProblems(sent);
  return problems.length > 0 ? problems : findMixProblems(mergeActions(kept, sent as PageRuleAction[]));
}

function patchedActions(
  rule: StoredPageRule,
  sent: readonly PageRuleAction[],
  merges: boolean,
): PageRuleAction[] {
  return storedActions(merges ? mergeActions(rule.actions, sent) : sent);
}

/** Whether another rule has the same pattern, under the rules of the switches (2.3, 9). */
export function isDuplicate(
  rules: readonly StoredPageRule[],
  candidate: { id?: string; targets: RuleFields['targets'] },
  ignoresCase: boolean,
): boolean {
  const fold = (pattern: string) => (ignoresCase ? pattern.toLowerCase() : pattern);
  const wanted = fold(patternOf(candidate));
  return rules.some((rule) => rule.id !== candidate.id && fold(patternOf(rule)) === wanted);
}

function findTargetProblems(targets: unknown, zoneName: string): string[] {
  if (!Array.isArray(targets) || targets.length !== 1) return ['.targets: Exactly one target is required'];
  const { target, constraint } = asObject(targets[0]) as { target?: unknown; constraint?: unknown };
  const { operator, value } = asObject(constraint) as { operator?: unknown; value?: unknown };
  if (target !== 'url') return ['.targets[0]: The target must be "url"'];
  if (operator !== 'matches') return ['.targets[0]: The operator must be "matches"'];
  if (typeof value !== 'string') return ['.targets[0]: A URL pattern is required'];
  const problem = findPatternProblem(value, zoneName);
  return problem === undefined ? [] : [`.targets[0]: ${problem}`];
}

function findScalarProblems(body: Body, context: ValidationContext): string[] {
  const [status, priority] = [body['status'], body['priority']];
  const problems: string[] = [];
  if (status !== undefined && status !== 'active' && status !== 'disabled') {
    problems.push('.status: Invalid page rule status');
  }
  if (priority !== undefined && !Number.isInteger(priority))
    problems.push('.priority: Invalid page rule priority');
  const tooHigh = context.switches.priorityAboveCount === 'refuse' && Number(priority) > context.highest;
  if (tooHigh) problems.push(`.priority: The priority may not be above ${context.highest}`);
  return problems;
}

function storedTargets(targets: unknown, switches: Switches): RuleFields['targets'] {
  const [{ constraint }] = targets as [StoredPageRule['targets'][number]];
  return [urlTarget(storedPattern(constraint.value, switches.storedTrailingSlash))];
}

function asObject(value: unknown): Body {
  return typeof value === 'object' && value !== null ? (value as Body) : {};
}
