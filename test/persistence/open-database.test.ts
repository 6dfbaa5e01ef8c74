import { describe, expect, test } from 'vitest';
import { Heartbeat } from '../../src/domain/supporting.ts';
import type { Database } from '../../src/persistence/database.ts';
import { openDatabase } from '../../src/persistence/open-database.ts';
import { HeartbeatRepository } from '../../src/persistence/repositories/heartbeat-repository.ts';
import { describeDatabases } from '../support/describe-databases.ts';

const now = () => new Date('2026-01-01T00:00:00.123Z');
const beat = (database: Database, name: string) =>
  database.transaction((em) => new HeartbeatRepository(em, now).beat(name, 'test'));
const count = (database: Database) => database.read().count(Heartbeat);

describeDatabases((kind, openTestDatabase) => {
  test('an empty database gets its tables when it is opened', async () => {
    await using database = await openDatabase({ url: await openTestDatabase.emptyUrl(), autoMigrate: true });
    expect(database.kind).toBe(kind);
    expect(await count(database)).toBe(0);
    await expect(database.ping()).resolves.toBeUndefined();
  });

  test('what was stored is there when it is opened again', async () => {
    const url = await openTestDatabase.emptyUrl();
    const first = await openDatabase({ url, autoMigrate: true });
    await beat(first, 'a');
    await first.close();
    await using second = await openDatabase({ url, autoMigrate: false });
    expect(await second.read().findOne(Heartbeat, { name: 'a' })).toMatchObject({
      owner: 'test',
      beatAt: now(),
    });
  });

  test('a closed database answers nothing, and closing it twice does no harm', async () => {
    const database = await openTestDatabase();
    await database.close();
    await database.close();
    await expect(database.ping()).rejects.toMatchObject({ code: 'internal', hint: 'Open it again.' });
  });

  describe('a transaction', () => {
    test('returns what its work returns, and commits', async () => {
      const database = await openTestDatabase();
      expect(await database.transaction(async (em) => em.isInTransaction())).toBe(true);
      await beat(database, 'a');
      expect(await count(database)).toBe(1);
    });

    test('is rolled back when its work throws, and the error comes out as it was', async () => {
      const database = await openTestDatabase();
      const error = new Error('stop');
      const work = database.transaction(async (em) => {
        await new HeartbeatRepository(em, now).beat('a', 'test');
        throw error;
      });
      await expect(work).rejects.toBe(error);
      expect(await count(database)).toBe(0);
    });

    test('refuses to be used beside its own entity manager, instead of waiting for ever', async () => {
      const database = await openTestDatabase();
      const refused = { code: 'internal', hint: expect.stringContaining('entity manager') };
      await expect(database.transaction(async () => database.read())).rejects.toMatchObject(refused);
      await expect(database.transaction(() => beat(database, 'a'))).rejects.toMatchObject(refused);
      await beat(database, 'b');
      expect(await count(database)).toBe(1);
    });

    test('does not hinder work that it started and that goes on after its end', async () => {
      const database = await openTestDatabase();
      let later: Promise<void> | undefined;
      const { promise: ended, resolve: end } = Promise.withResolvers<void>();
      await database.transaction(async () => {
        later = ended.then(() => beat(database, 'later'));
      });
      end();
      await later;
      expect(await count(database)).toBe(1);
    });

    test('takes its turn: twenty at once that read and write the same row lose nothing', async () => {
      const database = await openTestDatabase();
      await database.transaction((em) =>
        em.execute("insert into maintenance_lock values ('z', 't', '0', 0, 0, 0)"),
      );
      const increment = () =>
        database.transaction(async (em) => {
          const lock = kind === 'sqlite' ? '' : 'for update';
          const [row] = await em.execute<{ owner: string }[]>(`select owner from maintenance_lock ${lock}`);
          await em.execute('update maintenance_lock set owner = ?', [String(Number(row?.owner) + 1)]);
        });
      await Promise.all(Array.from({ length: 20 }, increment));
      expect(await database.read().execute('select owner from maintenance_lock')).toEqual([{ owner: '20' }]);
    });

    test('of one database inside that of another keeps to its own', async () => {
      const [outer, inner] = [await openTestDatabase(), await openTestDatabase()];
      await outer.transaction(async (em) => {
        await beat(inner, 'inner');
        await new HeartbeatRepository(em, now).beat('outer', 'test');
      });
      expect((await outer.read().find(Heartbeat, {})).map(({ name }) => name)).toEqual(['outer']);
      expect((await inner.read().find(Heartbeat, {})).map(({ name }) => name)).toEqual(['inner']);
    });
  });

  test('the clock is that of the database: whole milliseconds that go on during a transaction', async () => {
    const database = await openTestDatabase();
    const before = Date.now();
    const [first, second] = await database.transaction(async (em) => {
      const start = await database.nowMs(em);
      while ((await database.nowMs(em)) === start);
      return [start, await database.nowMs(em)];
    });
    expect(Number.isInteger(first)).toBe(true);
    expect(first).toBeGreaterThanOrEqual(before - 1);
    expect(second).toBeGreaterThan(first);
    expect(second).toBeLessThanOrEqual(Date.now() + 1);
  });

  test('an error of the database is one of ours, without the values of the row', async () => {
    const database = await openTestDatabase();
    const insert = (name: string | null) =>
      database.transaction((em) =>
        em.execute("insert into heartbeat (name, owner, beat_at) values (?, 'secret-value', null)", [name]),
      );
    const error = await insert('a').catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'internal', message: expect.stringContaining('beat_at') });
    expect(JSON.stringify([String(error), error, String((error as Error).cause)])).not.toContain(
      'secret-value',
    );
  });
});
