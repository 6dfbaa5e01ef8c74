import peggy from 'peggy';
import { fields } from './fields.ts';
import { functions } from './functions.ts';
import { grammar } from './grammar.ts';

/** Offsets in the text, the end exclusive. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

interface Located {
  readonly at: Range;
}

export type StringLiteral = Located & { readonly kind: 'string'; readonly value: string };
export type AddressLiteral = Located & { readonly kind: 'address'; readonly text: string };
export type ListLiteral = Located & {
  readonly kind: 'list';
  readonly items: readonly (StringLiteral | AddressLiteral)[];
};
export type Field = Located & {
  readonly kind: 'field';
  readonly name: string;
  readonly keys: readonly (StringLiteral | (Located & { readonly kind: 'index'; readonly value: number }))[];
};
export type FunctionCall = Located & {
  readonly kind: 'call';
  readonly name: string;
  readonly values: readonly Value[];
};
export type Value = StringLiteral | FunctionCall | Field;

export type Comparison = Located & { readonly kind: 'comparison'; readonly left: FunctionCall | Field } & (
    | { readonly operator: 'eq' | 'ne'; readonly right: StringLiteral | AddressLiteral }
    | {
        readonly operator: 'contains' | 'wildcard' | 'strict wildcard' | 'matches';
        readonly right: StringLiteral;
      }
    | { readonly operator: 'in'; readonly right: ListLiteral }
  );

export type Condition =
  | { readonly kind: 'or' | 'xor' | 'and'; readonly terms: readonly Condition[] }
  | { readonly kind: 'not'; readonly term: Condition }
  | (Located & { readonly kind: 'boolean'; readonly value: boolean })
  | Comparison
  | FunctionCall
  | Field;

/** An expression that Cloudflare would not take. */
export class ExpressionError extends Error {
  override readonly name = 'ExpressionError';
  readonly at: Range;

  constructor(message: string, at: Range) {
    super(message);
    this.at = at;
  }
}

/** Parses the condition of a rule; throws an `ExpressionError`. */
export function parseFilter(text: string): Condition {
  return parse(text, 'Filter') as Condition;
}

/** Parses the target of a dynamic redirect; throws an `ExpressionError`. */
export function parseTarget(text: string): Value {
  return parse(text, 'Target') as Value;
}

let parser: peggy.Parser | undefined;

/** The parser is made when the first expression comes: most emulators never see one. */
function parse(text: string, startRule: 'Filter' | 'Target'): unknown {
  parser ??= peggy.generate(grammar, { allowedStartRules: ['Filter', 'Target'] });
  try {
    return parser.parse(text, { startRule, isKnown });
  } catch (error) {
    throw explain(error, text);
  }
}

function explain(error: unknown, text: string): unknown {
  // Thousands of brackets in each other: there is no more room on the stack.
  if (error instanceof RangeError)
    return new ExpressionError('nested too deeply', { start: 0, end: text.length });
  const { location, expected, message } = error as peggy.parser.SyntaxError;
  if (location === undefined) return error;
  const reason = expected === null ? message : 'unrecognised input';
  return new ExpressionError(reason, { start: location.start.offset, end: location.end.offset });
}

function isKnown(name: string): boolean {
  return Object.hasOwn(fields, name) || Object.hasOwn(functions, name);
}

/** What Cloudflare says of an expression that it cannot parse (3.6): where, the line, a mark under it and the reason. */
export function describeProblem(text: string, { message, at }: ExpressionError): string {
  const before = text.slice(0, at.start).split('\n');
  const column = before.at(-1)?.length ?? 0;
  const line = text.split('\n')[before.length - 1] ?? '';
  const length = Math.max(1, Math.min(at.end - at.start, line.length - column));
  const mark = `${' '.repeat(column)}${'^'.repeat(length)} ${message}`;
  return `Filter parsing error (${before.length}:${column + 1}):\n${line}\n${mark}\n`;
}
