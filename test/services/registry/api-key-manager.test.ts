import { expect, test } from 'vitest';
import type { Intermission } from '../../../src/intermission.ts';
import { describeDatabases } from '../../support/describe-databases.ts';
import { failureOf, openWorkplace } from '../../support/workplace.ts';

const actor = { name: 'ada', source: 'cli' as const };

/** What the log says of the edits of keys, oldest first. */
async function edits(app: Intermission) {
  const rows = await app.logs.byAction('configure').orderBy('id').all();
  return rows
    .filter(({ reason }) => reason?.startsWith('API key'))
    .map(({ reason, actor: by, source, status, changed }) => ({
      reason,
      actor: by,
      source,
      status,
      changed,
    }));
}

describeDatabases((_kind, databases) => {
  const open = async (options: Parameters<typeof openWorkplace>[1] = {}) =>
    openWorkplace(await databases.migratedUrl(), options);

  test('a key is stored sealed, with its account, and the log tells what but not the token', async () => {
    await using place = await open();
    const token = place.emulator.addToken({});
    const { key, report } = await place.app.apiKeys.create(
      { name: ' acme ', apiToken: ` ${token}\n`, description: 'Shops' },
      { actor },
    );
    expect(key).toMatchObject({ name: 'acme', tokenHint: token.slice(-4), isDefault: false, isActive: true });
    expect(key.accountId).toBe(report.accountId);
    expect(JSON.stringify(key)).not.toContain(token);
    const rows = await edits(place.app);
    expect(rows.at(-1)).toEqual({
      reason: 'API key acme added',
      actor: 'ada',
      source: 'cli',
      status: 'success',
      changed: {
        before: null,
        after: {
          name: 'acme',
          description: 'Shops',
          accountId: report.accountId,
          isActive: true,
          isDefault: false,
        },
      },
    });
    expect(JSON.stringify(rows)).not.toContain(token.slice(-8));
  });

  test('an edit that changes nothing leaves no log row', async () => {
    await using place = await open();
    const before = await edits(place.app);
    await place.app.apiKeys.setDefault({ name: 'main' });
    await place.app.apiKeys.activate({ name: 'main' });
    expect(await edits(place.app)).toEqual(before);
  });

  test('set-default, deactivate and activate each leave a row with before and after', async () => {
    await using place = await open();
    await place.app.apiKeys.create({ name: 'acme', apiToken: place.emulator.addToken({}) });
    await place.app.apiKeys.setDefault({ name: 'acme' }, { actor });
    await place.app.apiKeys.deactivate({ name: 'main' }, { actor });
    await place.app.apiKeys.activate({ name: 'main' }, { actor });
    expect((await edits(place.app)).slice(-3).map(({ reason, changed }) => [reason, changed])).toEqual([
      ['API key acme edited', { before: { isDefault: false }, after: { isDefault: true } }],
      ['API key main edited', { before: { isActive: true }, after: { isActive: false } }],
      ['API key main edited', { before: { isActive: false }, after: { isActive: true } }],
    ]);
    expect((await place.app.apiKeys.getDefault()).name).toBe('acme');
  });

  test('the default stays as it is while a site that has no key of its own is closed, unless forced', async () => {
    await using place = await open();
    await place.app.apiKeys.create({ name: 'acme', apiToken: place.emulator.addToken({}) });
    await place.app.sites.update({ domain: 'site-1.example' }, { apiKey: null });
    await place.app.enableMaintenanceForDomain('site-1.example', 'busy');
    const apiToken = place.emulator.addToken({});
    const error = await failureOf(place.app.apiKeys.setDefault({ name: 'acme' }), 'in_use');
    expect(error.message).toContain('site-1.example');
    await failureOf(place.app.apiKeys.create({ name: 'new', apiToken, isDefault: true }), 'in_use');
    expect((await place.app.apiKeys.all()).map(({ name }) => name)).toEqual(['acme', 'main']);
    expect((await place.app.apiKeys.getDefault()).name).toBe('main');
    expect(await place.app.apiKeys.setDefault({ name: 'main' })).toMatchObject({ isDefault: true });

    await place.app.apiKeys.create({ name: 'new', apiToken, isDefault: true }, { force: true });
    expect((await place.app.apiKeys.getDefault()).name).toBe('new');
    await place.app.apiKeys.setDefault({ name: 'acme' }, { force: true });
    expect((await place.app.apiKeys.getDefault()).name).toBe('acme');
    await place.app.disableMaintenanceForDomain('site-1.example');
  });

  test('the only key may be deactivated and becomes the default again when it is activated', async () => {
    await using place = await open();
    const inactive = await place.app.apiKeys.deactivate({ name: 'main' });
    expect(inactive).toMatchObject({ isActive: false, isDefault: false });
    await failureOf(place.app.apiKeys.getDefault(), 'not_found');
    await failureOf(place.app.siteSync('main'), 'validation_failed');
    expect(await place.app.apiKeys.activate({ name: 'main' })).toMatchObject({
      isActive: true,
      isDefault: true,
    });
  });

  test('a removed key moves its sites, those included that used it as the default, and the log names them', async () => {
    await using place = await open();
    await place.app.apiKeys.create({ name: 'acme', apiToken: place.emulator.addToken({}) });
    await place.app.apiKeys.setDefault({ name: 'acme' });
    await failureOf(place.app.apiKeys.remove({ name: 'main' }), 'in_use');
    await failureOf(place.app.apiKeys.remove({ name: 'main' }, { moveTo: 'nobody' }), 'not_found');
    const { movedSites } = await place.app.apiKeys.remove({ name: 'main' }, { moveTo: 'acme' });
    expect(movedSites).toEqual(['site-1.example', 'site-2.example', 'site-3.example']);
    expect((await place.site('site-2.example')).apiKey?.name).toBe('acme');
    expect((await edits(place.app)).at(-1)).toMatchObject({
      reason: 'API key main removed',
      changed: { before: { name: 'main', movedSites, moveTo: 'acme' }, after: null },
    });
  });

  test('a key cannot go while a site of it is closed', async () => {
    await using place = await open();
    await place.app.apiKeys.create({ name: 'acme', apiToken: place.emulator.addToken({}), isDefault: true });
    await place.app.enableMaintenanceForDomain('site-1.example');
    const before = await edits(place.app);
    await failureOf(place.app.apiKeys.deactivate({ name: 'main' }), 'in_use');
    await failureOf(place.app.apiKeys.remove({ name: 'main' }, { moveTo: 'acme' }), 'in_use');
    expect(await edits(place.app)).toEqual(before);
  });

  test('a dry run of every change is checked by the database and keeps nothing', async () => {
    await using place = await open();
    await place.app.apiKeys.create({ name: 'acme', apiToken: place.emulator.addToken({}) });
    const before = [await place.app.apiKeys.all(), await edits(place.app)];
    const dryRun = { dryRun: true };
    const tried = await place.app.apiKeys.create(
      { name: 'new', apiToken: place.emulator.addToken({}), isDefault: true },
      dryRun,
    );
    expect(tried.key).toMatchObject({ name: 'new', isDefault: true });
    expect(await place.app.apiKeys.setDefault({ name: 'acme' }, dryRun)).toMatchObject({ isDefault: true });
    expect(await place.app.apiKeys.deactivate({ name: 'acme' }, dryRun)).toMatchObject({ isActive: false });
    await place.app.apiKeys.remove({ name: 'acme' }, dryRun);
    await failureOf(place.app.apiKeys.deactivate({ name: 'main' }, dryRun), 'in_use');
    expect([await place.app.apiKeys.all(), await edits(place.app)]).toEqual(before);
  });

  test('the use of a key is noted by a sync, a new site and an operation, not by a dry run', async () => {
    await using place = await open();
    const lastUsed = async () => (await place.app.apiKeys.get({ name: 'main' })).lastUsedAt;
    expect(await lastUsed()).toEqual(place.clock.now());
    const uses = [
      () => place.app.syncZones(),
      () => place.app.sites.create({ domain: 'shop.site-1.example' }),
      () => place.app.enableMaintenanceForDomain('site-1.example'),
    ];
    for (const use of uses) {
      place.clock.advance(60_000);
      await place.app.syncZones({ dryRun: true });
      expect(await lastUsed()).not.toEqual(place.clock.now());
      await use();
      expect(await lastUsed()).toEqual(place.clock.now());
    }
  });

  test('the account of a key that saw no zone at first is filled by the first sync or the first site', async () => {
    await using place = await open();
    const accountOf = async (name: string) => (await place.app.apiKeys.get({ name })).accountId;
    for (const name of ['one', 'two']) {
      const apiToken = place.emulator.addToken({ zones: [] });
      await place.app.apiKeys.create({ name, apiToken });
      expect(await accountOf(name)).toBeNull();
      place.emulator.setToken(apiToken, { zones: 'all' });
    }
    await place.app.syncZones({ apiKey: 'one' });
    await place.app.sites.create({ domain: 'shop.site-1.example', apiKey: 'two' });
    const expected = place.emulator.zone('site-1.example').account.id;
    expect([await accountOf('one'), await accountOf('two')]).toEqual([expected, expected]);
  });

  test('a token that was sealed with another secret key is neither opened nor joined by new ones', async () => {
    await using place = await open();
    const other = await place.openAgain({ secretKey: 'cd'.repeat(32) });
    try {
      const apiToken = place.emulator.addToken({});
      await failureOf(other.syncZones(), 'secret_key_mismatch');
      place.emulator.clearRequests();
      await failureOf(other.apiKeys.create({ name: 'new', apiToken }), 'secret_key_mismatch');
      expect(place.emulator.requests()).toEqual([]);
      await other.apiKeys.create({ name: 'new', apiToken }, { force: true });
      await (await other.siteSync('new')).syncZones();
    } finally {
      await other.close();
    }
  });
});
