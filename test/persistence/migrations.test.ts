import { existsSync } from 'node:fs';
import { Migrator } from '@mikro-orm/migrations';
import type { SqlEntityManager } from '@mikro-orm/sql';
import { describe, expect, test } from 'vitest';
import { CloudflareSite } from '../../src/domain/cloudflare-site.ts';
import { MaintenanceLog } from '../../src/domain/maintenance-log.ts';
import { applyMigrations } from '../../src/persistence/apply-migrations.ts';
import type { Database } from '../../src/persistence/database.ts';
import { migrateDatabase } from '../../src/persistence/migrate-database.ts';
import { MIGRATIONS } from '../../src/persistence/migration-state.ts';
import type { MigrationIndex } from '../../src/persistence/migrations/migration-index.ts';
import { openDatabase } from '../../src/persistence/open-database.ts';
import { runInParallel } from '../support/child-processes.ts';
import { describeDatabases } from '../support/describe-databases.ts';
import { addKey, addLog, addSite } from './rows.ts';

const now = () => new Date('2026-01-01T00:00:00.000Z');
const OPEN_IN_CHILD = `import { openDatabase } from './src/persistence/open-database.ts';
  await using database = await openDatabase({ url: process.argv[1], autoMigrate: true });
  await database.transaction((em) =>
    em.execute("insert into maintenance_lock values (?, 't', 'me', 0, 0, 0)", [process.argv[2]]));
  console.log('ok');`;

describeDatabases((kind, openTestDatabase) => {
  test('eight processes that open an empty database at once all succeed', async () => {
    const url = await openTestDatabase.emptyUrl();
    expect(await runInParallel(8, OPEN_IN_CHILD, [url])).toEqual(Array(8).fill('ok'));
    await using database = await openDatabase({ url, autoMigrate: false });
    const names = Object.keys(MIGRATIONS[kind]);
    expect(await appliedNames(database)).toEqual(names);
    expect(await database.read().execute('select zone_id from maintenance_lock')).toHaveLength(8);
  });

  test('the migrations make exactly the tables that the entities describe', async () => {
    const database = await openTestDatabase();
    const { fromDatabase, fromSnapshot } = await schemaDifferences(database, kind);
    expect(fromDatabase).toBe('');
    expect(fromSnapshot).toBe('');
  });

  test('every foreign key has an index that begins with it', async () => {
    const database = await openTestDatabase();
    const columns = await foreignKeyColumns(database);
    expect(columns.length).toBeGreaterThanOrEqual(5);
    const indexed = await leadingIndexColumns(database);
    expect(columns.filter((column) => !indexed.includes(column))).toEqual([]);
  });

  describe('a database that this code does not know', () => {
    test('is refused when it is newer, with or without leave to migrate', async () => {
      const url = await withNewerMigration(openTestDatabase.migratedUrl());
      const refused = {
        code: 'schema_outdated',
        message: expect.stringContaining('Migration29990101000000_later'),
      };
      await expect(openDatabase({ url, autoMigrate: true })).rejects.toMatchObject(refused);
      await expect(openDatabase({ url, autoMigrate: false })).rejects.toMatchObject(refused);
      await expect(migrateDatabase({ url })).rejects.toMatchObject(refused);
      await expect(migrateDatabase({ url, checkOnly: true })).rejects.toMatchObject(refused);
    });

    test('is refused when it is empty and may not be migrated, and stays empty', async () => {
      const url = await openTestDatabase.emptyUrl();
      const names = Object.keys(MIGRATIONS[kind]);
      await expect(openDatabase({ url, autoMigrate: false })).rejects.toMatchObject({
        code: 'schema_outdated',
        hint: expect.stringContaining('intermission migrate'),
      });
      expect(await migrateDatabase({ url, checkOnly: true })).toEqual({ applied: [], pending: names });
      if (kind === 'sqlite') expect(existsSync(url.slice('sqlite:'.length))).toBe(false);
      expect(await migrateDatabase({ url })).toEqual({ applied: names, pending: [] });
      expect(await migrateDatabase({ url })).toEqual({ applied: [], pending: [] });
      await using database = await openDatabase({ url, autoMigrate: false });
      expect(await database.read().count(CloudflareSite)).toBe(0);
    });
  });

  describe('a filled database', () => {
    test('keeps its rows when a migration rebuilds a table that others point to', async () => {
      const database = await openTestDatabase();
      await fill(database);
      expect(await applyMigrations(database, await withMigration(kind, REBUILD[kind]))).toEqual([LATER]);
      const em = database.read();
      expect(await em.count(MaintenanceLog, { site: { domain: 'a.example' } })).toBe(1);
      expect(await em.execute('select note from cloudflare_site')).toEqual([{ note: 'new' }]);
      expect(await em.execute('select name from maintenance_hold')).toEqual([{ name: 'manual' }]);
      await expect(insertOrphan(database)).rejects.toMatchObject({ code: 'internal' });
    });

    test('stays as it was when the last of several statements fails', async () => {
      const database = await openTestDatabase();
      await fill(database);
      const failing = await withMigration(kind, [...REBUILD[kind], 'insert into no_such_table values (1)']);
      await expect(applyMigrations(database, failing)).rejects.toMatchObject({ code: 'internal' });
      const em = database.read();
      expect(await em.count(MaintenanceLog, { site: { domain: 'a.example' } })).toBe(1);
      await expect(em.execute('select note from cloudflare_site')).rejects.toThrow();
      expect(await appliedNames(database)).not.toContain(LATER);
      await expect(insertOrphan(database)).rejects.toMatchObject({ code: 'internal' });
    });

    test('is not migrated when that would leave rows without what they refer to', async () => {
      const database = await openTestDatabase();
      await fill(database);
      const careless = await withMigration(kind, ["delete from cloudflare_api_key where name = 'main'"]);
      const work = applyMigrations(database, careless);
      if (kind === 'sqlite') {
        await expect(work).rejects.toMatchObject({
          code: 'internal',
          message: expect.stringContaining('refer to'),
        });
        expect(await database.read().execute('select name from cloudflare_api_key')).toHaveLength(1);
      } else {
        await work;
        expect(await database.read().execute('select api_key_id from cloudflare_site')).toEqual([
          { api_key_id: null },
        ]);
      }
    });
  });
});

