import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { beforeEach, describe, expect, test } from 'vitest';
import { CloudflareSite } from '../../src/domain/cloudflare-site.ts';
import { openDatabase } from '../../src/persistence/open-database.ts';
import { runInChild } from '../support/child-processes.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

/** A user without rights: root may write anywhere, so these cases run as somebody else. */
const NOBODY = 65_534;
const OPEN_IN_CHILD = `import { openDatabase } from './src/persistence/open-database.ts';
  const error = await openDatabase({ url: process.argv[1], autoMigrate: true }).then(() => undefined, (e) => e);
  console.log(JSON.stringify({ code: error?.code, message: error?.message, hint: error?.hint }));`;

let path: string;
const open = (url = path) => openDatabase({ url, autoMigrate: true, lockTimeoutMs: 200 });
const refusal = (text: string) => ({
  code: 'database_unavailable',
  message: expect.stringContaining(text),
  hint: expect.stringMatching(/.{20}/),
});

async function makeDatabase(): Promise<void> {
  const database = await open();
  await database.transaction((em) => em.execute("insert into heartbeat values ('scheduler', 'me', 1)"));
  await database.close();
}

beforeEach(() => {
  path = join(temporaryDirectory(), 'intermission.db');
});

describe('a file that can be used', () => {
  test('is made with its folder, for this user only', async () => {
    path = join(temporaryDirectory(), 'new', 'data', 'intermission.db');
    await using database = await open();
    expect(database.location).toBe(path);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(statSync(`${path}-wal`).mode & 0o777).toBe(0o600);
    expect(statSync(dirname(path)).mode & 0o777).toBe(0o700);
    expect(statSync(dirname(dirname(path))).mode & 0o777).toBe(0o700);
  });

  test.each(['sqlite:', 'sqlite://', 'file:', 'file://', ''])(
    'is opened by the URL form "%s/path"',
    async (prefix) => {
      await makeDatabase();
      await using database = await open(prefix + path);
      expect(database.kind).toBe('sqlite');
      expect(await database.read().execute('select name from heartbeat')).toEqual([{ name: 'scheduler' }]);
    },
  );

  test('may be memory, which is gone when it is closed', async () => {
    await using database = await open(':memory:');
    expect(await database.read().count(CloudflareSite)).toBe(0);
    expect(existsSync(':memory:')).toBe(false);
  });

  test('may be empty', async () => {
    writeFileSync(path, '');
    await using database = await open();
    expect(await database.read().count(CloudflareSite)).toBe(0);
  });

  test('keeps what was committed when the process was killed before it could close', async () => {
    await makeDatabase();
    const code = `import { openDatabase } from './src/persistence/open-database.ts';
      const database = await openDatabase({ url: process.argv[1], autoMigrate: true });
      await database.transaction((em) => em.execute("insert into heartbeat values ('killed', 'me', 2)"));
      process.kill(process.pid, 'SIGKILL');`;
    await expect(runInChild(code, [path])).rejects.toThrow();
    expect(statSync(`${path}-wal`).size).toBeGreaterThan(0);
    await using database = await open();
    expect(await database.read().execute('select name from heartbeat order by name')).toHaveLength(2);
  });
});

describe('a file that cannot be used is refused and left as it was', () => {
  test('random bytes', async () => {
    const bytes = Buffer.from(Array.from({ length: 5000 }, (_, index) => (index * 31) % 251));
    writeFileSync(path, bytes);
    await expect(open()).rejects.toMatchObject(refusal('is not a SQLite database'));
    expect(readFileSync(path).equals(bytes)).toBe(true);
  });

  test.each([
    ['in the middle', (size: number) => Math.floor(size / 2)],
    ['by one byte', (size: number) => size - 1],
    ['in the header', () => 50],
  ])('truncated %s', async (_where, cut) => {
    await makeDatabase();
    truncateSync(path, cut(statSync(path).size));
    const before = readFileSync(path);
    await expect(open()).rejects.toMatchObject(refusal('is truncated'));
    expect(readFileSync(path).equals(before)).toBe(true);
  });

  test('overwritten behind the header', async () => {
    await makeDatabase();
    const bytes = readFileSync(path).fill(0x5a, 100);
    writeFileSync(path, bytes);
    await expect(open()).rejects.toMatchObject(refusal('is damaged'));
    expect(readFileSync(path).equals(bytes)).toBe(true);
  });

  test.each(['delete', 'wal'])("another program's database (journal mode %s)", async (mode) => {
    const other = new DatabaseSync(path);
    other.exec(`pragma journal_mode = ${mode}; create table notes (text); insert into notes values ('mine')`);
    const before = readFileSync(path);
    await expect(open()).rejects.toMatchObject(refusal('belongs to another program'));
    expect(readFileSync(path).equals(before)).toBe(true);
    expect(other.prepare('select name from sqlite_master').all()).toEqual([{ name: 'notes' }]);
    other.close();
  });

  test('a folder', async () => {
    mkdirSync(path);
    await expect(open()).rejects.toMatchObject(refusal('is not a file'));
  });

  test('a path below a file', async () => {
    writeFileSync(path, 'text');
    await expect(open(join(path, 'intermission.db'))).rejects.toMatchObject(refusal('cannot be used'));
  });

  test.each([
    ['a read-only file', (file: string) => chmodSync(file, 0o444)],
    ['a file in a read-only folder', (file: string) => chmodSync(dirname(file), 0o555)],
    ['an unreadable file', (file: string) => chmodSync(file, 0o000)],
  ])('%s', async (_case, protect) => {
    await makeDatabase();
    chmodSync(dirname(path), 0o777);
    chmodSync(path, 0o666);
    protect(path);
    const error = JSON.parse(await runInChild(OPEN_IN_CHILD, [path], { uid: NOBODY }));
    chmodSync(dirname(path), 0o777);
    expect(error).toMatchObject({ code: 'database_unavailable', message: expect.stringContaining(path) });
    expect(error.hint).toMatch(/writable/);
  });

  test('a new file in a folder that this user may not write to', async () => {
    chmodSync(dirname(path), 0o555);
    const error = JSON.parse(await runInChild(OPEN_IN_CHILD, [path], { uid: NOBODY }));
    expect(error).toMatchObject({ code: 'database_unavailable' });
    expect(existsSync(path)).toBe(false);
  });

  test('an unknown kind of URL, without repeating it', async () => {
    const error = await open('mysql://root:hunter2@localhost/db').catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'validation_failed' });
    expect(JSON.stringify([String(error), error])).not.toContain('hunter2');
  });
});

describe('a file that another process has locked', () => {
  test('is reported as busy when the lock outlasts the time-out', async () => {
    await makeDatabase();
    await using database = await open();
    const other = new DatabaseSync(path);
    other.exec('begin immediate');
    await expect(database.transaction(async () => 1)).rejects.toMatchObject(refusal('is busy'));
    other.exec('commit');
    other.close();
    expect(await database.transaction(async () => 1)).toBe(1);
  });
});
