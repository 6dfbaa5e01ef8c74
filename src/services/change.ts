import type { SqlEntityManager } from '@mikro-orm/sql';
import type { Actor } from '../domain/maintenance-log.ts';
import type { Database } from '../persistence/open-database.ts';

/** What every change of our own records takes. */
export interface ChangeOptions {
  /** Whom the log names. */
  actor?: Actor | undefined;
  /** Checks everything and returns what would be there, but keeps nothing of it. */
  dryRun?: boolean | undefined;
}

/** The actor of a change that a program made without naming anybody. */
export const LIBRARY: Actor = { name: 'library', source: 'library' };

/** One transaction; with `dryRun` it is rolled back after the database has accepted all of it. */
export async function transact<T>(
  database: Database,
  { dryRun = false }: Pick<ChangeOptions, 'dryRun'>,
  work: (em: SqlEntityManager) => Promise<T>,
): Promise<T> {
  if (!dryRun) return database.transaction(work);
  const rollBack = new Error('Rolled back: only tried.');
  let rehearsed: { result: T } | undefined;
  try {
    await database.transaction(async (em) => {
      rehearsed = { result: await work(em) };
      await em.flush();
      throw rollBack;
    });
  } catch (error) {
    if (error !== rollBack || rehearsed === undefined) throw error;
  }
  return (rehearsed as { result: T }).result;
}
