import { expect, test } from 'vitest';
import { CloudflareApiKey } from '../../../src/domain/cloudflare-api-key.ts';
import { describeDatabases } from '../../support/describe-databases.ts';
import { failureOf, openWorkplace, type Workplace } from '../../support/workplace.ts';

const MAIN = { name: 'main' };

/** What is stored of the key, sealed token included. */
async function stored({ app }: Workplace): Promise<string> {
  return JSON.stringify([
    await app.apiKeys.get(MAIN),
    (await app.apiKeys.get(MAIN)).apiToken,
    await app.logs.count(),
  ]);
}

describeDatabases((_kind, databases) => {
  const open = async () => openWorkplace(await databases.migratedUrl());

  test('a token that sees the same takes the place of the old one, and the log tells nothing of either', async () => {
    await using place = await open();
    const token = place.emulator.addToken({});
    const before = await place.app.apiKeys.get(MAIN);
    const rotation = await place.app.apiKeys.rotate(MAIN, ` ${token}\n`, {
      actor: { name: 'ada', source: 'cli' },
    });
    expect(rotation).toMatchObject({
      changed: true,
      lost: [],
      key: { name: 'main', tokenHint: token.slice(-4) },
    });
    const after = await place.app.apiKeys.get(MAIN);
    expect([after.id, after.sealId, after.isDefault]).toEqual([before.id, before.sealId, true]);
    const [row] = await place.app.logs.byAction('configure').orderBy('-id').limit(1).all();
    expect(row).toMatchObject({
      reason: 'API key main edited',
      actor: 'ada',
      changed: { before: { token: 'the old one', lost: null }, after: { token: 'a new one', lost: [] } },
    });
    expect(JSON.stringify(row)).not.toContain(token.slice(-8));
    place.emulator.setToken(place.emulator.token, { status: 'disabled' });
    expect((await place.app.checkToken('main')).zones).toBe(3);
  });

  test('a site that is closed is reopened with the new token', async () => {
    await using place = await open();
    await place.app.enableMaintenanceForDomain('site-1.example');
    await place.app.apiKeys.rotate(MAIN, place.emulator.addToken({}));
    place.emulator.setToken(place.emulator.token, { status: 'disabled' });
    expect((await place.app.disableMaintenanceForDomain('site-1.example')).status).toBe('success');
    expect(place.emulator.rules('site-1.example')).toEqual([]);
  });

  test('zones that the new token does not see are named, and the old one stays unless forced', async () => {
    await using place = await open();
    const zones = [place.emulator.zone('site-2.example').id];
    const token = place.emulator.addToken({ zones });
    const before = await stored(place);
    const error = await failureOf(place.app.apiKeys.rotate(MAIN, token), 'api_permission_denied');
    expect(error.details['lost']).toEqual(['the zone site-1.example', 'the zone site-3.example']);
    expect(error.message).toContain('the zone site-1.example, the zone site-3.example');
    expect(await stored(place)).toBe(before);
    const { lost, changed } = await place.app.apiKeys.rotate(MAIN, token, { force: true });
    expect([changed, lost.length]).toEqual([true, 2]);
  });

  test('a token of an account that page rules refuse is a loss', async () => {
    await using place = await open();
    const token = place.emulator.addToken({ kind: 'account' });
    const error = await failureOf(place.app.apiKeys.rotate(MAIN, token), 'api_permission_denied');
    expect(error.details['lost']).toEqual(['page rules']);
  });

  test('an old token that Cloudflare no longer accepts is compared by the sites of the key', async () => {
    await using place = await open();
    place.emulator.setToken(place.emulator.token, { status: 'disabled' });
    const one = place.emulator.addToken({ zones: [place.emulator.zone('site-1.example').id] });
    const error = await failureOf(place.app.apiKeys.rotate(MAIN, one), 'api_permission_denied');
    expect(error.details['lost']).toEqual(['the zone site-2.example', 'the zone site-3.example']);
    expect((await place.app.apiKeys.rotate(MAIN, place.emulator.addToken({}))).changed).toBe(true);
  });

  test('a token that Cloudflare does not know, or no token at all, changes nothing', async () => {
    await using place = await open();
    const before = await stored(place);
    await failureOf(
      place.app.apiKeys.rotate(MAIN, 'no_such_token_no_such_token_no_such_tok'),
      'api_token_invalid',
    );
    await failureOf(place.app.apiKeys.rotate(MAIN, 'two words'), 'validation_failed');
    await failureOf(place.app.apiKeys.rotate({ name: 'nobody' }, place.emulator.token), 'not_found');
    expect(await stored(place)).toBe(before);
  });

  test('the same token again changes nothing and leaves no row', async () => {
    await using place = await open();
    const before = await stored(place);
    expect(await place.app.apiKeys.rotate(MAIN, place.emulator.token)).toMatchObject({
      changed: false,
      lost: [],
    });
    expect(await stored(place)).toBe(before);
  });

  test('a dry run asks Cloudflare and stores nothing', async () => {
    await using place = await open();
    const before = await stored(place);
    const rotation = await place.app.apiKeys.rotate(MAIN, place.emulator.addToken({}), { dryRun: true });
    expect(rotation).toMatchObject({ changed: true, report: { zones: 3 } });
    expect(await stored(place)).toBe(before);
  });

  test('a token that can no longer be opened is replaced', async () => {
    await using place = await open();
    await place.app.database.transaction(async (em) => {
      const key = await em.findOneOrFail(CloudflareApiKey, MAIN);
      key.apiToken = `${key.apiToken.slice(0, -8)}AAAAAAAA`;
    });
    await failureOf(place.app.checkToken('main'), 'secret_key_mismatch');
    await place.app.apiKeys.rotate(MAIN, place.emulator.addToken({}));
    expect((await place.app.checkToken('main')).zones).toBe(3);
  });
});
