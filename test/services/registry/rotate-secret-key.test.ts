import { existsSync, linkSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { expect, test } from 'vitest';
import { CloudflareApiKey } from '../../../src/domain/cloudflare-api-key.ts';
import { adoptNextSecretKey } from '../../../src/persistence/next-secret-key.ts';
import { TokenVault } from '../../../src/services/registry/token-vault.ts';
import { runInChild, runInParallel } from '../../support/child-processes.ts';
import { describeDatabases } from '../../support/describe-databases.ts';
import { failureOf, openWorkplace, type Workplace } from '../../support/workplace.ts';

const OLD = '1f'.repeat(32);
const NEW = '2e'.repeat(32);

/** Runs the change in a process of its own that kills itself at a point. */
const KILLED = `
  import { openDatabase } from './src/persistence/open-database.ts';
  import { rotateSecretKey } from './src/services/registry/rotate-secret-key.ts';
  const [url, keyFile, point] = process.argv.slice(1);
  const at = (name) => { if (name === point) process.kill(process.pid, 'SIGKILL'); };
  const database = await openDatabase({ url, autoMigrate: false });
  let count = 0;
  const read = () => database.read();
  const transaction = async (work) => {
    count += 1;
    const name = count === 1 ? 'sealing' : 'adopting';
    at('before ' + name);
    const result = await database.transaction(async (em) => {
      const found = await work(em);
      await em.flush();
      at('before the commit of ' + name);
      return found;
    });
    at('after ' + name);
    return result;
  };
  await rotateSecretKey(
    { database: { read, transaction }, now: () => new Date(), source: { value: undefined, keyFile } },
    {},
  );`;

/** Changes the secret key, stores a token, and changes the secret key again. */
const CHANGING = `
  import { openDatabase } from './src/persistence/open-database.ts';
  import { CloudflareApiKeyRepository } from './src/persistence/repositories/cloudflare-api-key-repository.ts';
  import { rotateSecretKey } from './src/services/registry/rotate-secret-key.ts';
  import { TokenVault } from './src/services/registry/token-vault.ts';
  const [url, keyFile, token, index] = process.argv.slice(1);
  await using database = await openDatabase({ url, autoMigrate: false });
  const now = () => new Date();
  const source = { value: undefined, keyFile };
  const vault = new TokenVault(database, source);
  await rotateSecretKey({ database, now, source }, {});
  await database.transaction(async (em) => {
    const keys = new CloudflareApiKeyRepository(em, now);
    await keys.lock();
    await keys.create({ name: 'k' + index, ...(await vault.seal(em, token)) });
  });
  await rotateSecretKey({ database, now, source }, {});`;

const POINTS = ['sealing', 'adopting'].flatMap((name) => [
  `before ${name}`,
  `before the commit of ${name}`,
  `after ${name}`,
]);

function keyFileOf({ app }: Workplace): string {
  return app.config.secretKeyFile;
}

/** Uses every stored token at Cloudflare, by an application that has read nothing so far. */
async function useAll(place: Workplace, options = {}): Promise<string[]> {
  await using fresh = await place.openAgain(options);
  const keys = await fresh.apiKeys.all();
  for (const { name } of keys) await fresh.checkToken(name);
  return keys.map(({ name }) => name).sort();
}

describeDatabases((_kind, databases) => {
  async function open() {
    const url = await databases.migratedUrl();
    const place = await openWorkplace(url);
    await place.app.apiKeys.create({ name: 'acme', apiToken: place.emulator.addToken({}) });
    return { place, url };
  }

  test('every token is sealed with a new key, and the old one is gone', async () => {
    const { place } = await open();
    await using _ = place;
    const before = readFileSync(keyFileOf(place), 'utf8');
    const sealed = (await place.app.apiKeys.all()).map(({ apiToken }) => apiToken);
    const rotation = await place.app.apiKeys.rotateSecretKey({ actor: { name: 'ada', source: 'cli' } });
    expect(rotation).toEqual({ tokens: 2, resealed: 2, keyFile: keyFileOf(place) });
    expect(readFileSync(keyFileOf(place), 'utf8')).not.toBe(before);
    expect(statSync(keyFileOf(place)).mode & 0o777).toBe(0o600);
    expect(readdirSync(dirname(keyFileOf(place))).filter((name) => name.includes('secret'))).toEqual([
      'secret.key',
    ]);
    const now = (await place.app.apiKeys.all()).map(({ apiToken }) => apiToken);
    expect(now.filter((token) => sealed.includes(token))).toEqual([]);
    expect(await useAll(place)).toEqual(['acme', 'main']);
    const [row] = await place.app.logs.byAction('configure').orderBy('-id').limit(1).all();
    expect(row).toMatchObject({ reason: 'Secret key changed: 2 tokens sealed anew', actor: 'ada' });
  });

  test('a process that has read the old key goes on with the new one', async () => {
    const { place } = await open();
    await using _ = place;
    await using other = await place.openAgain();
    await other.checkToken('main');
    await place.app.apiKeys.rotateSecretKey();
    await other.apiKeys.create({ name: 'late', apiToken: place.emulator.addToken({}) });
    await other.checkToken('main');
    expect(await useAll(place)).toEqual(['acme', 'late', 'main']);
  });

  test('a token that was read before the change opens after it', async () => {
    const { place } = await open();
    await using _ = place;
    const read = await place.app.apiKeys.get({ name: 'main' });
    const { secretKeyFile: keyFile } = place.app.config;
    await place.app.apiKeys.rotateSecretKey();
    const vault = new TokenVault(place.app.database, { value: undefined, keyFile });
    expect(await vault.open(read)).toBe(place.emulator.token);
  });

  test('what a killed process has left of the key in force is taken away with the next change', async () => {
    const { place } = await open();
    await using _ = place;
    const leftovers = ['', '.next'].map((of) => `${keyFileOf(place)}${of}.0123456789ab`);
    for (const leftover of leftovers) linkSync(keyFileOf(place), leftover);
    await place.app.apiKeys.rotateSecretKey();
    expect(leftovers.filter((leftover) => existsSync(leftover))).toEqual([]);
    expect(await useAll(place)).toEqual(['acme', 'main']);
  });

  test('a next key that cannot take the place of the old one is said, and nothing is lost', async () => {
    const { place } = await open();
    await using _ = place;
    const next = `${keyFileOf(place)}.next`;
    // As a key file that is mounted by itself: it can be read, and not be replaced.
    rmSync(keyFileOf(place));
    mkdirSync(keyFileOf(place));
    expect(() => adoptNextSecretKey(keyFileOf(place))).toThrow(
      expect.objectContaining({ code: 'secret_key_mismatch', message: expect.stringContaining(next) }),
    );
  });

  test.each(POINTS)(
    'killed %s: every token opens, keys can be added, and the next run finishes',
    async (point) => {
      const { place, url } = await open();
      await using _ = place;
      const killed = runInChild(KILLED, [url, keyFileOf(place), point]);
      await expect(killed).rejects.toThrow('The child ended with null');
      expect(await useAll(place)).toEqual(['acme', 'main']);
      await using fresh = await place.openAgain();
      await fresh.apiKeys.create({ name: 'late', apiToken: place.emulator.addToken({}) });
      expect(await useAll(place)).toEqual(['acme', 'late', 'main']);
      expect((await fresh.apiKeys.rotateSecretKey()).tokens).toBe(3);
      expect(existsSync(`${keyFileOf(place)}.next`)).toBe(false);
      expect(await useAll(place)).toEqual(['acme', 'late', 'main']);
    },
  );

  test('several processes that change it, and add keys meanwhile: every token opens in the end', async () => {
    const { place, url } = await open();
    await using _ = place;
    await runInParallel(3, CHANGING, [url, keyFileOf(place), place.emulator.addToken({})]);
    expect(await useAll(place)).toEqual(['acme', 'k0', 'k1', 'k2', 'main']);
    expect(existsSync(`${keyFileOf(place)}.next`)).toBe(false);
  }, 60_000);

  test('a token that does not open stops everything before a key is made', async () => {
    const { place } = await open();
    await using _ = place;
    await place.app.database.transaction(async (em) => {
      const key = await em.findOneOrFail(CloudflareApiKey, { name: 'acme' });
      key.sealId = '00000000-0000-4000-8000-000000000000';
    });
    const before = readFileSync(keyFileOf(place), 'utf8');
    const error = await failureOf(place.app.apiKeys.rotateSecretKey(), 'secret_key_mismatch');
    expect(error.message).toContain('"acme"');
    expect(readFileSync(keyFileOf(place), 'utf8')).toBe(before);
    expect(existsSync(`${keyFileOf(place)}.next`)).toBe(false);
  });

  test('a dry run counts and changes nothing', async () => {
    const { place } = await open();
    await using _ = place;
    const state = async () =>
      JSON.stringify([
        readFileSync(keyFileOf(place), 'utf8'),
        existsSync(`${keyFileOf(place)}.next`),
        (await place.app.apiKeys.all()).map(({ apiToken }) => apiToken),
        await place.app.logs.count(),
      ]);
    const before = await state();
    expect(await place.app.apiKeys.rotateSecretKey({ dryRun: true })).toMatchObject({
      tokens: 2,
      resealed: 2,
    });
    expect(await state()).toBe(before);
  });

  test('a key in the variable is changed to the one that is given, and again without harm', async () => {
    const url = await databases.migratedUrl();
    await using place = await openWorkplace(url, { app: { secretKey: OLD } });
    const { apiKeys } = place.app;
    await failureOf(apiKeys.rotateSecretKey(), 'validation_failed');
    await failureOf(apiKeys.rotateSecretKey({ newKey: OLD }), 'validation_failed');
    const refused = await failureOf(apiKeys.rotateSecretKey({ newKey: 'abc' }), 'validation_failed');
    expect(refused.message).not.toContain('abc');
    expect(await useAll(place)).toEqual(['main']);
    expect(await apiKeys.rotateSecretKey({ newKey: NEW })).toEqual({ tokens: 1, resealed: 1, keyFile: null });
    // The variable is still the old one: nothing is lost by repeating.
    expect(await apiKeys.rotateSecretKey({ newKey: NEW })).toEqual({ tokens: 1, resealed: 0, keyFile: null });
    expect(await useAll(place, { secretKey: NEW })).toEqual(['main']);
    await failureOf(useAll(place, { secretKey: OLD }), 'secret_key_mismatch');
    expect(existsSync(keyFileOf(place))).toBe(false);
  });

  test('a new key is not taken where the key is in a file', async () => {
    const { place } = await open();
    await using _ = place;
    await failureOf(place.app.apiKeys.rotateSecretKey({ newKey: NEW }), 'validation_failed');
  });
});
