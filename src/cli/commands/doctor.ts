import type { Finding, Level } from '../../doctor/finding.ts';
import { type CommandResult, defineCommand, type View } from '../command.ts';
import { wrappedFields } from '../field-lines.ts';
import type { Field } from '../table.ts';

export const command = defineCommand({
  examples: [
    { command: 'doctor', does: 'Does everything work that is needed to close and reopen sites?' },
    { command: 'doctor --json', does: 'For monitoring: exit status 1 when something is broken' },
  ],
  notes:
    'Looks at database, secret key, clocks, API keys and what their tokens may read, zones, rules and the room for more of them, calls left, the public address, interrupted operations and whatever reopens sites by itself. Nothing is changed and nothing is repaired; whether a token may write rules cannot be tried without harm. Rules are read in up to 100 zones; of more, only where a site is closed or has rules on record.',
  async run(context): Promise<CommandResult<Finding>> {
    const { diagnose } = await import('../../doctor/diagnose.ts');
    const { environment, signal, now } = context;
    const results = await diagnose({ environment, signal, now });
    const of = (level: Level) => results.filter((found) => found.level === level).length;
    const summary = { ok: of('ok'), warnings: of('warning'), broken: of('broken') };
    return { summary, results, ...(summary.broken > 0 && { exit: 1 as const }) };
  },
  render: ({ summary = {}, results = [] }, view) => {
    const { colors } = view;
    const [warnings, broken] = [Number(summary['warnings']), Number(summary['broken'])];
    const counts = [
      broken > 0 && colors.red(`${broken} broken`),
      warnings > 0 && colors.yellow(`${warnings} ${warnings === 1 ? 'warning' : 'warnings'}`),
      colors.green(`${summary['ok']} fine`),
    ];
    const lines = wrappedFields(
      results.flatMap((found) => lineOf(found, view)),
      view,
    );
    return `${lines}\n${counts.filter((part) => part !== false).join(', ')}.\n`;
  },
});

function lineOf({ check, level, message, hint }: Finding, { colors }: View): Field[] {
  const styles = { ok: String, warning: colors.yellow, broken: colors.red };
  const marks = { ok: '✓', warning: '!', broken: '✗' };
  const line: Field = [`${marks[level]} ${check}`, message, styles[level]];
  return hint === null ? [line] : [line, ['', `→ ${hint}`]];
}
