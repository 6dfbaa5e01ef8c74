import { type CompiledExpression, compileFilter, compileTarget } from '../expression/compile.ts';
import { describeProblem, ExpressionError } from '../expression/parse.ts';
import { type Plan, planSchema } from '../schemas.ts';
import type { Switches } from '../switches.ts';
import { codeNotKnown, invalid, notEntitled, type RulesetProblem, unknownField } from './refusals.ts';
import type { RedirectTarget, StoredRedirectRule } from './ruleset.ts';

/** What a request says of a rule. */
export interface RuleDefinition extends Omit<StoredRedirectRule, 'id' | 'ref' | 'version' | 'lastUpdated'> {
  readonly id: string | undefined;
  readonly ref: string | undefined;
}

export interface RuleContext {
  readonly plan: Plan;
  readonly switches: Switches;
  /** Pointer to the rule in the body: `/rules/0`, or nothing when the body is the rule. */
  readonly pointer: string;
}

export type Body = Readonly<Record<string, unknown>>;

/** What a client gets back with a rule and may send again is looked past. */
const ruleFields = [
  'id',
  'version',
  'last_updated',
  'ref',
  'action',
  'action_parameters',
  'expression',
  'description',
  'enabled',
];

/** Cloudflare's limits (3.2; the length of an expression is in the docs of the rules language). */
const longest = { description: 4_096, expression: 4_096 };

const redirectStatuses: ReadonlySet<unknown> = new Set([301, 302, 303, 307, 308]);

/** A whole rule as POST, PUT and PATCH take it: what is not sent has its default, and nothing is kept (3.2). */
export function validateRule(sent: unknown, context: RuleContext): RuleDefinition | RulesetProblem[] {
  const body = asObject(sent);
  const fromValue = asObject(asObject(body['action_parameters'])['from_value']);
  const problems = [
    ...findUnknownFields(body, ruleFields),
    ...findActionProblems(body, fromValue, context),
    ...findExpressionProblems(body['expression'], context),
    ...findScalarProblems(body, context.pointer),
  ];
  if (problems.length > 0) return problems;
  return {
    id: body['id'] as string | undefined,
    ref: body['ref'] as string | undefined,
    expression: body['expression'] as string,
    target: fromValue['target_url'] as RedirectTarget,
    statusCode: fromValue['status_code'] as number | undefined,
    preserveQueryString: fromValue['preserve_query_string'] as boolean | undefined,
    description: body['description'] as string | undefined,
    enabled: (body['enabled'] as boolean | undefined) ?? true,
  };
}

export function findUnknownFields(body: Body, known: readonly string[]): RulesetProblem[] {
  return Object.keys(body)
    .filter((name) => !known.includes(name))
    .map(unknownField);
}

export function asObject(value: unknown): Body {
  return typeof value === 'object' && value !== null ? (value as Body) : {};
}

function findActionProblems(body: Body, fromValue: Body, context: RuleContext): RulesetProblem[] {
  const { action, action_parameters: parameters } = body as { action?: unknown; action_parameters?: unknown };
  const pointer = `${context.pointer}/action`;
  if (action === undefined) {
    const message = 'action is required for action parameters';
    return parameters === undefined ? [] : [{ status: 400, code: codeNotKnown, message, pointer }];
  }
  if (action !== 'redirect') {
    return [invalid('action', textOf(action), { reason: 'it cannot be used in this phase', pointer })];
  }
  return [
    ...findUnknownFields(asObject(parameters), ['from_value']),
    ...findUnknownFields(fromValue, ['target_url', 'status_code', 'preserve_query_string']),
    ...findRedirectProblems(fromValue, {
      ...context,
      pointer: `${context.pointer}/action_parameters/from_value`,
    }),
  ];
}

function findRedirectProblems(fromValue: Body, context: RuleContext): RulesetProblem[] {
  const { status_code: status, preserve_query_string: preserve } = fromValue as {
    status_code?: unknown;
    preserve_query_string?: unknown;
  };
  const problems = findTargetProblems(asObject(fromValue['target_url']), {
    ...context,
    pointer: `${context.pointer}/target_url`,
  });
  if (status !== undefined && !redirectStatuses.has(status)) {
    const details = { reason: 'it is not a redirect', pointer: `${context.pointer}/status_code` };
    problems.push(invalid('status_code', textOf(status), details));
  }
  if (preserve !== undefined && typeof preserve !== 'boolean') {
    const details = { reason: 'it is not a boolean', pointer: `${context.pointer}/preserve_query_string` };
    problems.push(invalid('preserve_query_string', textOf(preserve), details));
  }
  return problems;
}

/** A value or an expression, not both (3.2). */
function findTargetProblems(target: Body, context: RuleContext): RulesetProblem[] {
  const { value, expression } = target as { value?: unknown; expression?: unknown };
  const { pointer, switches } = context;
  if ((value === undefined) === (expression === undefined)) {
    const reason = 'exactly one of value and expression is required';
    return [invalid('target_url', JSON.stringify(target), { reason, pointer })];
  }
  if (expression !== undefined) {
    const compile = (text: string) => compileTarget(text, { hostBits: switches.cidrHostBits === 'accept' });
    return findProblems(expression, compile, { ...context, pointer: `${pointer}/expression` });
  }
  if (typeof value === 'string' && /^https?:\/\/\S+$/i.test(value)) return [];
  return [invalid('target_url', textOf(value), { reason: 'it is not an absolute URL', pointer })];
}

function findExpressionProblems(expression: unknown, context: RuleContext): RulesetProblem[] {
  const compile = (text: string) =>
    compileFilter(text, { hostBits: context.switches.cidrHostBits === 'accept' });
  return findProblems(expression ?? '', compile, {
    ...context,
    pointer: `${context.pointer}/expression`,
  });
}

function findProblems(
  expression: unknown,
  compile: (text: string) => CompiledExpression<unknown>,
  { plan, switches, pointer }: RuleContext,
): RulesetProblem[] {
  const text = textOf(expression);
  const problem = (reason: string, code: number) => invalid('expression', text, { reason, pointer, code });
  if (text.trim() === '') return [problem('the expression cannot be blank', 20125)];
  if (text.length > longest.expression) return [problem('it is too long', codeNotKnown)];
  try {
    const { requirements } = compile(text);
    const refused = requirements.filter((requirement) => !isAtLeast(plan, requirement.plan));
    return refused.map(({ what }) => notEntitled(what, pointer));
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    const reason = `could not parse filter expression: ${describeProblem(text, error)}`;
    return [problem(reason, switches.expressionErrorCode)];
  }
}

/** A value as a refusal quotes it. */
export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
}

function isAtLeast(plan: Plan, least: Plan): boolean {
  return planSchema.options.indexOf(plan) >= planSchema.options.indexOf(least);
}

function findScalarProblems(body: Body, base: string): RulesetProblem[] {
  const { enabled, description, ref } = body as { enabled?: unknown; description?: unknown; ref?: unknown };
  const problems: RulesetProblem[] = [];
  const add = (field: string, value: unknown, reason: string) =>
    problems.push(invalid(field, textOf(value), { reason, pointer: `${base}/${field}` }));
  if (enabled !== undefined && typeof enabled !== 'boolean') add('enabled', enabled, 'it is not a boolean');
  if (ref !== undefined && (typeof ref !== 'string' || ref === ''))
    add('ref', ref, 'the ref cannot be blank');
  if (description !== undefined && typeof description !== 'string') {
    add('description', description, 'it is not a string');
  } else if (Buffer.byteLength(description ?? '') > longest.description) {
    add('description', description, `it is longer than ${longest.description} bytes`);
  }
  return problems;
}
