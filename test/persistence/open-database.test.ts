import { expect, test } from 'vitest';
import { CloudflareSite } from '../../src/domain/cloudflare-site.ts';
import { openDatabase } from '../../src/persistence/open-database.ts';
import { describeDatabases } from '../support/describe-databases.ts';

describeDatabases((kind, openTestDatabase) => {
  test('an empty database gets its tables when it is opened', async () => {
    await using database = await openDatabase({ url: await openTestDatabase.emptyUrl(), autoMigrate: true });
    expect(database.kind).toBe(kind);
    expect(await database.read().count(CloudflareSite)).toBe(0);
  });

  test('what a transaction throws rolls it back', async () => {
    const database = await openTestDatabase();
    const now = new Date('2026-01-01T00:00:00.123Z');
    const create = () =>
      database.transaction(async (em) => {
        em.create(CloudflareSite, {
          name: 'Shop',
          domain: 'shop.example',
          openPaths: [],
          bypassIps: [],
          brand: {},
          createdAt: now,
          updatedAt: now,
        });
        await em.flush();
        throw new Error('stop');
      });
    await expect(create()).rejects.toThrow('stop');
    expect(await database.read().count(CloudflareSite)).toBe(0);
  });
});
