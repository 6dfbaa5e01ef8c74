import { type Command, CommanderError } from 'commander';
import { IntermissionError } from '../errors.ts';
import type { CommandDefinition, GlobalFlags } from './command.ts';
import { type Input, toInput } from './input.ts';
import { addCommand, createProgram, fillIn, type ProgramOptions } from './program.ts';
import { COMMANDS, type CommandEntry, findCommand } from './registry.ts';

/** What a command line asks for. */
export type Invocation =
  | { kind: 'help'; text: string }
  | { kind: 'version' }
  | { kind: 'run'; definition: CommandDefinition; input: Input; flags: GlobalFlags };

/**
 * Reads a command line. Only the file of the command that is named is loaded.
 *
 * @param argv what follows the program's name
 * @throws IntermissionError `usage`, or what an option's own parser throws
 */
export async function parseCommandLine(
  argv: readonly string[],
  look: Omit<ProgramOptions, 'keepHelp'>,
): Promise<Invocation> {
  const args = rewriteHelp(argv);
  const { words, entry } = findCommand(args);
  const definition = (await entry?.load())?.command;
  const help: string[] = [];
  const program = createProgram({ ...look, keepHelp: (text) => help.push(text) });
  const chosen = addCommands(program, entry);
  if (definition !== undefined) fillIn(chosen, definition, look.colors);
  // Commander calls a command without an action an error; that is right only for an unfinished name.
  if (definition !== undefined || operandsOf(args).length === 0) chosen.action(() => {});
  try {
    program.parse(args, { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return { kind: 'help', text: help.join('') };
    throw error instanceof CommanderError ? usageError(error, words) : error;
  }
  const given = program.opts<Partial<GlobalFlags> & { version?: boolean }>();
  if (given.version === true) return { kind: 'version' };
  if (definition === undefined) {
    program.outputHelp();
    return { kind: 'help', text: help.join('') };
  }
  const found = { arguments: chosen.processedArgs as unknown[], options: chosen.opts() };
  return { kind: 'run', definition, input: toInput(definition, found), flags: flagsOf(given) };
}

/** `help maintenance enable` is `maintenance enable --help`, unless `help` has a topic of that name. */
function rewriteHelp(argv: readonly string[]): readonly string[] {
  const [first, ...rest] = argv;
  if (first !== 'help' || findCommand(argv).entry !== undefined) return argv;
  // An unknown name is left as it is, for commander to refuse.
  return findCommand(rest).words.length === operandsOf(rest).length ? [...rest, '--help'] : rest;
}

function operandsOf(argv: readonly string[]): string[] {
  return argv.filter((word) => !word.startsWith('-'));
}

/** Commander leaves out what is not given, except the positive form of `--no-color`. */
function flagsOf(given: Partial<GlobalFlags>): GlobalFlags {
  const { json = false, yes = false, dryRun = false, force = false, color = true, verbose = false } = given;
  return { json, yes, dryRun, force, color, verbose };
}

/** Adds all commands and returns that of `entry`, or the program itself. */
function addCommands(program: Command, entry: CommandEntry | undefined): Command {
  let chosen = program;
  for (const each of COMMANDS) {
    const leaf = addCommand(program, each);
    if (each === entry) chosen = leaf;
  }
  return chosen;
}

/** Commander writes `error: unknown option '--jsn'\n(Did you mean --json?)`. */
function usageError(error: CommanderError, words: readonly string[]): IntermissionError {
  const help = `See ${['intermission', ...words, '--help'].join(' ')}.`;
  if (error.code === 'commander.help') {
    const next = COMMANDS.map(({ name }) => name.split(' ')).filter(([first]) => first === words[0]);
    const names = next.map(([, second]) => second).join(', ');
    return new IntermissionError('usage', `${words.join(' ')} needs a command: ${names}.`, { hint: help });
  }
  const [first = '', suggestion = ''] = error.message.replace(/^error: /, '').split('\n');
  const message = `${first.charAt(0).toUpperCase()}${first.slice(1)}`.replace(/\.?$/, '.');
  const hint = [suggestion.replace(/^\(|\)$/g, ''), help].filter((part) => part !== '').join(' ');
  return new IntermissionError('usage', message, { hint });
}
