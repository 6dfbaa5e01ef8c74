import { expect, test } from 'vitest';
import { openDatabase } from '../../../src/persistence/open-database.ts';
import { InstallationRepository } from '../../../src/persistence/repositories/installation-repository.ts';
import { describeDatabases } from '../../support/describe-databases.ts';

describeDatabases((_kind, databases) => {
  const nameOf = async (url: string) => {
    await using database = await openDatabase({ url, autoMigrate: true });
    return await new InstallationRepository(database.read()).instanceId();
  };

  test('each new database gets a name of its own, which stays', async () => {
    const [one, two] = [await databases.emptyUrl(), await databases.emptyUrl()];
    const name = await nameOf(one);
    expect(name).toMatch(/^[0-9a-f]{32}$/);
    expect(await nameOf(one)).toBe(name);
    expect(await nameOf(two)).not.toBe(name);
  });
});
