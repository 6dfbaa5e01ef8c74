import { ERROR_CODES } from '../../errors.ts';
import { defineCommand } from '../command.ts';
import { EXIT_MEANINGS, EXIT_OF_ERROR, type ExitCode } from '../exit-codes.ts';
import type { Colors } from '../io.ts';

/** A status and the error codes that lead to it. */
interface ExitRow {
  exit: ExitCode;
  meaning: string;
  codes: string[];
}

export const command = defineCommand({
  examples: [{ command: 'help exit-codes', does: 'Show the table' }],
  async run() {
    const results = Object.entries(EXIT_MEANINGS).map(([status, meaning]): ExitRow => {
      const exit = Number(status) as ExitCode;
      return { exit, meaning, codes: ERROR_CODES.filter((code) => EXIT_OF_ERROR[code] === exit) };
    });
    return { summary: { total: results.length }, results };
  },
  render: ({ results = [] }, { colors }) => results.map((row) => paragraph(row, colors)).join(''),
});

function paragraph({ exit, meaning, codes }: ExitRow, colors: Colors): string {
  const lines = wrap(codes, 72).map((line) => `      ${colors.dim(line)}\n`);
  return `${colors.bold(String(exit).padStart(4))}  ${meaning}\n${lines.join('')}`;
}

/** Lines of about `width` characters, with a comma between all words. */
function wrap(words: readonly string[], width: number): string[] {
  const lines: string[] = [];
  for (const [index, word] of words.entries()) {
    const text = index === words.length - 1 ? word : `${word},`;
    const longer = `${lines.at(-1)} ${text}`;
    if (lines.length > 0 && longer.length <= width) lines.splice(-1, 1, longer);
    else lines.push(text);
  }
  return lines;
}
