import { createHash, randomBytes } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Emulator } from '../../src/emulator/index.ts';
import { databaseUrls } from '../support/describe-databases.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { essence } from '../support/workplace.ts';
import { assertBuilt, NOBODY } from './built-cli.ts';
import { expectRefusal, type Refused } from './refusals.ts';
import { openStage, type Stage, startStageEmulator } from './stage.ts';

const DOMAIN = 'shop.example';
const ENABLE = ['maintenance', 'enable', DOMAIN];
const OTHER_KEY = 'ab'.repeat(32);

let emulator: Emulator;
let stage: Stage;
/** A database with a key and a site, at rest. */
let model: string;
const urls = databaseUrls('sqlite');

beforeAll(async () => {
  assertBuilt();
  emulator = await startStageEmulator();
  emulator.addZone({
    name: DOMAIN,
    rules: [{ pattern: `${DOMAIN}/blog/*`, forwardTo: 'https://blog.example/' }],
  });
  const databaseUrl = await urls.migrated();
  stage = await openStage({ emulator, databaseUrl });
  await stage.app.sites.create({ domain: DOMAIN });
  await stage.app.close();
  model = databaseUrl.replace('sqlite:', '');
});
afterAll(() => emulator.close());

/** A folder of its own with a copy of the database and of the key file. */
function installation(): { file: string; keyFile: string; environment: Record<string, string> } {
  const folder = join(temporaryDirectory(), 'data');
  mkdirSync(folder, { mode: 0o700 });
  const file = join(folder, 'intermission.db');
  const keyFile = join(folder, 'secret.key');
  copyFileSync(model, file);
  copyFileSync(join(stage.dataDir, 'secret.key'), keyFile);
  return { file, keyFile, environment: { DATABASE_URL: `sqlite:${file}`, INTERMISSION_DATA_DIR: folder } };
}

/** Gives a folder and what is in it to the user without powers; a no-op for everybody but root. */
function giveAway(folder: string): void {
  if (process.getuid?.() !== 0) return;
  chmodSync(dirname(folder), 0o711);
  for (const name of ['.', ...readdirSync(folder)]) chownSync(join(folder, name), NOBODY, NOBODY);
}

/** Every file of a folder, named by its bytes. What SQLite puts beside a database that it opens is empty or has no content. */
function contents(folder: string): Record<string, string> {
  const names = readdirSync(folder).filter((name) => !isCompanion(join(folder, name)));
  const hash = (name: string) =>
    createHash('sha256')
      .update(readFileSync(join(folder, name)))
      .digest('hex');
  return Object.fromEntries(names.map((name) => [name, hash(name)]));
}

function isCompanion(path: string): boolean {
  return path.endsWith('-shm') || (path.endsWith('-wal') && statSync(path).size === 0);
}

type Installation = ReturnType<typeof installation>;
interface Case extends Omit<Refused, 'argv'> {
  /** Damages the installation. */
  damage(place: Installation): void;
  powerless?: boolean;
}

const unavailable = { code: 'database_unavailable', exit: 1 } as const;
const mismatch = { code: 'secret_key_mismatch', exit: 4 } as const;

const DATABASES: Case[] = [
  {
    ...unavailable,
    name: 'a database that lost its end',
    damage: ({ file }) => truncateSync(file, 20_000),
    says: 'truncated',
    hint: 'backup',
  },
  {
    ...unavailable,
    name: 'a database that lost nearly all',
    damage: ({ file }) => truncateSync(file, 50),
    hint: /backup|another file/,
  },
  {
    ...unavailable,
    name: 'random bytes',
    damage: ({ file }) => writeFileSync(file, randomBytes(40_000)),
    says: 'not a SQLite database',
    hint: 'DATABASE_URL',
  },
  {
    ...unavailable,
    name: 'a database with random bytes in the middle',
    damage: ({ file }) => {
      const bytes = readFileSync(file);
      randomBytes(bytes.length - 8192).copy(bytes, 4096);
      writeFileSync(file, bytes);
    },
    hint: 'backup',
  },
  {
    ...unavailable,
    name: 'the database of another program',
    damage: ({ file }) => {
      writeFileSync(file, '');
      const other = new DatabaseSync(file);
      other.exec("create table places (url text); insert into places values ('https://example.com/')");
      other.close();
    },
    hint: 'DATABASE_URL',
  },
  {
    ...unavailable,
    name: 'a text file',
    damage: ({ file }) => writeFileSync(file, 'select 1;\n'.repeat(500)),
    hint: 'DATABASE_URL',
  },
  {
    ...unavailable,
    name: 'a folder that nobody may write to',
    damage: ({ file }) => {
      giveAway(dirname(file));
      chmodSync(dirname(file), 0o555);
    },
    powerless: true,
    hint: 'writable',
  },
  {
    ...unavailable,
    name: 'a file that may only be read',
    damage: ({ file }) => {
      giveAway(dirname(file));
      chmodSync(file, 0o444);
    },
    powerless: true,
    hint: 'writable',
  },
];

