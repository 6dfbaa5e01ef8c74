import type { SqlEntityManager } from '@mikro-orm/sql';
import { IntermissionError } from '../errors.ts';
import type { Database } from './database.ts';
import { MIGRATION_TABLE, pendingMigrations } from './migration-state.ts';
import type { MigrationIndex } from './migrations/migration-index.ts';

/** Any number will do, as long as nothing else in the same database uses it. */
const ADVISORY_LOCK = 4_769_617_386;
const ADVISORY_LOCK_TIMEOUT = '120s';

const CREATE_TABLE = {
  sqlite: `create table if not exists ${MIGRATION_TABLE} (
    id integer primary key autoincrement, name text not null unique, executed_at datetime not null default current_timestamp)`,
  postgresql: `create table if not exists ${MIGRATION_TABLE} (
    id serial primary key, name varchar(255) not null unique, executed_at timestamptz not null default current_timestamp)`,
};

/**
 * Applies what is pending, all of it or nothing, in one transaction that other processes wait for: whoever comes
 * second finds nothing left to do.
 *
 * @returns the names of the applied migrations.
 */
export async function applyMigrations(database: Database, index: MigrationIndex): Promise<string[]> {
  return withoutForeignKeys(database, () =>
    database.transaction(async (em) => {
      await lockOut(em, database.kind);
      await em.execute(CREATE_TABLE[database.kind]);
      const applied = await appliedNames(em);
      const pending = pendingMigrations(index, applied, database.location);
      for (const name of pending) await applyOne(em, index, name);
      await checkForeignKeys(em, database.kind);
      return pending;
    }),
  );
}

/** Names of the migrations that the database has had, oldest first. The table must exist. */
async function appliedNames(em: SqlEntityManager): Promise<string[]> {
  const rows = await em.execute<{ name: string }[]>(`select name from ${MIGRATION_TABLE} order by id`);
  return rows.map(({ name }) => name);
}

/** SQLite's transaction holds the write lock from its first statement on. */
async function lockOut(em: SqlEntityManager, kind: Database['kind']): Promise<void> {
  if (kind === 'sqlite') return;
  await em.execute(`set local lock_timeout = '${ADVISORY_LOCK_TIMEOUT}'`);
  await em.execute(`select pg_advisory_xact_lock(${ADVISORY_LOCK})`);
}

async function applyOne(em: SqlEntityManager, index: MigrationIndex, name: string): Promise<void> {
  const MigrationClass = await index[name]?.();
  if (MigrationClass === undefined) return;
  const migration = new MigrationClass(em.getDriver(), em.config);
  const context = em.getTransactionContext();
  if (context !== undefined) migration.setTransactionContext(context);
  await migration.up();
  for (const query of migration.getQueries()) await em.execute(query);
  await em.execute(`insert into ${MIGRATION_TABLE} (name) values (?)`, [name]);
}

/**
 * SQLite changes a column by building the table anew and dropping the old one; with foreign keys on, that would
 * delete every row that points to it. They can only be switched outside a transaction.
 */
async function withoutForeignKeys<T>(database: Database, work: () => Promise<T>): Promise<T> {
  if (database.kind !== 'sqlite') return work();
  await database.read().execute('pragma foreign_keys = off');
  try {
    return await work();
  } finally {
    await database.read().execute('pragma foreign_keys = on');
  }
}

async function checkForeignKeys(em: SqlEntityManager, kind: Database['kind']): Promise<void> {
  if (kind !== 'sqlite') return;
  const broken = await em.execute<{ table: string; parent: string }[]>('pragma foreign_key_check');
  const [first] = broken;
  if (first === undefined) return;
  throw new IntermissionError(
    'internal',
    `The migration would leave ${broken.length} rows without what they refer to (${first.table} to ${first.parent}).`,
    { hint: 'Nothing was changed. Please report this.' },
  );
}
