import { expect, test } from 'vitest';
import { describeDatabases } from '../../support/describe-databases.ts';
import { openWorkplace, requestLines } from '../../support/workplace.ts';

const DAY_MS = 86_400_000;

describeDatabases((_kind, openTestDatabase) => {
  test('many zones that were last seen long ago are listed before they are closed, not read one by one', async () => {
    const url = await openTestDatabase.migratedUrl();
    await using place = await openWorkplace(url, { emulator: { zones: 60 } });
    const { app, emulator, clock } = place;
    clock.advance(2 * DAY_MS);
    emulator.setZone('site-7.example', { paused: true });
    const all = app.bulk.allSites();
    expect(await all.plan('enable')).toMatchObject({ calls: 60 });
    expect(emulator.requests().length).toBeLessThanOrEqual(1);
    emulator.clearRequests();

    const result = await all.enableMaintenance();
    expect(result.successful).toHaveLength(59);
    expect(result.failed).toMatchObject([{ domain: 'site-7.example', error: { code: 'zone_not_serving' } }]);
    const lines = Map.groupBy(requestLines(emulator), (line) => line.replace(/\?.*/, ''));
    expect(lines.get('POST /zones/:id/pagerules')).toHaveLength(59);
    expect(lines.get('GET /zones')).toHaveLength(2);
    expect(result.calls).toBe(emulator.requests().length);
  });
});
