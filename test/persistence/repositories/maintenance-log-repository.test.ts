import { beforeEach, describe, expect, test } from 'vitest';
import type { CloudflareSite } from '../../../src/domain/cloudflare-site.ts';
import type { Database } from '../../../src/persistence/database.ts';
import { MaintenanceLogRepository } from '../../../src/persistence/repositories/maintenance-log-repository.ts';
import { describeDatabases } from '../../support/describe-databases.ts';
import { type FakeClock, fakeClock } from '../../support/fake-clock.ts';
import { addLog, addSite } from '../rows.ts';

const HOUR = 3_600_000;

describeDatabases((_kind, openTestDatabase) => {
  let database: Database;
  let clock: FakeClock;
  const logs = () => new MaintenanceLogRepository(database.read(), clock.now);

  beforeEach(async () => {
    database = await openTestDatabase();
    clock = fakeClock('2026-03-10T12:00:00.000Z');
  });

  describe('a row', () => {
    test('is begun, and finished once with its duration', async () => {
      const { id } = await addLog(database, clock.now, {
        status: 'pending',
        domain: 'a.example',
        plan: { rules: [1] },
      });
      expect(await logs().get({ id })).toMatchObject({
        status: 'pending',
        finishedAt: null,
        durationSeconds: null,
      });
      clock.advance(1500);
      await complete(id);
      expect(await logs().get({ id })).toMatchObject({
        status: 'failed',
        errorCode: 'internal',
        plan: { rules: [1] },
        durationSeconds: 1.5,
        finishedAt: clock.now(),
      });
    });

    test('never changes after it is finished', async () => {
      const { id } = await addLog(database, clock.now, { status: 'success' });
      await expect(complete(id)).rejects.toMatchObject({ code: 'internal' });
      expect(await logs().get({ id })).toMatchObject({ status: 'success', finishedAt: clock.now() });
    });

    test('that does not exist is not_found', async () => {
      await expect(logs().get({ id: 7 })).rejects.toMatchObject({ code: 'not_found' });
    });

    const complete = (id: number) =>
      database.transaction(async (em) => {
        const repository = new MaintenanceLogRepository(em, clock.now);
        return repository.complete(await repository.get({ id }), { status: 'failed', errorCode: 'internal' });
      });
  });

  describe('queries', () => {
    let site: CloudflareSite;
    type Query = MaintenanceLogRepository;

    beforeEach(async () => {
      site = await addSite(database, clock.now, 'a.example', { zoneId: 'z1' });
      await addLog(database, clock.now, { reason: 'oldest', site: site.id, domain: 'a.example' });
      clock.advance(30 * HOUR);
      await addLog(database, clock.now, {
        reason: 'failed',
        status: 'failed',
        errorCode: 'internal',
        domain: 'b.example',
      });
      clock.advance(HOUR);
      await addLog(database, clock.now, {
        reason: 'refused',
        status: 'failed',
        errorMessage: 'Sorry',
        actor: 'Ada',
      });
      await addLog(database, clock.now, {
        reason: 'running',
        status: 'pending',
        action: 'disable',
        site: site.id,
        domain: 'a.example',
      });
    });

    test.each([
      ['all, newest first', (query: Query) => query, ['running', 'refused', 'failed', 'oldest']],
      ['successful', (query: Query) => query.successful(), ['oldest']],
      ['failed', (query: Query) => query.failed(), ['refused', 'failed']],
      ['pending', (query: Query) => query.pending(), ['running']],
      ['forSite', (query: Query) => query.forSite(site), ['running', 'oldest']],
      ['forDomain', (query: Query) => query.forDomain('B.example'), ['failed']],
      ['inZone', (query: Query) => query.inZone('z1').pending(), ['running']],
      ['inZone, another', (query: Query) => query.inZone('z2'), []],
      ['byAction', (query: Query) => query.byAction('disable'), ['running']],
      ['withErrors', (query: Query) => query.withErrors(), ['refused', 'failed']],
      ['recent', (query: Query) => query.recent(1), ['running', 'refused', 'failed']],
      ['today, from midnight UTC', (query: Query) => query.today(), ['running', 'refused', 'failed']],
      ['since', (query: Query) => query.since(clock.now()), ['running', 'refused']],
      ['search in messages', (query: Query) => query.search('sorry'), ['refused']],
      ['search in actors', (query: Query) => query.search('ADA'), ['refused']],
      ['search in reasons', (query: Query) => query.search('ning'), ['running']],
      ['orderBy and limit', (query: Query) => query.orderBy('createdAt').limit(2), ['oldest', 'failed']],
    ])('find exactly what they say: %s', async (_name, narrow, expected) => {
      const query = narrow(logs());
      expect((await query.all()).map(({ reason }) => reason)).toEqual(expected);
      const streamed: string[] = [];
      for await (const { reason } of query) streamed.push(reason);
      expect(streamed).toEqual(expected);
    });

    test('give the newest rows as recent activity', async () => {
      expect((await logs().getRecentActivity(1)).map(({ reason }) => reason)).toEqual(['running']);
      expect(await logs().getRecentActivity()).toHaveLength(4);
    });

    test('load the site along when asked, also inside a transaction', async () => {
      const row = await database.transaction((em) =>
        new MaintenanceLogRepository(em, clock.now).pending().withSite().first(),
      );
      expect(row?.site?.domain).toBe('a.example');
    });
  });

  describe('statistics', () => {
    test('of nothing are zeros', async () => {
      expect(await logs().getStats({ days: 30 })).toEqual({
        total: 0,
        successful: 0,
        failed: 0,
        pending: 0,
        successRate: 0,
        avgDuration: 0,
      });
    });

    test('count the period, and average over the rows that have a duration', async () => {
      await addLog(database, clock.now, { status: 'failed', durationSeconds: 100 });
      clock.advance(48 * HOUR);
      await addLog(database, clock.now, { status: 'success', durationSeconds: 1.5 });
      await addLog(database, clock.now, { status: 'success', durationSeconds: 2 });
      await addLog(database, clock.now, { status: 'failed', durationSeconds: 4 });
      await addLog(database, clock.now, { status: 'pending' });
      expect(await logs().getStats({ days: 1 })).toEqual({
        total: 4,
        successful: 2,
        failed: 1,
        pending: 1,
        successRate: 50,
        avgDuration: 2.5,
      });
      expect((await logs().getStats({ days: 3 })).total).toBe(5);
    });
  });
});
