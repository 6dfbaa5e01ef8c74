import { beforeEach, expect, test } from 'vitest';
import { CloudflareSite } from '../../../src/domain/cloudflare-site.ts';
import { ScheduledMaintenance, type WindowStatus } from '../../../src/domain/scheduled-maintenance.ts';
import type { Database } from '../../../src/persistence/database.ts';
import { ScheduledMaintenanceRepository } from '../../../src/persistence/repositories/scheduled-maintenance-repository.ts';
import { describeDatabases } from '../../support/describe-databases.ts';
import { fakeClock } from '../../support/fake-clock.ts';
import { addSite } from '../rows.ts';

type Query = ScheduledMaintenanceRepository;
const clock = fakeClock('2026-03-10T12:00:00.000Z');
const inHours = (hours: number) => new Date(clock.now().getTime() + hours * 3_600_000);

describeDatabases((_kind, openTestDatabase) => {
  let database: Database;
  let site: CloudflareSite;
  const windows = () => new ScheduledMaintenanceRepository(database.read(), clock.now);
  const add = (title: string, startHours: number, status: WindowStatus, siteIds: number[] = []) =>
    database.transaction(async (em) => {
      const window = em.create(ScheduledMaintenance, {
        title,
        scheduledStart: inHours(startHours),
        scheduledEnd: inHours(startHours + 1),
        estimatedDuration: 3600,
        status,
        executionLog: [],
        createdAt: clock.now(),
        updatedAt: clock.now(),
      });
      window.sites.add(siteIds.map((id) => em.getReference(CloudflareSite, id)));
      await em.flush();
      return window.id;
    });

  beforeEach(async () => {
    database = await openTestDatabase();
    site = await addSite(database, clock.now, 'a.example');
    await add('later', 5, 'scheduled');
    await add('soon', 1, 'scheduled', [site.id]);
    await add('due', 0, 'scheduled');
    await add('running', -0.5, 'active', [site.id]);
    await add('over', -1, 'active');
    await add('gone', -3, 'completed');
  });

  test.each([
    ['all, by start', (query: Query) => query, ['gone', 'over', 'running', 'due', 'soon', 'later']],
    ['byStatus', (query: Query) => query.byStatus('completed', 'active'), ['gone', 'over', 'running']],
    ['upcoming', (query: Query) => query.upcoming(), ['soon', 'later']],
    ['dueToStart', (query: Query) => query.dueToStart(), ['due']],
    ['dueToEnd', (query: Query) => query.dueToEnd(), ['over']],
    ['since', (query: Query) => query.since(inHours(1)), ['soon', 'later']],
    ['forSite', (query: Query) => query.forSite(site), ['running', 'soon']],
    ['search', (query: Query) => query.search('OO'), ['soon']],
  ])('windows are found by %s', async (_name, narrow, expected) => {
    expect((await narrow(windows()).all()).map(({ title }) => title)).toEqual(expected);
    expect(await narrow(windows()).count()).toBe(expected.length);
  });

  test('a window brings its sites along when asked, also inside a transaction', async () => {
    const sites = await database.transaction(async (em) => {
      const window = await new ScheduledMaintenanceRepository(em, clock.now)
        .search('soon')
        .withSites()
        .first();
      return window?.sites.getItems().map(({ domain }) => domain);
    });
    expect(sites).toEqual(['a.example']);
  });

  test('a window that does not exist is not_found', async () => {
    await expect(windows().get({ id: 4711 })).rejects.toMatchObject({ code: 'not_found' });
  });
});
