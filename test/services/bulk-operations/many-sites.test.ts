import { expect, test } from 'vitest';
import type { BulkEvent } from '../../../src/services/bulk-operations/types.ts';
import { describeDatabases } from '../../support/describe-databases.ts';
import { openWorkplace, requestLines, type Workplace } from '../../support/workplace.ts';

/** The sites of the emulator that redirect their visitors. */
function closedAtTheEdge({ emulator }: Workplace): string[] {
  return emulator.zones().flatMap(({ name, rules }) => (rules.length > 0 ? [name] : []));
}

describeDatabases((_kind, openTestDatabase) => {
  const open = async (zones: number) =>
    openWorkplace(await openTestDatabase.migratedUrl(), { emulator: { zones } });

  test('all sites are closed with one call each, and reopened with one call each', async () => {
    await using place = await open(12);
    const { app, emulator } = place;
    const closed = await app.bulk.allSites().enableMaintenance({ reason: 'Move' });
    expect(closed).toMatchObject({ operation: 'enable', total: 12, failed: [], skipped: [], calls: 12 });
    expect(closed.successful.map(({ domain }) => domain).toSorted()).toEqual(
      closedAtTheEdge(place).toSorted(),
    );
    expect(closed.successful.every(({ log }) => log?.status === 'success' && log.reason === 'Move')).toBe(
      true,
    );
    expect(closed.successRate).toBe(100);
    expect(requestLines(emulator)).toEqual(Array.from({ length: 12 }, () => 'POST /zones/:id/pagerules'));

    emulator.clearRequests();
    const opened = await app.bulk.maintenanceSites().disableMaintenance();
    expect(opened).toMatchObject({ operation: 'disable', total: 12, failed: [], skipped: [], calls: 12 });
    expect(closedAtTheEdge(place)).toEqual([]);
    expect(await app.sites.inMaintenance().count()).toBe(0);
    expect(requestLines(emulator)).toHaveLength(12);
  });

  test('its events name the plan first, each site as it begins and ends, and the result last', async () => {
    await using place = await open(3);
    const run = place.app.bulk.sites().enableMaintenance();
    const events: BulkEvent[] = [];
    for await (const event of run) events.push(event);
    expect(events.map(({ type }) => type).toSorted()).toEqual([
      'done',
      'finished',
      'finished',
      'finished',
      'planned',
      'started',
      'started',
      'started',
    ]);
    expect(events[0]).toMatchObject({ type: 'planned', plan: { total: 3, calls: 3 } });
    expect(events.at(-1)).toEqual({ type: 'done', result: await run });
  });
});
