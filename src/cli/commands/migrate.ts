import { IntermissionError } from '../../errors.ts';
import { defineCommand } from '../command.ts';
import { printable } from '../io.ts';
import { flag } from '../parameters.ts';

interface MigrationRow {
  migration: string;
  status: 'applied' | 'pending';
}

export const command = defineCommand({
  options: { check: flag('--check', 'Change nothing and fail when something is pending') },
  examples: [
    { command: 'migrate', does: 'Apply what is pending' },
    { command: 'migrate --check', does: 'In a deploy pipeline: exit 1 unless the database is up to date' },
  ],
  notes: 'Other commands do this by themselves unless INTERMISSION_AUTO_MIGRATE is off.',
  async run(context, { options: { check } }) {
    const { databaseUrl } = await context.config();
    const { migrateDatabase } = await import('../../persistence/migrate-database.ts');
    const { parseDatabaseUrl } = await import('../../persistence/database-location.ts');
    const checkOnly = check || context.flags.dryRun;
    const { applied, pending } = await migrateDatabase({ url: databaseUrl, checkOnly });
    const database = parseDatabaseUrl(databaseUrl).label;
    const results = [...rows(applied, 'applied'), ...rows(pending, 'pending')];
    const summary = { database, applied: applied.length, pending: pending.length };
    return {
      summary,
      results,
      ...(check && pending.length > 0 && { error: outdated(database, pending.length) }),
    };
  },
  render: ({ summary = {}, results = [] }) => {
    const database = printable(String(summary['database']));
    if (results.length === 0) return `${database} is up to date.\n`;
    const lines = results.map(({ migration, status }) => `  ${status}  ${migration}\n`);
    return `${database}\n${lines.join('')}`;
  },
});

function rows(names: readonly string[], status: MigrationRow['status']): MigrationRow[] {
  return names.map((migration) => ({ migration, status }));
}

function outdated(database: string, count: number): IntermissionError {
  const migrations = count === 1 ? 'one migration is' : `${count} migrations are`;
  return new IntermissionError(
    'schema_outdated',
    `The database ${database} is not up to date: ${migrations} pending.`,
    {
      hint: 'Make a backup, then run `intermission migrate`.',
    },
  );
}
