import type { Intermission } from '../../intermission.ts';
import { type CommandContext, type CommandResult, defineCommand, type View } from '../command.ts';
import { printable } from '../io.ts';
import { proofOptions } from '../maintenance-options.ts';
import { type Proving, provingOf } from '../proving.ts';
import { type TickRow, toDueRows, toTickRows } from '../tick-rows.ts';

export const command = defineCommand({
  options: proofOptions,
  examples: [
    {
      command: 'process_scheduled_maintenance',
      does: 'Once: repair what was interrupted, reopen what has ended',
    },
    { command: 'process_scheduled_maintenance --dry-run', does: 'See what is due, and do nothing' },
    {
      command: 'process_scheduled_maintenance --json',
      does: 'The line for cron, every minute; stdout is one document',
    },
  ],
  notes:
    'Sites that were closed with --for or --until reopen only when this runs: let cron run it every minute. Any number of machines may run it on one database. What it has reopened is then proven, all sites at the same time; exit status 5 when visitors were not seen to get it.',
  async run(context, { options }): Promise<CommandResult<TickRow>> {
    const app = await context.openApp();
    const { dryRun } = context.flags;
    const results = dryRun
      ? toDueRows(await app.schedule.findDue())
      : await tick(app, provingOf(options), context);
    return { summary: summaryOf(results, dryRun), results };
  },
  render: ({ results = [] }, view) => {
    const done = results.filter(({ error }) => error === null);
    if (results.length === 0) return 'Nothing is due.\n';
    return done.map((row) => line(row, view)).join('');
  },
});

async function tick(app: Intermission, proving: Proving, { signal }: CommandContext): Promise<TickRow[]> {
  const result = await app.schedule.processScheduledMaintenances({ ...proving, signal });
  return toTickRows(app, result, signal);
}

function summaryOf(rows: readonly TickRow[], dryRun: boolean) {
  const count = (action: TickRow['action']) =>
    rows.filter((row) => row.action === action && row.error === null).length;
  return {
    total: rows.length,
    recovered: count('recover'),
    ended: count('end'),
    failed: rows.filter(({ error }) => error !== null).length,
    ...(dryRun && { dryRun }),
  };
}

function line({ site, outcome, logId }: TickRow, { colors }: View): string {
  const log = logId === null ? '' : colors.dim(` (log ${logId})`);
  return `${colors.bold(printable(site))}: ${printable(outcome)}${log}\n`;
}
