import { type DriverException, MikroORM } from '@mikro-orm/sql';
import type { Backend } from './backend.ts';
import { MIGRATION_TABLE } from './migration-state.ts';
import { commonOrmOptions } from './orm-options.ts';
import { ReleasingPostgresqlDriver } from './postgresql-driver.ts';
import { convertPostgresqlError } from './postgresql-errors.ts';

export interface PostgresqlOptions {
  url: string;
  /** The URL without its password, for messages. */
  label: string;
  /** How long a statement waits for a row or table that another transaction has locked. */
  lockTimeoutMs: number;
}

const CONNECT_TIMEOUT_MS = 10_000;

/**
 * Opens a PostgreSQL database with a small pool. The driver is loaded here and nowhere else.
 *
 * @throws IntermissionError `database_unavailable`.
 */
export async function openPostgresql(options: PostgresqlOptions): Promise<Backend> {
  const convertError = (error: unknown) => convertPostgresqlError(error, options.label);
  const orm = createOrm(options, convertError);
  return {
    kind: 'postgresql',
    label: options.label,
    orm,
    applied: () => readApplied(orm),
    convertError,
  };
}

function createOrm(options: PostgresqlOptions, convertError: (error: unknown) => unknown): MikroORM {
  class Driver extends ReleasingPostgresqlDriver {
    override convertException(error: Error): DriverException {
      return convertError(error) as DriverException;
    }
  }
  return new MikroORM({
    driver: Driver,
    clientUrl: options.url,
    driverOptions: {
      // MikroORM takes host, port, user and database from the URL and drops the rest, sslmode among it.
      connectionString: options.url,
      application_name: 'intermission',
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      lock_timeout: options.lockTimeoutMs,
      onConnect: waitForDisk,
      keepAlive: true,
    },
    pool: { min: 0, max: 5, idleTimeoutMillis: 30_000 },
    // The server's administrator makes databases; a misspelt name must not become one.
    ensureDatabase: false,
    ...commonOrmOptions(),
  });
}

/** A snapshot must be on disk before its rule is written over, whatever server, role or database are set to. */
async function waitForDisk(client: { query(sql: string): Promise<unknown> }): Promise<void> {
  await client.query(WAIT_FOR_DISK);
}

/** What waits for more than the disk stays as it is. */
const WAIT_FOR_DISK = `
  select set_config('synchronous_commit', 'on', false) where current_setting('synchronous_commit') = 'off'`;

async function readApplied(orm: MikroORM): Promise<string[]> {
  const em = orm.em.fork();
  const [table] = await em.execute<{ present: boolean }[]>(
    `select to_regclass('${MIGRATION_TABLE}') is not null as present`,
  );
  if (table?.present !== true) return [];
  const rows = await em.execute<{ name: string }[]>(`select name from ${MIGRATION_TABLE} order by id`);
  return rows.map(({ name }) => name);
}
