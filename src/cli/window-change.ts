import type { ScheduledMaintenance } from '../domain/scheduled-maintenance.ts';
import type { CommandContext, CommandResult, View, Warning } from './command.ts';
import { printable } from './io.ts';
import { toWindowRow, type WindowRow } from './window-row.ts';
import { zonedRelative } from './window-view.ts';
import { conflictWarnings } from './window-warnings.ts';

/** The result of a command that has moved a window. */
export async function changedWindow(
  context: CommandContext,
  changed: ScheduledMaintenance,
  warnings: readonly Warning[] = [],
): Promise<CommandResult<WindowRow>> {
  const { dryRun } = context.flags;
  const app = await context.openApp();
  const { sites } = await app.schedule.get(changed.id);
  const { scheduledStart: start, scheduledEnd: end } = changed;
  const conflicts = await app.schedule.findConflicts({ sites: sites.getItems(), start, end });
  const others = conflicts.filter(({ window }) => window.id !== changed.id);
  return {
    summary: { total: 1, conflicts: others.length, dryRun },
    results: [toWindowRow(Object.assign(changed, { sites }), context.now())],
    warnings: [...warnings, ...conflictWarnings(others)],
  };
}

export function renderChanged(word: string) {
  return ({ summary = {}, results = [] }: CommandResult<WindowRow>, view: View): string => {
    const { colors } = view;
    return results
      .map(({ id, title, start, end, timezone }) => {
        const name = `${colors.bold(`Window ${id}`)} (${printable(title)})`;
        const did =
          summary['dryRun'] === true
            ? `${name} would be ${word}. Nothing was changed.`
            : `${colors.green('✓')} ${name} ${word}.`;
        return `${did}\n  Start  ${zonedRelative(start, timezone, view)}\n  End    ${zonedRelative(end, timezone, view)}\n`;
      })
      .join('');
  };
}
