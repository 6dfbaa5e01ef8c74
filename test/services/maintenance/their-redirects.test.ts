import { describe, expect, test } from 'vitest';
import { describeDatabases } from '../../support/describe-databases.ts';
import { essence, failureOf, openWorkplace } from '../../support/workplace.ts';

const DOMAIN = 'site-1.example';
const PAGE = 'https://status.example.net/';
const theirs = { pattern: `*${DOMAIN}/*`, forwardTo: 'https://brand.example.net/' };
const forgotten = { pattern: `${DOMAIN}/*`, forwardTo: 'https://old.example.net/' };

describeDatabases((_kind, databases) => {
  const open = async (app: NonNullable<Parameters<typeof openWorkplace>[1]>['app'] = {}) => {
    const place = await openWorkplace(await databases.migratedUrl(), { app, emulator: { plan: 'pro' } });
    const service = place.app.maintenance(await place.site(DOMAIN));
    const live = async () => (await place.app.getLiveStatuses([await place.site(DOMAIN)]))[0];
    return { ...place, place, service, live, [Symbol.asyncDispose]: () => place[Symbol.asyncDispose]() };
  };

  describe('a redirect that was called theirs', () => {
    test('is not asked about again: not by enable, disable, a repeated disable, or the live status', async () => {
      await using at = await open();
      at.emulator.addRule(DOMAIN, theirs);
      const before = essence(at.emulator.rules(DOMAIN));
      expect(await at.live()).toMatchObject({ doubtful: [{ url: theirs.forwardTo }] });
      await at.service.enableMaintenance('x', { url: PAGE, existing: 'theirs' });
      await at.service.disableMaintenance();
      await at.service.disableMaintenance();
      expect(await at.live()).toMatchObject({ configured: 'open', doubtful: [], differs: false });
      await at.service.enableMaintenance('y', { url: PAGE });
      await at.service.disableMaintenance();
      expect(essence(at.emulator.rules(DOMAIN))).toEqual(before);
    });

    test('stays theirs when another one is called ours, until nothing else is left to ask about', async () => {
      await using at = await open();
      at.emulator.addRule(DOMAIN, theirs);
      await at.service.disableMaintenance({ existing: 'theirs' });
      at.emulator.addRule(DOMAIN, forgotten);
      await failureOf(at.service.disableMaintenance(), 'rule_conflict');
      await at.service.disableMaintenance({ existing: 'ours' });
      expect(at.emulator.rules(DOMAIN)).toMatchObject([
        { targets: [{ constraint: { value: theirs.pattern } }] },
      ]);
      await at.service.disableMaintenance({ existing: 'ours' });
      expect(at.emulator.rules(DOMAIN)).toEqual([]);
      await at.service.disableMaintenance();
      expect((await at.site(DOMAIN)).edgeState).toBeNull();
    });

    test('is no forgotten closure after it was put back by a write whose reply was lost', async () => {
      await using at = await open({ maxRetries: 0 });
      at.emulator.addRule(DOMAIN, theirs);
      const before = essence(at.emulator.rules(DOMAIN));
      await at.service.enableMaintenance('x', { url: PAGE, existing: 'theirs' });
      at.emulator.addFault({ kind: 'invalidJson', method: 'PUT' });
      await at.service.disableMaintenance().catch(() => undefined);
      at.emulator.clearFaults();
      await at.service.disableMaintenance();
      await expect(at.service.getStatus()).resolves.toBe(false);
      expect(essence(at.emulator.rules(DOMAIN))).toEqual(before);
    });
  });

  test('holds without a rule on record are released beside a doubtful rule, which is reported', async () => {
    await using at = await open();
    await at.service.enableMaintenance('x', { url: PAGE });
    for (const { id } of at.emulator.rules(DOMAIN)) at.emulator.removeRule(DOMAIN, id);
    await at.app.database.transaction((em) => em.execute('update cloudflare_site set edge_state = null'));
    at.emulator.addRule(DOMAIN, forgotten);
    const { message, log } = await failureOf(at.service.disableMaintenance(), 'rule_conflict');
    expect({ message, log }).toMatchObject({
      message: expect.stringContaining(forgotten.forwardTo),
      log: { status: 'failed' },
    });
    await expect(at.service.getStatus()).resolves.toBe(false);
    expect(at.emulator.rules(DOMAIN)).toHaveLength(1);
  });
});
