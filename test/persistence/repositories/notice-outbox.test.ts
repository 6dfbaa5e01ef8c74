import { expect, it } from 'vitest';
import { Notification } from '../../../src/domain/supporting.ts';
import type { Database } from '../../../src/persistence/open-database.ts';
import { NoticeOutbox } from '../../../src/persistence/repositories/notice-outbox.ts';
import { describeDatabases } from '../../support/describe-databases.ts';

const NOW = new Date('2026-06-01T12:00:00.000Z');
const outbox = new NoticeOutbox(() => NOW);
const started = { event: 'window.started', subject: 'window:12', data: { note: 'Upgrade' } } as const;

const noticesOf = (database: Database) => database.read().find(Notification, {}, { orderBy: { id: 'asc' } });

describeDatabases((_kind, openTestDatabase) => {
  it('keeps what is to be told, due at once and with a key of its own', async () => {
    const database = await openTestDatabase();
    await database.transaction(async (em) => {
      await outbox.add(em, started);
      await outbox.add(em, { ...started, event: 'window.completed' });
    });
    const [first, second] = await noticesOf(database);
    expect(first).toMatchObject({
      event: 'window.started',
      subject: 'window.started window:12',
      payload: { event: 'window.started', at: NOW.toISOString(), note: 'Upgrade' },
      attempts: 0,
      nextAttemptAt: NOW,
      deliveredAt: null,
    });
    expect(first?.idempotencyKey).not.toBe(second?.idempotencyKey);
  });

  it('tells of each thing once, however many see it at the same time', async () => {
    const database = await openTestDatabase();
    const seen = Array.from({ length: 5 }, () => database.transaction((em) => outbox.add(em, started)));
    await Promise.all(seen);
    expect(await noticesOf(database)).toHaveLength(1);
  });

  it('tells nothing of a change that was not made', async () => {
    const database = await openTestDatabase();
    const failing = database.transaction(async (em) => {
      await outbox.add(em, started);
      throw new Error('The change failed.');
    });
    await expect(failing).rejects.toThrow('The change failed.');
    expect(await noticesOf(database)).toEqual([]);
  });
});
