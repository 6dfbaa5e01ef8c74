import { Command, Option } from 'commander';
import type { CommandDefinition } from './command.ts';
import { addExamples, addIntroduction, helpStyle } from './help.ts';
import type { Colors } from './io.ts';
import type { OptionSpec } from './parameters.ts';
import { type CommandEntry, GROUPS } from './registry.ts';

export interface ProgramOptions {
  colors: Colors;
  /** Width of the help text. */
  columns: number;
  /** Receives the help text. */
  keepHelp(text: string): void;
}

/** The root command with the flags that every command takes. */
export function createProgram({ colors, columns, keepHelp }: ProgramOptions): Command {
  const program = new Command('intermission')
    .description('Takes websites behind Cloudflare into maintenance mode and brings them back.')
    .usage('<command> [options]')
    .option('--json', 'Print one JSON document on stdout')
    .option('-y, --yes', 'Answer every question with yes')
    .option('-n, --dry-run', 'Show what would be done and do nothing')
    .option('--force', 'Override a refusal that says it can be')
    .option('--no-color', 'Print without colours')
    .option('--verbose', 'Print details about errors')
    .option('-v, --version', 'Show the version')
    .helpOption('-h, --help', 'Show help')
    .helpCommand(false)
    .configureHelp(helpStyle(colors))
    .configureOutput({
      writeOut: keepHelp,
      writeErr: () => {},
      getOutHelpWidth: () => columns,
      getOutHasColors: () => true,
    })
    .exitOverride();
  addIntroduction(program, colors);
  return program;
}

/** Adds a command by its name and summary only, which is all that lists and suggestions need. */
export function addCommand(program: Command, { name, aliases = [], summary }: CommandEntry): Command {
  const [first = '', second] = name.split(' ');
  const parent = second === undefined ? program : groupOf(program, first);
  return parent
    .command(second ?? first)
    .aliases(aliases)
    .description(summary);
}

/** Adds what is known only after the command's file is loaded: arguments, options and examples. */
export function fillIn(leaf: Command, definition: CommandDefinition, colors: Colors): void {
  for (const { syntax, description } of Object.values(definition.arguments ?? {}))
    leaf.argument(syntax, description);
  for (const spec of Object.values(definition.options ?? {})) {
    leaf.addOption(toOption(spec));
    if (spec.negative !== undefined) leaf.option(spec.flags.replace(/^.*--/, '--no-'), spec.negative);
  }
  addExamples(leaf, definition, colors);
}

function groupOf(program: Command, name: string): Command {
  const existing = program.commands.find((command) => command.name() === name);
  if (existing !== undefined) return existing;
  return program
    .command(name)
    .description(GROUPS[name] ?? '')
    .usage('<command> [options]')
    .helpCommand(false);
}

function toOption({ flags, description, collect }: OptionSpec<unknown>): Option {
  const option = new Option(flags, description);
  if (collect !== 'repeated') return option;
  return option.argParser((value: string, previous?: string[]) => [...(previous ?? []), value]);
}
