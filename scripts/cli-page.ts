import picocolors from 'picocolors';
import type { CommandDefinition } from '../src/cli/command.ts';
import { EXIT_MEANINGS, EXIT_OF_ERROR } from '../src/cli/exit-codes.ts';
import type { OptionSpec } from '../src/cli/parameters.ts';
import { createProgram } from '../src/cli/program.ts';
import { COMMANDS, type CommandEntry } from '../src/cli/registry.ts';
import { ERROR_CODES } from '../src/errors.ts';

const INTRODUCTION = `<!-- Made by "npm run docs" from src/cli. -->

# Command line

\`intermission <command> [options]\`; in a checkout \`npx intermission\` or \`npm run intermission --\`.
\`intermission help <command>\` shows the same as this page.

Results go to stdout, everything else to stderr. \`--json\` prints one document:
\`{"version":1,"ok","command","summary":{…},"results":[…],"warnings":[{"code","message"}],"error":null}\`, where \`error\` is
\`{"code","message","hint"}\` when the command failed and \`ok\` is true exactly when the exit status is 0. Times are ISO 8601 in
UTC, durations seconds. Without a terminal, and with \`--json\`, nothing is ever asked.`;

/** `docs/cli.md`: every command with its options and examples, as the command line itself knows them. */
export async function cliPage(): Promise<string> {
  const sections = [INTRODUCTION, globalOptions(), commandList()];
  for (const entry of COMMANDS) sections.push(commandSection(entry, (await entry.load()).command));
  return `${[...sections, exitTable()].join('\n\n')}\n`;
}

function globalOptions(): string {
  const colors = picocolors.createColors(false);
  const { options } = createProgram({ colors, columns: 100, keepHelp: () => {} });
  const rows = options.map(({ flags, description }) => [flags, description] as const);
  return `## Options of every command\n\n${optionTable([...rows, ['-h, --help', 'Show help']])}`;
}

function commandList(): string {
  const rows = COMMANDS.map(({ name, summary }) => `| [\`${name}\`](#${anchorOf(name)}) | ${summary} |`);
  return `## Commands\n\n| Command | What it does |\n|---|---|\n${rows.join('\n')}`;
}

function commandSection({ name, aliases = [], summary }: CommandEntry, command: CommandDefinition): string {
  const options = Object.values(command.options ?? {});
  const words = Object.values(command.arguments ?? {}).map(({ syntax }) => syntax);
  const usage = ['intermission', name, ...words, ...(options.length > 0 ? ['[options]'] : [])].join(' ');
  const examples = command.examples.map(({ command: line, does }) => `# ${does}\nintermission ${line}`);
  const parts = [
    `### ${name}`,
    `${summary}.${aliases.length === 0 ? '' : ` Also written ${aliases.map((alias) => `\`${alias}\``).join(', ')}.`}`,
    `\`${usage}\``,
    options.length === 0 ? '' : optionTable(options.flatMap(optionRows)),
    `\`\`\`sh\n${examples.join('\n')}\n\`\`\``,
    command.notes ?? '',
  ];
  return parts.filter((part) => part !== '').join('\n\n');
}

function optionRows({ flags, description, negative }: OptionSpec<unknown>): (readonly [string, string])[] {
  if (negative === undefined) return [[flags, description]];
  return [
    [flags, description],
    [flags.replace(/^.*--/, '--no-'), negative],
  ];
}

function optionTable(rows: readonly (readonly [string, string])[]): string {
  const lines = rows.map(([flags, description]) => `| \`${flags}\` | ${escaped(description)} |`);
  return `| Option | What it does |\n|---|---|\n${lines.join('\n')}`;
}

function exitTable(): string {
  const rows = Object.entries(EXIT_MEANINGS).map(([exit, meaning]) => {
    const codes = ERROR_CODES.filter((code) => EXIT_OF_ERROR[code] === Number(exit));
    return `| ${exit} | ${meaning} | ${codes.map((code) => `\`${code}\``).join(', ')} |`;
  });
  return `## Exit statuses

| Status | Meaning | Error codes |
|---|---|---|
${rows.join('\n')}

Several sites that all fail end with the status they have in common, else 1. The codes are explained in [errors.md](errors.md).`;
}

/** How GitHub names the anchor of a heading. */
function anchorOf(heading: string): string {
  return heading.toLowerCase().replaceAll(' ', '-');
}

function escaped(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('<', '\\<');
}
