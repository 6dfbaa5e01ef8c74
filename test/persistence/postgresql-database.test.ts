import { expect, test } from 'vitest';
import { Heartbeat } from '../../src/domain/supporting.ts';
import { openDatabase } from '../../src/persistence/open-database.ts';
import { databaseUrls } from '../support/describe-databases.ts';

const urls = databaseUrls('postgresql');
const open = (url: string) => openDatabase({ url, autoMigrate: true });
const refusal = (text: string) => ({
  code: 'database_unavailable',
  message: expect.stringContaining(text),
  hint: expect.stringMatching(/.{20}/),
});

test('the location shows user, host and name, and never the password', async () => {
  const url = await urls.empty();
  await using database = await open(url);
  const { host, pathname } = new URL(url);
  expect(database.location).toBe(`postgresql://postgres@${host}${pathname}`);
});

test('a wrong password is refused, and neither it nor the right one is repeated', async () => {
  const url = new URL(await urls.empty());
  url.password = 'hunter2';
  const error = await open(url.href).catch((reason: unknown) => reason);
  expect(error).toMatchObject(refusal('refused the user name or password'));
  const everything = [error, (error as Error).cause]
    .map((part) => `${String(part)} ${JSON.stringify(part)}`)
    .join();
  expect(everything).not.toMatch(/hunter2|test-password/);
});

test('a server that is not there is unreachable', async () => {
  await expect(open('postgresql://me:hunter2@127.0.0.1:1/intermission')).rejects.toMatchObject(
    refusal('postgresql://me@127.0.0.1:1/intermission cannot be reached'),
  );
});

test('a host that cannot be resolved is unreachable', async () => {
  await expect(open('postgresql://me@no-such-host.invalid/intermission')).rejects.toMatchObject(
    refusal('cannot be reached'),
  );
});

test('a database that does not exist is refused, not created', async () => {
  const url = new URL(await urls.empty());
  url.pathname = '/misspelt';
  await expect(open(url.href)).rejects.toMatchObject(refusal('does not exist'));
  await expect(open(url.href)).rejects.toMatchObject(refusal('does not exist'));
});

test('a database that may be read only is refused when it has to be migrated', async () => {
  const url = new URL(await urls.empty());
  url.searchParams.set('options', '-c default_transaction_read_only=on');
  await expect(open(url.href)).rejects.toMatchObject(refusal('is read-only'));
});

test('connections that break in a transaction are reported, and do not use up the pool', async () => {
  await using database = await open(await urls.migrated());
  for (let round = 0; round < 12; round += 1) {
    const work = database.transaction((em) => em.execute('select pg_terminate_backend(pg_backend_pid())'));
    await expect(work).rejects.toMatchObject({ code: 'database_unavailable' });
  }
  expect(await database.transaction((em) => em.count(Heartbeat))).toBe(0);
});

test('a row that stays locked for too long is reported as busy', async () => {
  const url = await urls.migrated();
  await using holder = await open(url);
  await using waiter = await openDatabase({ url, autoMigrate: false, lockTimeoutMs: 100 });
  const sql = 'select pg_advisory_xact_lock(7)';
  await holder.transaction(async (em) => {
    await em.execute(sql);
    await expect(waiter.transaction((other) => other.execute(sql))).rejects.toMatchObject(refusal('is busy'));
  });
});
