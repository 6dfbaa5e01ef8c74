import { expect, test } from 'vitest';
import { HeartbeatRepository } from '../../../src/persistence/repositories/heartbeat-repository.ts';
import { describeDatabases } from '../../support/describe-databases.ts';
import { fakeClock } from '../../support/fake-clock.ts';

describeDatabases((_kind, openTestDatabase) => {
  test('a part is alive for as long after its last sign as is asked', async () => {
    const database = await openTestDatabase();
    const clock = fakeClock('2026-03-10T12:00:00.000Z');
    const beat = () =>
      database.transaction((em) => new HeartbeatRepository(em, clock.now).beat('scheduler', 'host:1'));
    const heartbeats = () => new HeartbeatRepository(database.read(), clock.now);
    expect(await heartbeats().isAnyAlive(['scheduler'], 60_000)).toBe(false);
    await beat();
    clock.advance(60_000);
    expect(await heartbeats().isAnyAlive(['serve', 'scheduler'], 60_000)).toBe(true);
    clock.advance(1);
    expect(await heartbeats().isAnyAlive(['scheduler'], 60_000)).toBe(false);
    await beat();
    expect(await heartbeats().find('scheduler')).toMatchObject({ owner: 'host:1', beatAt: clock.now() });
    expect(await heartbeats().find('serve')).toBeUndefined();
    expect(await heartbeats().isAnyAlive(['serve'], 60_000)).toBe(false);
  });
});
