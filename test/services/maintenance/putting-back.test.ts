import { describe, expect, test } from 'vitest';
import type { RuleSeed } from '../../../src/emulator/index.ts';
import { describeDatabases } from '../../support/describe-databases.ts';
import { essence, failureOf, openWorkplace, type Workplace } from '../../support/workplace.ts';

const DOMAIN = 'site-1.example';
const PAGE = 'https://status.example.net/';
const taken: RuleSeed = { pattern: `*${DOMAIN}/*`, actions: [{ id: 'always_use_https' }] };
const beside = ['x', 'y'].map(
  (path): RuleSeed => ({ pattern: `${DOMAIN}/${path}`, actions: [{ id: 'ssl', value: 'off' }] }),
);
const away = { kind: 'serverError', method: 'GET', status: 503, code: 0, message: 'away' } as const;

describeDatabases((_kind, databases) => {
  const open = async (options: Parameters<typeof openWorkplace>[1] = {}) =>
    openWorkplace(await databases.migratedUrl(), { ...options, emulator: { plan: 'pro' } });

  const closeOver = async (place: Workplace) => {
    const [, , replaced] = [...beside, taken].map((rule) => place.emulator.addRule(DOMAIN, rule));
    const before = essence(place.emulator.rules(DOMAIN));
    await place.app.enableMaintenanceForDomain(DOMAIN, 'x', { url: PAGE });
    return { id: replaced?.id ?? '', before };
  };

  describe('a rule that the user changes and moves while the site is opened', () => {
    test.each([
      ['between our reading and putting it back', 'GET', 1],
      ['between putting it back and looking at its order', 'PUT', 1],
    ] as const)('is left as it is, %s', async (_when, method, nth) => {
      await using place = await open();
      const { id } = await closeOver(place);
      const hold = place.emulator.hold({ when: 'after', method, nth, writesOnly: false });
      const disabling = place.app.disableMaintenanceForDomain(DOMAIN);
      await hold.reached;
      place.emulator.editRule(DOMAIN, id, { actions: [{ id: 'ssl', value: 'strict' }], priority: 2 });
      const edited = essence(place.emulator.rules(DOMAIN));
      await hold.release();
      await disabling;
      expect(essence(place.emulator.rules(DOMAIN))).toEqual(edited);
    });
  });

  describe('rules that change places on a write', () => {
    test('stand in the old order in the end', async () => {
      await using place = await open();
      const { before } = await closeOver(place);
      place.emulator.setSwitches({ priorityMove: 'swap' });
      const log = await place.app.disableMaintenanceForDomain(DOMAIN);
      expect(essence(place.emulator.rules(DOMAIN))).toEqual(before);
      expect(JSON.stringify(log.plan)).not.toContain('order_changed');
    });

    test('stand in the old order after an interruption before the order was looked at', async () => {
      await using place = await open({ app: { maxRetries: 0 } });
      const { before } = await closeOver(place);
      place.emulator.setSwitches({ priorityMove: 'swap' });
      const hold = place.emulator.hold({ when: 'after', method: 'PUT' });
      const disabling = failureOf(place.app.disableMaintenanceForDomain(DOMAIN), 'api_unavailable');
      await hold.reached;
      place.emulator.addFault(away);
      await hold.release();
      expect((await disabling).details).toMatchObject({ pending: true });
      place.emulator.clearFaults();
      await place.app.schedule.processScheduledMaintenances();
      expect(essence(place.emulator.rules(DOMAIN))).toEqual(before);
      expect(await place.app.logs.pending().count()).toBe(0);
    });
  });

  describe('a rule that Cloudflare does not take back', () => {
    const refuseAndFail = async (place: Workplace) => {
      const hosts = ['a', 'b'].map((name) => `${name}.${DOMAIN}/*`);
      const [first, second] = hosts.map((pattern) => place.emulator.addRule(DOMAIN, { ...taken, pattern }));
      await place.app.sites.update({ domain: DOMAIN }, { includeSubdomains: false, subdomainList: 'a,b' });
      await place.app.enableMaintenanceForDomain(DOMAIN, 'x', { url: PAGE });
      await place.app.sites.update({ domain: DOMAIN }, { subdomainList: '' });
      const path = (id = '') => new RegExp(id);
      place.emulator.addFault({
        kind: 'refuse',
        method: 'PUT',
        path: path(second?.id),
        status: 400,
        code: 1004,
        message: 'no',
      });
      place.emulator.addFault({ ...away, method: 'PUT', path: path(first?.id), when: 'before' });
      return { refused: second?.id, path: path(first?.id) };
    };

    test('is on record when the answer to removing ours was lost', async () => {
      await using place = await open({ app: { maxRetries: 0 } });
      const { id } = await closeOver(place);
      place.emulator.addFault({ kind: 'refuse', method: 'PUT', status: 400, code: 1004, message: 'no' });
      place.emulator.addFault({ kind: 'dropReply', method: 'DELETE' });
      const error = await failureOf(place.app.disableMaintenanceForDomain(DOMAIN), 'rule_conflict');
      expect(error.hint).toContain('Its snapshot is kept');
      const status = await place.app.maintenance(await place.site(DOMAIN)).describe();
      expect(status).toMatchObject({ maintenanceActive: false, leftRules: [], unrestored: [{ id }] });
    });

    test('is on record once when the operation fails later', async () => {
      await using place = await open({ app: { maxRetries: 0 } });
      const { refused } = await refuseAndFail(place);
      await failureOf(place.app.enableMaintenanceForDomain(DOMAIN, 'x', { url: PAGE }), 'api_unavailable');
      expect((await place.site(DOMAIN)).edgeState?.unrestored.map(({ id }) => id)).toEqual([refused]);
    });

    test('is on record once when the operation was interrupted twice', async () => {
      await using place = await open({ app: { maxRetries: 0 } });
      const { id } = await closeOver(place);
      place.emulator.addFault({ kind: 'refuse', method: 'PUT', status: 400, code: 1004, message: 'no' });
      const removal = place.emulator.hold({ when: 'before', method: 'DELETE' });
      const disabling = place.app.disableMaintenanceForDomain(DOMAIN).catch(() => undefined);
      await removal.reached;
      const faults = [away, { ...away, method: 'DELETE' } as const];
      for (const fault of faults) place.emulator.addFault(fault);
      await removal.release({ discard: true });
      await disabling;
      expect(await place.app.logs.pending().count()).toBe(1);
      place.emulator.clearFaults();

      place.emulator.addFault({ kind: 'refuse', method: 'PUT', status: 400, code: 1004, message: 'no' });
      place.emulator.addFault({ kind: 'dropReply', method: 'DELETE' });
      await place.app.schedule.processScheduledMaintenances();
      place.emulator.clearFaults();
      await place.app.schedule.processScheduledMaintenances();
      expect(await place.app.logs.pending().count()).toBe(0);
      expect((await place.site(DOMAIN)).edgeState?.unrestored.map((rule) => rule.id)).toEqual([id]);
    });
  });
});
