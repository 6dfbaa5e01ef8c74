import { IntermissionError, isIntermissionError } from '../errors.ts';
import type { CommandDefinition } from './command.ts';
import type { ArgumentSpec, OptionSpec } from './parameters.ts';

/** What a command's handler receives. */
export type Input = Parameters<CommandDefinition['run']>[1];

/** What commander found: texts, lists of texts and booleans. */
export interface Found {
  arguments: readonly unknown[];
  options: Readonly<Record<string, unknown>>;
}

/**
 * Parses every value with its own specification.
 *
 * @throws IntermissionError as the specification throws it, with the name of the option in front
 */
export function toInput(definition: CommandDefinition, found: Found): Input {
  const specs = Object.entries(definition.arguments ?? {});
  const args = specs.map(([name, spec], index) => [name, argumentValue(spec, found.arguments[index])]);
  const options = Object.entries(definition.options ?? {}).map(([name, spec]) => [
    name,
    optionValue(spec, found.options[name]),
  ]);
  return { arguments: Object.fromEntries(args), options: Object.fromEntries(options) };
}

function argumentValue({ syntax, collect, parse }: ArgumentSpec<unknown>, found: unknown): unknown {
  if (collect === 'many') {
    const texts = (found as string[] | undefined) ?? [];
    return texts.map((text) => named(`<${/[\w-]+/.exec(syntax)}>`, parse, text));
  }
  return found === undefined ? undefined : named(syntax, parse, String(found));
}

function optionValue({ flags, negative, collect, parse }: OptionSpec<unknown>, found: unknown): unknown {
  if (collect === 'flag') return found ?? (negative === undefined ? false : undefined);
  if (found === undefined) return undefined;
  const label = /--[\w-]+/.exec(flags)?.[0] ?? flags;
  if (collect === 'one') return named(label, parse, String(found));
  const texts = found as string[];
  return texts.length === 1 && texts[0] === '' ? [] : texts.map((text) => named(label, parse, text));
}

function named(label: string, parse: (text: string) => unknown, text: string): unknown {
  try {
    return parse(text);
  } catch (error) {
    if (!isIntermissionError(error)) throw error;
    const hint = error.hint === undefined ? {} : { hint: error.hint };
    throw new IntermissionError(error.code, `${label}: ${error.message}`, { ...hint, cause: error });
  }
}
