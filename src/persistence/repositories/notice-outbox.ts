import { randomUUID } from 'node:crypto';
import type { SqlEntityManager } from '@mikro-orm/sql';
import type { Notice, NoticeFacts } from '../../domain/notices.ts';
import { Notification } from '../../domain/supporting.ts';
import { UNASSIGNED } from './notice-repository.ts';

type NoticeName = Pick<Notice, 'event' | 'subject'>;

/** Notices that are to be sent, written with the change that they tell of. */
export class NoticeOutbox {
  readonly #now: () => Date;

  constructor(now: () => Date) {
    this.#now = now;
  }

  /**
   * Writes a notice, due at once unless said otherwise. To be called in the transaction that makes the change: it is then told of exactly
   * when it has been made. What was told already is not told again.
   */
  async add(em: SqlEntityManager, { event, subject, data }: Notice, due = this.#now()): Promise<void> {
    const now = this.#now();
    const notice = {
      idempotencyKey: randomUUID(),
      subject: keyOf({ event, subject }),
      event,
      channel: UNASSIGNED,
      payload: this.#payload(event, data),
      attempts: 0,
      nextAttemptAt: due,
      createdAt: now,
    };
    await em.upsert(Notification, notice, {
      onConflictFields: ['subject'],
      onConflictAction: 'ignore',
    });
  }

  /**
   * Says something else in a notice that nobody has taken in hand yet. False: somebody has.
   *
   * @param data asked for when the notice is locked until the transaction ends
   */
  async rewrite(
    em: SqlEntityManager,
    name: NoticeName,
    due: Date,
    data: () => NoticeFacts,
  ): Promise<boolean> {
    const taken = (await em.nativeUpdate(Notification, untold(name), { nextAttemptAt: due })) === 0;
    if (taken) return false;
    await em.nativeUpdate(Notification, untold(name), { payload: this.#payload(name.event, data()) });
    return true;
  }

  /** Removes a notice that nobody has taken in hand yet. */
  async withdraw(em: SqlEntityManager, name: NoticeName): Promise<void> {
    await em.nativeDelete(Notification, untold(name));
  }

  #payload(event: Notice['event'], data: NoticeFacts) {
    return { event, at: this.#now().toISOString(), ...data };
  }
}

function keyOf({ event, subject }: NoticeName): string {
  return `${event} ${subject}`;
}

function untold(name: NoticeName) {
  return { subject: keyOf(name), channel: UNASSIGNED };
}
