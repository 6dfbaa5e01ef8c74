import { type Command, Help, type HelpConfiguration } from 'commander';
import type { CommandDefinition } from './command.ts';
import type { Colors } from './io.ts';

/** Looks of all help texts. */
export function helpStyle(colors: Colors): HelpConfiguration {
  return {
    showGlobalOptions: true,
    // The other names of a command stand in its own help; here they would only push the summaries aside.
    subcommandTerm: (command) => command.name(),
    formatHelp: (command, helper) => commandsFirst(Help.prototype.formatHelp.call(helper, command, helper)),
    styleTitle: (text) => colors.bold(text),
    styleCommandText: (text) => colors.cyan(text),
    styleSubcommandText: (text) => colors.cyan(text),
    styleOptionText: (text) => colors.green(text),
    styleArgumentText: (text) => colors.yellow(text),
  };
}

/** Examples and notes under the help of a command. */
export function addExamples(to: Command, { examples, notes = '' }: CommandDefinition, colors: Colors): void {
  const lines = examples.flatMap(({ command, does }) => [
    `  ${colors.dim(`# ${does}`)}`,
    `  intermission ${command}`,
  ]);
  to.addHelpText('after', ({ command }) => {
    const wrapped = command.createHelp().boxWrap(notes, command.configureOutput().getOutHelpWidth?.() ?? 80);
    return `\n${colors.bold('Examples:')}\n${lines.join('\n')}${wrapped === '' ? '' : `\n\n${wrapped}`}`;
  });
}

/** What the first screen says beside the list of commands. */
export function addIntroduction(to: Command, colors: Colors): void {
  to.addHelpText(
    'after',
    [
      '',
      `${colors.bold('More:')}`,
      '  intermission help <command>     Options and examples of a command',
      '  intermission help exit-codes    What each exit status means',
    ].join('\n'),
  );
}

/** Commander lists the options above the commands; whoever asks for help looks for a command first. */
function commandsFirst(help: string): string {
  const sections = help.split('\n\n');
  const from = sections.findIndex((section) => section.includes('Commands:'));
  const to = sections.findIndex((section) => section.includes('Options:'));
  if (from === -1 || to === -1 || from < to) return help;
  const commands = sections.splice(from, 1);
  sections.splice(to, 0, ...commands.map((section) => section.trimEnd()));
  return `${sections.join('\n\n').trimEnd()}\n`;
}