const KEYS: Case[] = [
  {
    ...mismatch,
    name: 'another secret key in the environment',
    damage: () => undefined,
    environment: { INTERMISSION_SECRET_KEY: OTHER_KEY },
    secret: OTHER_KEY,
  },
  {
    ...mismatch,
    name: 'another secret key in the file',
    damage: ({ keyFile }) => writeFileSync(keyFile, `${OTHER_KEY}\n`),
    secret: OTHER_KEY,
  },
  {
    code: 'validation_failed',
    exit: 2,
    name: 'a key file with something else in it',
    damage: ({ keyFile }) => writeFileSync(keyFile, 'hunter2-hunter2'),
    hint: '64 hex characters',
    secret: 'hunter2',
  },
  {
    ...mismatch,
    name: 'a key file that others may read',
    damage: ({ keyFile }) => chmodSync(keyFile, 0o644),
    hint: 'chmod 600',
  },
  {
    ...mismatch,
    name: 'a key file that this user may not read',
    damage: ({ keyFile }) => {
      giveAway(dirname(keyFile));
      chmodSync(keyFile, 0o000);
    },
    powerless: true,
    says: 'cannot be read',
  },
  {
    ...mismatch,
    name: 'a key file that is a folder',
    damage: ({ keyFile }) => {
      writeFileSync(keyFile, '');
    },
    environment: { INTERMISSION_SECRET_KEY_FILE: '/' },
  },
  {
    ...mismatch,
    name: 'a key file that is missing',
    damage: () => undefined,
    environment: { INTERMISSION_SECRET_KEY_FILE: '/nowhere/secret.key' },
    says: 'does not exist',
  },
];

async function refuse({ damage, powerless = false, ...row }: Case, place: Installation): Promise<void> {
  damage(place);
  const environment = { ...place.environment, ...row.environment };
  const before = essence(emulator.rules(DOMAIN));
  emulator.clearRequests();
  const refused = { argv: ENABLE, ...row, environment, options: { powerless } };
  await expectRefusal(stage, refused, [emulator.token]);
  expect(essence(emulator.rules(DOMAIN))).toEqual(before);
  expect(emulator.requests()).toEqual([]);
}

test.each(DATABASES)('$name is refused and not touched', async (row) => {
  const place = installation();
  row.damage(place);
  const bytes = contents(dirname(place.file));
  await refuse({ ...row, damage: () => undefined }, place);
  expect(contents(dirname(place.file))).toEqual(bytes);
});

test('a folder in place of the database is refused and nothing is made in it', async () => {
  const place = installation();
  const folder = join(dirname(place.file), 'folder.db');
  mkdirSync(folder);
  const environment = { DATABASE_URL: `sqlite:${folder}` };
  await refuse(
    { ...unavailable, name: '', damage: () => undefined, environment, hint: 'DATABASE_URL' },
    place,
  );
  expect(readdirSync(folder)).toEqual([]);
});

test('no new database is made in a folder that nobody may write to', async () => {
  const place = installation();
  giveAway(dirname(place.file));
  chmodSync(dirname(place.file), 0o555);
  const file = join(dirname(place.file), 'deeper', 'new.db');
  const environment = { DATABASE_URL: `sqlite:${file}` };
  const row = {
    ...unavailable,
    name: '',
    damage: () => undefined,
    environment,
    powerless: true,
    hint: 'writable',
  };
  await refuse(row, place);
  expect(existsSync(dirname(file))).toBe(false);
});

test.each(KEYS)('$name is refused, and only a failed row is written', async (row) => {
  const place = installation();
  await refuse(row, place);
  const database = new DatabaseSync(place.file, { readOnly: true });
  const count = (sql: string) => database.prepare(sql).get();
  expect(count('select maintenance_active as active, edge_state as state from cloudflare_site')).toEqual({
    active: 0,
    state: null,
  });
  expect(count('select count(*) as n from maintenance_hold')).toEqual({ n: 0 });
  expect(
    count("select count(*) as n from maintenance_log where action = 'enable' and status <> 'failed'"),
  ).toEqual({
    n: 0,
  });
  expect(
    count("select group_concat(distinct error_code) as codes from maintenance_log where status = 'failed'"),
  ).toEqual({
    codes: row.code,
  });
  database.close();
});
