import type { Subject } from './fields.ts';
import { compileReplacement, compileWildcard, countGroups } from './wildcard.ts';

/** Undefined is a value that is not there: no comparison with it is true. */
export type TextReader = (subject: Subject) => string | undefined;

/** A value that a function is given; `literal` when it is written in the expression. */
export interface Argument {
  readonly read: TextReader;
  readonly literal: string | undefined;
}

export type Result =
  | { readonly type: 'string'; readonly read: TextReader }
  | { readonly type: 'boolean'; readonly read: (subject: Subject) => boolean };

export interface FunctionDefinition {
  readonly least: number;
  readonly most: number;
  /** Only in the target of a redirect. */
  readonly targetOnly?: true;
  /** A text says what is wrong with the values. */
  readonly make: (values: readonly Argument[]) => Result | string;
}

const wantsLiteral = 'expected a literal string';

/** The functions of 3.3, and `upper`. */
export const functions: Readonly<Record<string, FunctionDefinition>> = {
  lower: fold((text) => text.toLowerCase()),
  upper: fold((text) => text.toUpperCase()),
  starts_with: test((text, part) => text.startsWith(part)),
  ends_with: test((text, part) => text.endsWith(part)),
  concat: { least: 2, most: Number.POSITIVE_INFINITY, make: makeConcat },
  wildcard_replace: { least: 3, most: 4, targetOnly: true, make: makeWildcardReplace },
};

function fold(change: (text: string) => string): FunctionDefinition {
  return {
    least: 1,
    most: 1,
    make: ([value]) => ({ type: 'string', read: (subject) => map(value?.read(subject), change) }),
  };
}

function test(compare: (text: string, part: string) => boolean): FunctionDefinition {
  return {
    least: 2,
    most: 2,
    make([value, part]) {
      const literal = part?.literal;
      if (literal === undefined) return wantsLiteral;
      return {
        type: 'boolean',
        read: (subject) => map(value?.read(subject), (text) => compare(text, literal)) ?? false,
      };
    },
  };
}

function makeConcat(values: readonly Argument[]): Result {
  return { type: 'string', read: (subject) => values.map((value) => value.read(subject) ?? '').join('') };
}

/** A value that the pattern does not match stays as it is. */
function makeWildcardReplace([value, wildcard, replacement, flags]: readonly Argument[]): Result | string {
  if (wildcard?.literal === undefined || replacement?.literal === undefined) return wantsLiteral;
  if (flags !== undefined && flags.literal !== 's') return 'expected the flag "s"';
  const expression = compileWildcard(wildcard.literal, { strict: flags !== undefined });
  if (expression === undefined) return 'invalid wildcard';
  const replace = compileReplacement(replacement.literal, countGroups(expression));
  if (replace === undefined) return 'the replacement names an asterisk that is not there';
  return {
    type: 'string',
    read: (subject) =>
      map(value?.read(subject), (text) => {
        const captures = expression.exec(text)?.slice(1);
        return captures === undefined ? text : replace(captures);
      }),
  };
}

function map<T>(text: string | undefined, change: (text: string) => T): T | undefined {
  return text === undefined ? undefined : change(text);
}
