import { beforeEach, describe, expect, test } from 'vitest';
import type { CloudflareApiKey } from '../../../src/domain/cloudflare-api-key.ts';
import type { Database } from '../../../src/persistence/database.ts';
import { CloudflareApiKeyRepository } from '../../../src/persistence/repositories/cloudflare-api-key-repository.ts';
import { CloudflareSiteRepository } from '../../../src/persistence/repositories/cloudflare-site-repository.ts';
import { describeDatabases } from '../../support/describe-databases.ts';
import { type FakeClock, fakeClock } from '../../support/fake-clock.ts';
import { addKey, addSite } from '../rows.ts';

type Work = (repository: CloudflareApiKeyRepository, key: CloudflareApiKey) => Promise<unknown>;

describeDatabases((_kind, openTestDatabase) => {
  let database: Database;
  let clock: FakeClock;
  const keys = () => new CloudflareApiKeyRepository(database.read(), clock.now);
  const change = (name: string, work: Work) =>
    database.transaction(async (em) => {
      const repository = new CloudflareApiKeyRepository(em, clock.now);
      return work(repository, await repository.get({ name }));
    });
  const remove = (name: string, moveTo?: string) =>
    change(name, async (repository, key) =>
      repository.remove(key, moveTo === undefined ? {} : { moveTo: await repository.get({ name: moveTo }) }),
    );
  /** Names of the keys: "*" marks the default, "-" the inactive ones. */
  const state = async () =>
    (await keys().all()).map((key) => `${key.name}${key.isDefault ? '*' : ''}${key.isActive ? '' : '-'}`);

  beforeEach(async () => {
    database = await openTestDatabase();
    clock = fakeClock('2026-03-01T12:00:00.000Z');
  });

  describe('the default key', () => {
    test('is the first one, asked for or not', async () => {
      await addKey(database, clock.now, 'a');
      await addKey(database, clock.now, 'b');
      expect(await state()).toEqual(['a*', 'b']);
      expect((await keys().getDefault()).name).toBe('a');
      expect((await keys().getActive()).map(({ name }) => name)).toEqual(['a', 'b']);
    });

    test('moves to a new key that asks for it', async () => {
      await addKey(database, clock.now, 'a');
      await addKey(database, clock.now, 'b', { makeDefault: true });
      expect(await state()).toEqual(['a', 'b*']);
    });

    test('moves by setDefault, back and forth', async () => {
      await addKey(database, clock.now, 'a');
      await addKey(database, clock.now, 'b');
      for (const [name, expected] of [
        ['b', ['a', 'b*']],
        ['a', ['a*', 'b']],
        ['a', ['a*', 'b']],
      ] as const) {
        await change(name, (repository, key) => repository.setDefault(key));
        expect(await state()).toEqual(expected);
      }
    });

    test('stays one when several processes move it at once', async () => {
      const names = ['a', 'b', 'c', 'd'];
      for (const name of names) await addKey(database, clock.now, name);
      await Promise.all(names.map((name) => change(name, (repository, key) => repository.setDefault(key))));
      expect((await keys().all()).filter(({ isDefault }) => isDefault)).toHaveLength(1);
    });

    test('is one by the rule of the database itself', async () => {
      await addKey(database, clock.now, 'a');
      await addKey(database, clock.now, 'b');
      const second = database.transaction((em) =>
        em.execute('update cloudflare_api_key set is_default = true'),
      );
      await expect(second).rejects.toMatchObject({
        code: 'already_exists',
        details: { table: 'cloudflare_api_key', columns: ['is_default'] },
      });
    });

    test('cannot be an inactive key', async () => {
      await addKey(database, clock.now, 'a');
      await addKey(database, clock.now, 'b');
      await change('b', (repository, key) => repository.deactivate(key));
      await expect(change('b', (repository, key) => repository.setDefault(key))).rejects.toMatchObject({
        code: 'in_use',
        hint: expect.stringContaining('api-key activate b'),
      });
      expect(await state()).toEqual(['a*', 'b-']);
    });

    test('cannot be deactivated or removed while another key is active', async () => {
      await addKey(database, clock.now, 'a');
      await addKey(database, clock.now, 'b');
      const refused = { code: 'in_use', hint: expect.stringContaining('b') };
      await expect(change('a', (repository, key) => repository.deactivate(key))).rejects.toMatchObject(
        refused,
      );
      await expect(remove('a')).rejects.toMatchObject(refused);
      expect(await state()).toEqual(['a*', 'b']);
    });

    test('may go when it is the last active one, and the next to be activated takes over', async () => {
      await addKey(database, clock.now, 'a');
      await addKey(database, clock.now, 'b');
      await change('b', (repository, key) => repository.deactivate(key));
      await change('a', (repository, key) => repository.deactivate(key));
      expect(await state()).toEqual(['a-', 'b-']);
      expect(await keys().findDefault()).toBeUndefined();
      await expect(keys().getDefault()).rejects.toMatchObject({ code: 'not_found' });
      await change('b', (repository, key) => repository.activate(key));
      await change('a', (repository, key) => repository.activate(key));
      expect(await state()).toEqual(['a', 'b*']);
    });
  });

  describe('a key whose sites are closed', () => {
    test.each([
      ['its own', 'other', { maintenanceActive: true }],
      ['those that use it as the default', 'main', { maintenanceActive: true }],
    ])('can neither be deactivated nor removed: %s', async (_case, name, data) => {
      const main = await addKey(database, clock.now, 'main');
      const other = await addKey(database, clock.now, 'other');
      await addSite(
        database,
        clock.now,
        'a.example',
        name === 'other' ? { ...data, apiKey: other.id } : data,
      );
      const refused = {
        code: 'in_use',
        message: expect.stringContaining('a.example'),
        details: { sites: ['a.example'] },
      };
      await expect(change(name, (repository, key) => repository.deactivate(key))).rejects.toMatchObject(
        refused,
      );
      await expect(remove(name, name === 'other' ? 'main' : 'other')).rejects.toMatchObject(refused);
      expect(main.isDefault).toBe(true);
      expect(await state()).toEqual(['main*', 'other']);
    });

    test('is free when only sites of other keys are closed', async () => {
      await addKey(database, clock.now, 'main');
      await addKey(database, clock.now, 'other');
      await addSite(database, clock.now, 'a.example', { maintenanceActive: true });
      await change('other', (repository, key) => repository.deactivate(key));
      await remove('other');
      expect(await state()).toEqual(['main*']);
    });
  });

  describe('removing a key that sites use', () => {
    beforeEach(async () => {
      await addKey(database, clock.now, 'main');
      const other = await addKey(database, clock.now, 'other');
      await addKey(database, clock.now, 'third');
      await addSite(database, clock.now, 'a.example', { apiKey: other.id });
    });

    test('is refused without another key for them', async () => {
      await expect(remove('other')).rejects.toMatchObject({
        code: 'in_use',
        hint: expect.stringContaining('--move-to'),
        details: { sites: 1 },
      });
      await expect(remove('other', 'other')).rejects.toMatchObject({ code: 'in_use' });
    });

    test('is refused when the other key is inactive', async () => {
      await change('third', (repository, key) => repository.deactivate(key));
      await expect(remove('other', 'third')).rejects.toMatchObject({
        code: 'in_use',
        message: expect.stringContaining('"third"'),
        hint: expect.stringContaining('Activate'),
      });
    });

    test('moves them to the key that is named', async () => {
      await remove('other', 'third');
      const sites = new CloudflareSiteRepository(database.read(), clock.now);
      expect((await sites.withApiKey().get({ domain: 'a.example' })).apiKey?.name).toBe('third');
      expect(await state()).toEqual(['main*', 'third']);
    });

    test('counts the sites that use it as the default', async () => {
      await addSite(database, clock.now, 'b.example');
      for (const name of ['other', 'third'])
        await change(name, (repository, key) => repository.deactivate(key));
      await expect(remove('main')).rejects.toMatchObject({ code: 'in_use', details: { sites: 1 } });
    });
  });

  test('the key of a site is its own, else the default one', async () => {
    await addKey(database, clock.now, 'main');
    const other = await addKey(database, clock.now, 'other');
    const own = await addSite(database, clock.now, 'a.example', { apiKey: other.id });
    const none = await addSite(database, clock.now, 'b.example');
    const found = await keys().findForSites([own, none]);
    expect(found.map((key) => key?.name)).toEqual(['other', 'main']);
  });

  test('a key that does not exist is not_found, and the hint names what is spelt alike', async () => {
    await addKey(database, clock.now, 'production');
    await expect(keys().get({ name: 'prodution' })).rejects.toMatchObject({
      code: 'not_found',
      hint: 'Did you mean production?',
    });
    await expect(keys().get({ name: 'x' })).rejects.toMatchObject({
      hint: expect.stringContaining('api-key list'),
    });
  });

  test('a name that is taken already_exists, when a key is added and when one is renamed', async () => {
    await addKey(database, clock.now, 'a');
    await addKey(database, clock.now, 'b');
    const taken = { code: 'already_exists', details: { constraint: 'cloudflare_api_key(name)' } };
    await expect(addKey(database, clock.now, 'a')).rejects.toMatchObject(taken);
    await expect(
      change('b', (repository, key) => repository.update(key, { name: 'a' })),
    ).rejects.toMatchObject(taken);
  });

  test('a key keeps what is changed, and never shows its token when it is printed as JSON', async () => {
    await addKey(database, clock.now, 'a', { apiToken: 'sealed-text' });
    clock.advance(1000);
    await change('a', (repository, key) =>
      repository.update(key, { lastUsedAt: clock.now(), accountId: 'f'.repeat(32) }),
    );
    const key = await keys().get({ name: 'a' });
    expect(key).toMatchObject({ lastUsedAt: clock.now(), updatedAt: clock.now(), apiToken: 'sealed-text' });
    expect(JSON.stringify(key)).not.toContain('sealed-text');
  });
});
