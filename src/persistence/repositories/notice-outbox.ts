import { randomUUID } from 'node:crypto';
import type { SqlEntityManager } from '@mikro-orm/sql';
import type { Notice } from '../../domain/notices.ts';
import { Notification } from '../../domain/supporting.ts';

/** Notices that are to be sent, written with the change that they tell of. */
export class NoticeOutbox {
  readonly #now: () => Date;

  constructor(now: () => Date) {
    this.#now = now;
  }

  /**
   * Writes a notice, due at once. To be called in the transaction that makes the change: it is then told of exactly
   * when it has been made. What was told already is not told again.
   */
  async add(em: SqlEntityManager, { event, subject, data }: Notice): Promise<void> {
    const now = this.#now();
    const notice = {
      idempotencyKey: randomUUID(),
      subject: `${event} ${subject}`,
      event,
      channel: '',
      payload: { event, at: now.toISOString(), ...data },
      attempts: 0,
      nextAttemptAt: now,
      createdAt: now,
    };
    await em.upsert(Notification, notice, {
      onConflictFields: ['subject'],
      onConflictAction: 'ignore',
    });
  }
}