const LATER = 'Migration29990101000000_later';

/** What MikroORM generates for a new column: on SQLite it may have to build the table anew. */
const REBUILD = {
  sqlite: [
    'pragma foreign_keys = off',
    `create table cloudflare_site__copy as select *, 'new' as note from cloudflare_site`,
    'drop table cloudflare_site',
    'create table cloudflare_site (id integer not null primary key autoincrement, domain text not null, note text not null)',
    'insert into cloudflare_site select id, domain, note from cloudflare_site__copy',
    'drop table cloudflare_site__copy',
  ],
  postgresql: [`alter table cloudflare_site add column note text not null default 'new'`],
};

async function fill(database: Database): Promise<void> {
  const key = await addKey(database, now, 'main');
  const site = await addSite(database, now, 'a.example', { apiKey: key.id });
  await addLog(database, now, { site: site.id, domain: site.domain });
  await database.transaction((em) =>
    em.execute(
      "insert into maintenance_hold (site_id, name, source, created_at, updated_at) values (?, 'manual', 'cli', ?, ?)",
      [site.id, now(), now()],
    ),
  );
}

function insertOrphan(database: Database): Promise<unknown> {
  return database.transaction((em) => em.execute('insert into window_site values (4711, 4711)'));
}

/** The real migrations and one more, made of these statements. */
async function withMigration(kind: Database['kind'], statements: string[]): Promise<MigrationIndex> {
  const { Migration } = await import('@mikro-orm/migrations');
  class Later extends Migration {
    override up(): void {
      for (const statement of statements) this.addSql(statement);
    }
  }
  return { ...MIGRATIONS[kind], [LATER]: async () => Later };
}

async function withNewerMigration(url: Promise<string>): Promise<string> {
  await using database = await openDatabase({ url: await url, autoMigrate: false });
  await database.transaction((em) =>
    em.execute('insert into intermission_migration (name) values (?)', [LATER]),
  );
  return url;
}

async function appliedNames(database: Database): Promise<string[]> {
  const rows = await database
    .read()
    .execute<{ name: string }[]>('select name from intermission_migration order by id');
  return rows.map(({ name }) => name);
}

/** SQL that would make the tables, and the snapshot in the repository, those of the entities: empty if they are. */
async function schemaDifferences(database: Database, kind: Database['kind']) {
  const em = database.read();
  const migrator = migratorFor(em, kind);
  const generator = em.config.getExtension<SchemaGenerator>('@mikro-orm/schema-generator');
  const fromDatabase =
    (await generator?.getUpdateSchemaSQL({ wrap: false, dropTables: false })) ?? 'no generator';
  const isOutdated = await migrator.checkSchema();
  return {
    fromDatabase: fromDatabase.trim(),
    fromSnapshot: isOutdated ? 'run npm run migration:create' : '',
  };
}

interface SchemaGenerator {
  getUpdateSchemaSQL(options: { wrap: boolean; dropTables: boolean }): Promise<string>;
}

function migratorFor(em: SqlEntityManager, kind: Database['kind']): Migrator {
  const folder = `${import.meta.dirname}/../../src/persistence/migrations/${kind}`;
  const options = em.config.get('migrations');
  em.config.set('migrations', { ...options, path: folder, pathTs: folder, snapshotName: '.snapshot' });
  return new Migrator(em);
}

async function foreignKeyColumns(database: Database): Promise<string[]> {
  const rows = await database.read().execute<{ name: string }[]>(FOREIGN_KEYS[database.kind]);
  return rows.map(({ name }) => name);
}

async function leadingIndexColumns(database: Database): Promise<string[]> {
  const rows = await database.read().execute<{ name: string }[]>(INDEXES[database.kind]);
  return rows.map(({ name }) => name);
}

const FOREIGN_KEYS = {
  sqlite: `select m.name || '.' || f."from" as name from sqlite_master m, pragma_foreign_key_list(m.name) f`,
  postgresql: `select conrelid::regclass || '.' || attname as name from pg_constraint
    join pg_attribute on attrelid = conrelid and attnum = conkey[1] where contype = 'f'`,
};

const INDEXES = {
  sqlite: `select m.name || '.' || c.name as name from sqlite_master m, pragma_index_list(m.name) i,
    pragma_index_info(i.name) c where c.seqno = 0 and not i.partial`,
  postgresql: `select indrelid::regclass || '.' || attname as name from pg_index
    join pg_attribute on attrelid = indrelid and attnum = indkey[0] where indpred is null`,
};
