import { expect, test } from 'vitest';
import type { BulkResult } from '../../../src/services/bulk-operations/types.ts';
import { describeDatabases } from '../../support/describe-databases.ts';
import { openWorkplace, type Workplace } from '../../support/workplace.ts';

const SITES = 60;
const SHARE = 0.1 / 3;

/** What visitors get, what rules there are, and what is recorded, of every site. */
async function look({ app, emulator }: Workplace) {
  const records = new Map((await app.sites.all()).map((site) => [site.domain, site]));
  const zones = emulator.zones().map(async ({ name, rules }) => {
    const { status } = await emulator.visit(`https://www.${name}/shop`);
    return { domain: name, rules: rules.length, isRedirected: status === 302, record: records.get(name) };
  });
  return Promise.all(zones);
}

/** Every site is wholly as the run wanted it and recorded so, or wholly as before and reported; or said to be unclear. */
async function judge(place: Workplace, result: BulkResult, wanted: 'closed' | 'open'): Promise<void> {
  const { successful, failed, skipped, total } = result;
  expect(successful.length + failed.length + skipped.length).toBe(total);
  const succeeded = new Set(successful.map(({ domain }) => domain));
  const errors = new Map(failed.map(({ domain, error }) => [domain, error]));
  for (const { domain, rules, isRedirected, record } of await look(place)) {
    if (errors.get(domain)?.details['pending'] === true) continue;
    const isClosed = succeeded.has(domain) === (wanted === 'closed');
    expect({ domain, rules, isRedirected, recorded: record?.maintenanceActive }).toEqual({
      domain,
      rules: isClosed ? 1 : 0,
      isRedirected: isClosed,
      recorded: isClosed,
    });
  }
}

function failAtRandom({ emulator }: Workplace, seed: number): void {
  emulator.addFault({ kind: 'serverError', status: 503, probability: SHARE, seed });
  emulator.addFault({ kind: 'reset', probability: SHARE, seed: seed + 1 });
  emulator.addFault({ kind: 'dropReply', probability: SHARE, seed: seed + 2 });
}

describeDatabases((_kind, openTestDatabase) => {
  test.each([1, 7])(
    'with one call of ten failing nothing is half done, and repeating finishes the rest (seed %i)',
    async (seed) => {
      const url = await openTestDatabase.migratedUrl();
      await using place = await openWorkplace(url, { emulator: { zones: SITES }, app: { maxRetries: 0 } });
      const all = place.app.bulk.allSites();
      failAtRandom(place, seed);
      const first = await all.enableMaintenance();
      expect(first.failed.length).toBeGreaterThan(0);
      expect(first.successful.length).toBeGreaterThan(0);
      place.emulator.clearFaults();
      await judge(place, first, 'closed');

      const second = await all.enableMaintenance();
      expect(second).toMatchObject({ total: SITES, failed: [] });
      expect(second.skipped).toHaveLength(first.successful.length);
      await judge(
        place,
        { ...second, successful: [...second.successful, ...second.skipped], skipped: [] },
        'closed',
      );

      failAtRandom(place, seed + 3);
      const third = await all.disableMaintenance();
      place.emulator.clearFaults();
      expect(third.failed.length).toBeGreaterThan(0);
      await judge(place, third, 'open');
      await all.disableMaintenance();
      expect(
        (await look(place)).filter(({ rules, record }) => rules > 0 || record?.maintenanceActive),
      ).toEqual([]);
      expect(await place.app.logs.pending().count()).toBe(0);
    },
    120_000,
  );
});
