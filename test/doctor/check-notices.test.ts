import { expect, test } from 'vitest';
import { checkNotices } from '../../src/doctor/check-notices.ts';
import { Notification } from '../../src/domain/supporting.ts';
import { NoticeOutbox } from '../../src/persistence/repositories/notice-outbox.ts';
import { describeDatabases } from '../support/describe-databases.ts';
import { openWorkplace } from '../support/workplace.ts';
import { complaints } from './open-doctor.ts';

const WEBHOOK = { webhookUrl: 'http://127.0.0.1:9/', webhookSecret: '0123456789abcdef' };

describeDatabases((_kind, databases) => {
  async function openWith(app: object, count: number) {
    const place = await openWorkplace(await databases.migratedUrl(), { app });
    const outbox = new NoticeOutbox(() => place.clock.now());
    await place.app.database.transaction(async (em) => {
      for (let index = 0; index < count; index += 1)
        await outbox.add(em, { event: 'operation.failed', subject: `log:${index}`, data: { logId: index } });
    });
    return { ...place, ask: () => checkNotices(place.app, place.clock.now()) };
  }

  test('that no channel is configured is a remark, whatever waits', async () => {
    await using place = await openWith({}, 2);
    place.clock.advance(3_600_000);
    const found = await place.ask();
    expect(found).toMatchObject([{ level: 'ok', message: 'No channel is configured: nobody is told.' }]);
  });

  test('notices that nobody sends, that do not arrive, and that were given up are named apart', async () => {
    await using place = await openWith(WEBHOOK, 3);
    expect(await place.ask()).toMatchObject([{ level: 'ok', message: 'Sent by webhook.' }]);
    place.clock.advance(3_600_000);
    expect(complaints(await place.ask())).toEqual(['warning Notices: 3 notices not sent yet.']);
    await place.app.database.transaction(async (em) => {
      await em.nativeUpdate(
        Notification,
        { id: 1 },
        { attempts: 14, lastError: 'Gone.', nextAttemptAt: null },
      );
      await em.nativeUpdate(Notification, { id: 2 }, { attempts: 1, lastError: 'No.' });
      await em.nativeUpdate(Notification, { id: 3 }, { deliveredAt: place.clock.now() });
    });
    expect(complaints(await place.ask())).toEqual([
      'warning Notices: 1 notice could not be delivered, and nobody tries again: Gone.',
      'warning Notices: 1 notice could not be delivered so far: No.',
    ]);
  });
});
