import { randomUUID } from 'node:crypto';
import { LockMode, type SqlEntityManager } from '@mikro-orm/sql';
import { Notification } from '../../domain/supporting.ts';
import { isSqlite, leaseClockSql } from '../database-clock.ts';

/** The channel of a notice as it is written: whoever delivers knows the channels. */
export const UNASSIGNED = '';

export interface ClaimRequest {
  channel: string;
  /** Random and new for each claim. */
  token: string;
  limit: number;
  leaseMs: number;
}

/** What became of a claimed notice. */
export type Settlement =
  | { delivered: true }
  /** `nextAttemptAt` null: nobody tries again. `remaining`: of several recipients these have not got it. */
  | { delivered: false; error: string; nextAttemptAt: Date | null; remaining: string[] | null };

/** The outbox as those see it who deliver. Due is what `nextAttemptAt` says by the clock of whoever asks. */
export class NoticeRepository {
  readonly #em: SqlEntityManager;
  readonly #now: () => Date;

  constructor(em: SqlEntityManager, now: () => Date) {
    this.#em = em;
    this.#now = now;
  }

  /** Channels for which something is due, {@link UNASSIGNED} among them; says nothing of who has it in hand. */
  async channelsWithDue(): Promise<string[]> {
    const rows = await this.#em.execute<{ channel: string }[]>(
      'select distinct channel from notification where delivered_at is null and next_attempt_at <= ?',
      [this.#now()],
    );
    return rows.map(({ channel }) => channel);
  }

  /** In a transaction: makes one notice per channel of each that is due and was written for none yet. Returns how many those were. */
  async assign(channels: readonly string[], limit: number): Promise<number> {
    const rows = await this.#em.find(
      Notification,
      { channel: UNASSIGNED, nextAttemptAt: { $lte: this.#now() } },
      { orderBy: { id: 'asc' }, limit, lockMode: LockMode.PESSIMISTIC_PARTIAL_WRITE },
    );
    for (const row of rows) {
      const { event, payload, nextAttemptAt, createdAt } = row;
      for (const [index, channel] of channels.entries()) {
        if (index === 0) row.channel = channel;
        else
          this.#em.create(Notification, {
            ...{ event, payload, nextAttemptAt, createdAt, channel },
            idempotencyKey: randomUUID(),
          });
      }
    }
    await this.#em.flush();
    return rows.length;
  }

  /** Removes what was written before `time` and nobody with a channel has taken in hand. */
  async dropUnassigned(time: Date): Promise<void> {
    await this.#em.nativeDelete(Notification, { channel: UNASSIGNED, createdAt: { $lt: time } });
  }

  /**
   * Takes the notices that are due for longest, and counts the attempt. Nobody else gets them before the lease, by the
   * clock of leases, is over; a lease that ends later than one from now on is of before the machine was started anew.
   */
  async claim({ channel, token, limit, leaseMs }: ClaimRequest): Promise<Notification[]> {
    const clock = leaseClockSql(this.#em);
    await this.#em.execute(
      `update notification set claim_token = ?, claimed_until = ${clock} + ?, attempts = attempts + 1
       where id in (
         select id from notification
         where delivered_at is null and next_attempt_at <= ? and channel = ?
           and (claimed_until is null or claimed_until <= ${clock} or claimed_until > ${clock} + ?)
         order by next_attempt_at, id limit ? ${isSqlite(this.#em) ? '' : 'for update skip locked'})`,
      [token, leaseMs, this.#now(), channel, leaseMs, limit],
      'run',
    );
    return this.#em.find(Notification, { claimToken: token }, { orderBy: { id: 'asc' } });
  }

  /** Writes down what became of a notice, unless somebody else has it by now. */
  async settle(id: number, token: string, settlement: Settlement): Promise<void> {
    const free = { claimToken: null, claimedUntil: null };
    const result = settlement.delivered
      ? { deliveredAt: this.#now(), nextAttemptAt: null, lastError: null, remaining: null }
      : {
          lastError: settlement.error,
          nextAttemptAt: settlement.nextAttemptAt,
          remaining: settlement.remaining,
        };
    await this.#em.nativeUpdate(Notification, { id, claimToken: token }, { ...result, ...free });
  }

  /** Not delivered yet, or given up, the oldest first. */
  undelivered(limit: number): Promise<Notification[]> {
    return this.#em.find(
      Notification,
      { deliveredAt: null },
      { orderBy: { createdAt: 'asc', id: 'asc' }, limit },
    );
  }

  /** Makes everything due that nobody has got yet and nobody hands over now, as if it had never been tried. */
  async makeDue(): Promise<void> {
    const again = { nextAttemptAt: this.#now(), attempts: 0 };
    await this.#em.nativeUpdate(Notification, { deliveredAt: null, claimToken: null }, again);
  }

  /** Removes what was written before `time` and is delivered, given up, or was left alone since by everybody. */
  async prune(time: Date): Promise<void> {
    await this.#em.nativeDelete(Notification, {
      createdAt: { $lt: time },
      $or: [{ nextAttemptAt: null }, { nextAttemptAt: { $lt: time } }],
    });
  }
}
