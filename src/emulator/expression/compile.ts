import type { Plan } from '../schemas.ts';
import type { AddressRange } from './addresses.ts';
import { compileAddressTest, compileTextTest } from './comparisons.ts';
import { fields, type Subject } from './fields.ts';
import { type Argument, functions, type Result, type TextReader } from './functions.ts';
import {
  type Comparison,
  type Condition,
  ExpressionError,
  type Field,
  type FunctionCall,
  parseFilter,
  parseTarget,
  type Value,
} from './parse.ts';

/** Something that not every plan may use, and the smallest that may. */
export interface Requirement {
  readonly what: string;
  readonly plan: Plan;
}

export interface CompiledExpression<T> {
  readonly evaluate: (subject: Subject) => T;
  readonly requirements: readonly Requirement[];
}

export interface CompileOptions {
  /** Whether a network may have bits after its prefix. */
  readonly hostBits: boolean;
}

/** The condition of a rule, ready to be tried on requests; throws an `ExpressionError`. */
export function compileFilter(text: string, options: CompileOptions): CompiledExpression<boolean> {
  const compiler = new Compiler(options, { target: false });
  const evaluate = compiler.condition(parseFilter(text));
  return { evaluate, requirements: compiler.requirements };
}

/** The target of a dynamic redirect; throws an `ExpressionError`. */
export function compileTarget(text: string, options: CompileOptions): CompiledExpression<string> {
  const compiler = new Compiler(options, { target: true });
  const read = compiler.text(parseTarget(text));
  return { evaluate: (subject) => read(subject) ?? '', requirements: compiler.requirements };
}

type Operand =
  | Result
  | { readonly type: 'address'; readonly read: (subject: Subject) => AddressRange | undefined };
type Test = (subject: Subject) => boolean;

/** Judges names and types, and turns a tree into functions. */
class Compiler {
  readonly requirements: Requirement[] = [];
  readonly #options: CompileOptions;
  readonly #target: boolean;

  constructor(options: CompileOptions, { target }: { target: boolean }) {
    this.#options = options;
    this.#target = target;
  }

  condition(node: Condition): Test {
    switch (node.kind) {
      case 'or':
      case 'and':
      case 'xor':
        return combine(
          node.kind,
          node.terms.map((term) => this.condition(term)),
        );
      case 'not': {
        const test = this.condition(node.term);
        return (subject) => !test(subject);
      }
      case 'boolean':
        return () => node.value;
      case 'comparison':
        return this.#comparison(node);
      case 'call':
      case 'field': {
        const operand = this.#operand(node);
        if (operand.type !== 'boolean') throw new ExpressionError('expected a comparison', node.at);
        return operand.read;
      }
    }
  }

  text(node: Value): TextReader {
    return this.#argument(node).read;
  }

  #comparison(node: Comparison): Test {
    const left = this.#operand(node.left);
    if (left.type === 'boolean') throw new ExpressionError('a boolean cannot be compared', node.at);
    if (node.operator === 'matches') this.#require('the operator matches', 'business');
    if (left.type === 'address') return defined(left.read, compileAddressTest(node, this.#options));
    return defined(left.read, compileTextTest(node));
  }

  #operand(node: FunctionCall | Field): Operand {
    return node.kind === 'call' ? this.#call(node) : this.#field(node);
  }

  #field({ name, keys, at }: Field): Operand {
    const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
    if (field === undefined) throw new ExpressionError('unknown identifier', at);
    if (field.type !== 'map') {
      if (keys.length > 0) throw new ExpressionError('this field has no parts', at);
      return field;
    }
    const [key, index] = keys;
    if (key?.kind !== 'string' || index?.kind !== 'index' || keys.length > 2) {
      throw new ExpressionError('expected a name and a number in brackets', at);
    }
    if (field.plan !== undefined) this.#require(`the field ${name}`, field.plan);
    return { type: 'string', read: (subject) => field.read(subject, key.value)[index.value] };
  }

  #call({ name, values, at }: FunctionCall): Result {
    const definition = Object.hasOwn(functions, name) ? functions[name] : undefined;
    if (definition === undefined || (definition.targetOnly === true && !this.#target)) {
      throw new ExpressionError('unknown identifier', at);
    }
    if (values.length < definition.least || values.length > definition.most) {
      throw new ExpressionError('invalid number of arguments', at);
    }
    const result = definition.make(values.map((value) => this.#argument(value)));
    if (typeof result === 'string') throw new ExpressionError(result, at);
    return result;
  }

  #argument(node: Value): Argument {
    if (node.kind === 'string') return { literal: node.value, read: () => node.value };
    const operand = this.#operand(node);
    if (operand.type !== 'string') throw new ExpressionError('expected a string', node.at);
    return { literal: undefined, read: operand.read };
  }

  #require(what: string, plan: Plan): void {
    this.requirements.push({ what, plan });
  }
}

/** A comparison with a value that is not there is not true. */
function defined<T>(read: (subject: Subject) => T | undefined, test: (value: T) => boolean): Test {
  return (subject) => {
    const value = read(subject);
    return value !== undefined && test(value);
  };
}

function combine(kind: 'or' | 'xor' | 'and', terms: readonly Test[]): Test {
  switch (kind) {
    case 'or':
      return (subject) => terms.some((term) => term(subject));
    case 'xor':
      return (subject) => terms.filter((term) => term(subject)).length % 2 === 1;
    case 'and':
      return (subject) => terms.every((term) => term(subject));
  }
}
