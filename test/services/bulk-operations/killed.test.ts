import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { describeDatabases } from '../../support/describe-databases.ts';
import { openWorkplace, type Workplace } from '../../support/workplace.ts';

const ROOT = join(import.meta.dirname, '../../..');
const SITES = 40;

/** A process that closes all sites; its arguments are the options of the application as JSON. */
const CLOSE_ALL = `
  const { Intermission } = await import('./src/intermission.ts');
  const app = await Intermission.open(JSON.parse(process.argv[1]));
  await app.bulk.allSites().enableMaintenance({ reason: 'Move', concurrency: 8 });
  await app.close();`;

/** Kills such a process when the n-th of its writes has been made, before it hears of it. */
async function killAtWrite({ app, emulator }: Workplace, databaseUrl: string, nth: number): Promise<void> {
  const hold = emulator.hold({ when: 'after', nth, writesOnly: true });
  const { dataDir, cloudflareBaseUrl } = app.config;
  const options = JSON.stringify({ environment: {}, databaseUrl, dataDir, cloudflareBaseUrl });
  const child = spawn(process.execPath, ['--input-type=module-typescript', '-e', CLOSE_ALL, options], {
    cwd: ROOT,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const ended = once(child, 'exit');
  await hold.reached;
  child.kill('SIGKILL');
  await ended;
  await hold.release();
  // Its leases would end by themselves after a while.
  await app.database.transaction((em) => em.execute('delete from maintenance_lock', [], 'run'));
}

describeDatabases((_kind, openTestDatabase) => {
  test('killed in the middle and again, the same run takes up where it was: nothing twice, nothing forgotten', async () => {
    const url = await openTestDatabase.migratedUrl();
    await using place = await openWorkplace(url, { emulator: { zones: SITES } });
    const { app, emulator } = place;
    const settled = new Set<string>();
    for (const nth of [12, 9]) {
      await killAtWrite(place, url, nth);
      for (const { zoneId } of await app.sites.inMaintenance().all()) settled.add(zoneId ?? '');
      expect(await app.logs.pending().count()).toBeGreaterThan(0);
    }
    expect(settled.size).toBeGreaterThan(0);
    expect(settled.size).toBeLessThan(SITES);
    const last = await app.bulk.allSites().enableMaintenance({ reason: 'Move' });
    expect(last).toMatchObject({ total: SITES, failed: [] });
    expect(last.skipped).toHaveLength(settled.size);
    expect(emulator.zones().map(({ rules }) => rules.length)).toEqual(Array(SITES).fill(1));
    expect(await app.sites.inMaintenance().count()).toBe(SITES);
    expect(await app.logs.pending().count()).toBe(0);
    for (const zone of settled) expect(emulator.requests({ zone, write: true })).toHaveLength(1);
  }, 120_000);
});
