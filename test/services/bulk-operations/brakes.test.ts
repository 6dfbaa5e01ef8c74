import { expect, test } from 'vitest';
import type { BulkEvent } from '../../../src/services/bulk-operations/types.ts';
import { describeDatabases } from '../../support/describe-databases.ts';
import { openWorkplace, type Workplace } from '../../support/workplace.ts';

function closed({ emulator }: Workplace): number {
  return emulator.zones().filter(({ rules }) => rules.length > 0).length;
}

describeDatabases((_kind, openTestDatabase) => {
  const open = async (zones: number) =>
    openWorkplace(await openTestDatabase.migratedUrl(), { emulator: { zones } });
  const refuse = (place: Workplace, domain: string) => {
    const { id } = place.emulator.zones().find(({ name }) => name === domain) ?? { id: '' };
    place.emulator.addFault({ kind: 'refuse', path: id, code: 9_999, message: 'No.' });
  };

  test('the rest is not touched when one of the first sites fails', async () => {
    await using place = await open(8);
    refuse(place, 'site-2.example');
    const run = place.app.bulk.allSites().enableMaintenance({ canary: 3 });
    const events: BulkEvent[] = [];
    for await (const event of run) events.push(event);
    const result = await run;
    expect(result.stopped?.code).toBe('stopped');
    expect(events.filter(({ type }) => type === 'stopped')).toHaveLength(1);
    expect(result.failed).toMatchObject([{ domain: 'site-2.example', error: { code: 'api_rejected' } }]);
    expect([result.successful.length, result.skipped.length]).toEqual([2, 5]);
    expect(result.skipped.every(({ skipped }) => skipped?.code === 'stopped')).toBe(true);
    expect(closed(place)).toBe(2);
    expect(await place.app.sites.inMaintenance().count()).toBe(2);
  });

  test('the rest follows when the first sites succeed', async () => {
    await using place = await open(5);
    const started: string[] = [];
    const finished: string[] = [];
    for await (const event of place.app.bulk.allSites().enableMaintenance({ canary: 2 })) {
      if (event.type === 'finished') finished.push(event.site.domain);
      if (event.type === 'started') started.push(`${event.domain} after ${finished.length}`);
    }
    expect(started).toEqual([
      'site-1.example after 0',
      'site-2.example after 0',
      'site-3.example after 2',
      'site-4.example after 2',
      'site-5.example after 2',
    ]);
    expect(closed(place)).toBe(5);
  });

  test.each([2, '2', '20%'])(
    'a run stops when %s have failed, and finishes the sites in hand',
    async (stopOnFailure) => {
      await using place = await open(10);
      for (const number of [1, 2, 3]) refuse(place, `site-${number}.example`);
      const result = await place.app.bulk.allSites().enableMaintenance({ stopOnFailure, concurrency: 1 });
      expect(result.stopped).toMatchObject({ code: 'stopped' });
      expect([result.failed.length, result.skipped.length]).toEqual([2, 10 - 2 - result.successful.length]);
      expect(result.total).toBe(10);
      expect(closed(place)).toBe(result.successful.length);
    },
  );

  test('a run that is cancelled finishes the sites in hand and leaves the others', async () => {
    await using place = await open(6);
    const cancel = new AbortController();
    const hold = place.emulator.hold({ when: 'before', nth: 2, writesOnly: true });
    const run = place.app.bulk.allSites().enableMaintenance({ concurrency: 2, signal: cancel.signal });
    const events = (async () => {
      for await (const event of run) if (event.type === 'stopped') return event;
      return undefined;
    })();
    await hold.reached;
    cancel.abort();
    await hold.release();
    const result = await run;
    expect((await events)?.code).toBe('cancelled');
    expect(result.stopped?.code).toBe('cancelled');
    expect(result.failed).toEqual([]);
    expect(result.successful.length).toBeGreaterThanOrEqual(2);
    expect(result.successful.length + result.skipped.length).toBe(6);
    expect(closed(place)).toBe(result.successful.length);
    expect(await place.app.logs.pending().count()).toBe(0);
    expect((await place.app.bulk.allSites().enableMaintenance()).successful).toHaveLength(
      result.skipped.length,
    );
  });

  test('a run that was cancelled before it began touches nothing', async () => {
    await using place = await open(2);
    const result = await place.app.bulk.allSites().enableMaintenance({ signal: AbortSignal.abort() });
    expect(result).toMatchObject({
      total: 2,
      successful: [],
      failed: [],
      calls: 0,
      stopped: { code: 'cancelled' },
    });
    expect(place.emulator.requests()).toEqual([]);
  });
});
