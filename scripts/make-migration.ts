import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Migrator } from '@mikro-orm/migrations';
import { PostgreSqlDriver } from '@mikro-orm/postgresql';
import { MikroORM, SqliteDriver } from '@mikro-orm/sql';
import { ENTITIES } from '../src/persistence/entities.ts';

/*
 * Writes the migrations from the last snapshot to the entities, for both databases; none has to run.
 *   npm run migration:create -- add-site-owner
 *   npm run migration:create -- initial --from-nothing     (throws away all there are; before a first release only)
 */
const ROOT = join(import.meta.dirname, '../src/persistence/migrations');
const SNAPSHOT = '.snapshot';
const KINDS = ['sqlite', 'postgresql'] as const;
const HEADER =
  '// biome-ignore-all lint/complexity/noExcessiveLinesPerFunction: one statement per table, generated\n';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { 'from-nothing': { type: 'boolean', default: false } },
});
const [name] = positionals;
if (name === undefined || !/^[a-z][a-z0-9-]*$/.test(name)) {
  console.error('Usage: npm run migration:create -- name-in-kebab-case [--from-nothing]');
  process.exit(2);
}
for (const kind of KINDS) {
  const folder = join(ROOT, kind);
  if (values['from-nothing']) removeMigrations(folder);
  console.log(`${kind}: ${(await createMigration(kind, folder, name)) || 'no change'}`);
  writeIndex(folder);
}
spawnSync('npx', ['biome', 'check', '--write', '--log-level=error', ROOT], { stdio: 'inherit' });

function removeMigrations(folder: string): void {
  for (const file of migrationsIn(folder)) rmSync(join(folder, `${file}.ts`));
  rmSync(join(folder, `${SNAPSHOT}.json`), { force: true });
}

async function createMigration(kind: (typeof KINDS)[number], folder: string, label: string): Promise<string> {
  const snapshot = join(folder, `${SNAPSHOT}.json`);
  // With a snapshot the difference is computed without a database.
  if (!existsSync(snapshot)) writeFileSync(snapshot, JSON.stringify({ tables: [], namespaces: [] }));
  const options = {
    dbName: 'unused',
    entities: ENTITIES,
    extensions: [Migrator],
    migrations: { path: folder, pathTs: folder, emit: 'ts' as const, snapshotName: SNAPSHOT },
  };
  const orm =
    kind === 'sqlite'
      ? new MikroORM({ ...options, driver: SqliteDriver })
      : new MikroORM({ ...options, driver: PostgreSqlDriver });
  const { fileName, code } = await orm.migrator.create(undefined, false, false, label.replaceAll('-', '_'));
  if (fileName !== '') writeFileSync(join(folder, fileName), HEADER + code);
  return fileName;
}

function writeIndex(folder: string): void {
  const lines = migrationsIn(folder).map(
    (file) => `  ${file}: async () => (await import('./${file}.ts')).${file},`,
  );
  writeFileSync(
    join(folder, 'index.ts'),
    `// Written by scripts/make-migration.ts.\nimport type { MigrationIndex } from '../migration-index.ts';\n\n` +
      `export const MIGRATIONS: MigrationIndex = {\n${lines.join('\n')}\n};\n`,
  );
}

/** File names without ending, oldest first: each is also the name of the class in it. */
function migrationsIn(folder: string): string[] {
  return readdirSync(folder)
    .filter((file) => /^Migration\d+_\w+\.ts$/.test(file))
    .map((file) => file.slice(0, -3))
    .sort();
}
