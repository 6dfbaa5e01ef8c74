import { IntermissionError } from '../errors.ts';
import { printable } from './io.ts';

/** Reads the text that somebody typed; throws IntermissionError `validation_failed` or `usage`. */
type Parse<T> = (text: string) => T;

/** A positional argument whose value has type T. */
export interface ArgumentSpec<T> {
  /** As commander writes it: `<name>`, `[name]` or `<name...>`. */
  syntax: string;
  description: string;
  collect: 'one' | 'many';
  parse: Parse<unknown>;
  /** Only for the type. */
  readonly value?: T;
}

/** An option whose value has type T. The key it is listed under is its long name in camelCase. */
export interface OptionSpec<T> {
  /** As commander writes it: `-f, --for <duration>`. */
  flags: string;
  description: string;
  collect: 'one' | 'repeated' | 'flag';
  parse: Parse<unknown>;
  /** Description of the `--no-…` form, where there is one. */
  negative?: string;
  readonly value?: T;
}

/** Types of the values that belong to a record of specifications. */
export type Values<Specs> = {
  -readonly [Name in keyof Specs]: Specs[Name] extends ArgumentSpec<infer T> | OptionSpec<infer T>
    ? T
    : never;
};

export function argument(name: string, description: string): ArgumentSpec<string>;
export function argument<T>(name: string, description: string, parse: Parse<T>): ArgumentSpec<T>;
export function argument(
  name: string,
  description: string,
  parse: Parse<unknown> = asIs,
): ArgumentSpec<unknown> {
  return { syntax: `<${name}>`, description, collect: 'one', parse };
}

export function optionalArgument(name: string, description: string): ArgumentSpec<string | undefined> {
  return { syntax: `[${name}]`, description, collect: 'one', parse: asIs };
}

/** Any number of values; an empty list when none is given. */
export function manyArguments(
  name: string,
  description: string,
  parse: Parse<string> = asIs,
): ArgumentSpec<string[]> {
  return { syntax: `[${name}...]`, description, collect: 'many', parse };
}

/** Present or not. */
export function flag(flags: string, description: string): OptionSpec<boolean> {
  return { flags, description, collect: 'flag', parse: asIs };
}

/** `--verify` and `--no-verify`; undefined when neither is given. */
export function negatableFlag(
  flags: string,
  description: string,
  negative: string,
): OptionSpec<boolean | undefined> {
  return { flags, description, negative, collect: 'flag', parse: asIs };
}

/** One value; the last one wins when it is given again. */
export function option(flags: string, description: string): OptionSpec<string | undefined>;
export function option<T>(flags: string, description: string, parse: Parse<T>): OptionSpec<T | undefined>;
export function option(
  flags: string,
  description: string,
  parse: Parse<unknown> = asIs,
): OptionSpec<unknown> {
  return { flags, description, collect: 'one', parse };
}

/** `--bypass-ip A --bypass-ip B`: the list of all values; one empty value stands for an empty list. */
export function repeatedOption(flags: string, description: string): OptionSpec<string[] | undefined>;
export function repeatedOption<T>(
  flags: string,
  description: string,
  parse: Parse<T>,
): OptionSpec<T[] | undefined>;
export function repeatedOption(
  flags: string,
  description: string,
  parse: Parse<unknown> = asIs,
): OptionSpec<unknown> {
  return { flags, description, collect: 'repeated', parse };
}

/** Reads `a,b, c` as a list; an empty text is an empty list. Give it to {@link option}. */
export function commaList(text: string): string[] {
  const parts = text.split(',').map((part) => part.trim());
  return parts.filter((part) => part !== '');
}

/** Parser of a whole number, limits included. */
export function wholeNumber(min: number, max: number): Parse<number> {
  return (text) => {
    const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (value >= min && value <= max) return value;
    throw refusal(text, `is not a whole number from ${min} to ${max}`, 'Give a number in that range.');
  };
}

/** Parser of one word out of a list. */
export function oneOf<const T extends string>(words: readonly T[]): Parse<T> {
  return (text) => {
    const found = words.find((word) => word === text);
    if (found !== undefined) return found;
    throw refusal(text, 'is not one of the possible values', `Use ${words.join(', ')}.`);
  };
}

/** A value that cannot be accepted: quoted, shortened and without control characters. */
export function refusal(text: string, problem: string, hint: string): IntermissionError {
  const shown = printable(text.length > 40 ? `${text.slice(0, 40)}…` : text);
  return new IntermissionError('validation_failed', `"${shown}" ${problem}.`, { hint });
}

function asIs(text: string): string {
  return text;
}
