import { randomUUID } from 'node:crypto';
import type { Notification } from '../../domain/supporting.ts';
import type { Channel, Handover, Message } from '../../notifications/channel.ts';
import { renderNotice, renderTest } from '../../notifications/render.ts';
import type { Database } from '../../persistence/open-database.ts';
import {
  NoticeRepository,
  type Settlement,
  UNASSIGNED,
} from '../../persistence/repositories/notice-repository.ts';
import { nextAttempt } from './back-off.ts';

export interface NoticeOptions {
  database: Database;
  now: () => Date;
  /** By name; opened when there is something to send. */
  channels: ReadonlyMap<string, () => Promise<Channel>>;
  /** Milliseconds of a clock that nobody sets. */
  monotonic: () => number;
  /** From 0 up to, not including, 1. */
  random?: () => number;
}

/** What one run of deliveries came to. */
export interface Deliveries {
  delivered: number;
  /** Those that are tried again later, or were given up. */
  failed: number;
}

export interface UndeliveredNotice {
  id: number;
  event: string;
  /** What it says, in one line. */
  subject: string;
  /** Null: nobody who delivers has seen it yet. */
  channel: string | null;
  attempts: number;
  lastError: string | null;
  /** Null: given up. */
  nextAttemptAt: Date | null;
  createdAt: Date;
}

export interface ChannelTest {
  channel: string;
  /** Null: it was taken. */
  error: string | null;
}

/** Handed over at the same time, per channel. */
const BATCH = 5;
/** No hand-over takes half as long. */
const LEASE_MS = 60_000;
/** After that no further batch is begun: the next run goes on. */
const BUDGET_MS = 30_000;
const DAY_MS = 86_400_000;
const KEPT_MS = 30 * DAY_MS;
const UNASSIGNED_MS = DAY_MS;
const ASSIGNED_AT_ONCE = 200;
const MOST_SHOWN = 1000;

/** Delivers what the outbox holds. Any number of processes may do so on one database. */
export class NoticeService {
  readonly #options: NoticeOptions;

  constructor(options: NoticeOptions) {
    this.#options = options;
  }

  /** Names of the channels that are configured. */
  get channels(): string[] {
    return [...this.#options.channels.keys()];
  }

  /**
   * Hands over what is due, all channels at the same time. A channel that takes nothing is left alone until the next
   * run. Whatever ends this process between hand-over and commit, the notice is repeated under the same id.
   */
  async deliverDue({ signal }: { signal?: AbortSignal | undefined } = {}): Promise<Deliveries> {
    const due = await this.#dueChannels();
    if (due.length === 0) return { delivered: 0, failed: 0 };
    const runs = await Promise.all(due.map((name) => this.#deliver(name, signal)));
    await this.#notices().prune(new Date(this.#options.now().getTime() - KEPT_MS));
    return {
      delivered: runs.reduce((sum, { delivered }) => sum + delivered, 0),
      failed: runs.reduce((sum, { failed }) => sum + failed, 0),
    };
  }

  /** Sends one test notice to each channel, past the outbox. */
  async sendTest(from: string): Promise<ChannelTest[]> {
    const { channels, now } = this.#options;
    const message: Message = {
      id: randomUUID(),
      event: 'test',
      createdAt: now(),
      facts: { event: 'test', from },
      ...renderTest(from),
    };
    return Promise.all(
      [...channels].map(async ([name, open]) => {
        const channel = await open();
        const handover = await channel.send(message);
        channel.close();
        return { channel: name, error: handover.ok ? null : handover.error };
      }),
    );
  }

  /** Notices that nobody has got yet, the oldest first, a thousand at most. */
  async undelivered(): Promise<UndeliveredNotice[]> {
    const rows = await this.#notices().undelivered(MOST_SHOWN);
    return rows.map((row) => ({
      id: row.id,
      event: row.event,
      subject: messageOf(row).subject,
      channel: row.channel === UNASSIGNED ? null : row.channel,
      attempts: row.attempts ?? 0,
      lastError: row.lastError ?? null,
      nextAttemptAt: row.nextAttemptAt ?? null,
      createdAt: row.createdAt,
    }));
  }

  /** Delivers now what nobody has got yet, also what was given up. */
  async retry(options: { signal?: AbortSignal | undefined } = {}): Promise<Deliveries> {
    await this.#notices().makeDue();
    return this.deliverDue(options);
  }

  /**
   * What is written for no channel yet is assigned first. Where none is configured it is left for a machine that has
   * one, but not for long.
   */
  async #dueChannels(): Promise<string[]> {
    const { database, now, channels } = this.#options;
    const due = await this.#notices().channelsWithDue();
    const known = due.filter((name) => channels.has(name));
    if (!due.includes(UNASSIGNED)) return known;
    if (channels.size === 0) {
      await this.#notices().dropUnassigned(new Date(now().getTime() - UNASSIGNED_MS));
      return [];
    }
    const assign = () =>
      database.transaction((em) => new NoticeRepository(em, now).assign(this.channels, ASSIGNED_AT_ONCE));
    while ((await assign()) === ASSIGNED_AT_ONCE);
    return this.channels;
  }

  async #deliver(name: string, signal: AbortSignal | undefined): Promise<Deliveries> {
    const { channels, monotonic } = this.#options;
    const end = monotonic() + BUDGET_MS;
    const result = { delivered: 0, failed: 0 };
    let channel: Channel | undefined;
    try {
      while (signal?.aborted !== true && monotonic() < end) {
        const token = randomUUID();
        const rows = await this.#notices().claim({ channel: name, token, limit: BATCH, leaseMs: LEASE_MS });
        if (rows.length === 0) break;
        channel ??= await channels.get(name)?.();
        if (channel === undefined) break;
        const handovers = await this.#handOver(channel, rows, token);
        const delivered = handovers.filter(({ ok }) => ok).length;
        result.delivered += delivered;
        result.failed += rows.length - delivered;
        if (!handovers.some(hasReachedSomebody)) break;
      }
    } finally {
      channel?.close();
    }
    return result;
  }

  #handOver(channel: Channel, rows: readonly Notification[], token: string): Promise<Handover[]> {
    const handOver = async (row: Notification) => {
      const handover = await channel.send(messageOf(row), row.remaining ?? undefined);
      await this.#notices().settle(row.id, token, this.#settlement(row, handover));
      return handover;
    };
    return Promise.all(rows.map(handOver));
  }

  #settlement(row: Notification, handover: Handover): Settlement {
    if (handover.ok) return { delivered: true };
    const { now, random = Math.random } = this.#options;
    return {
      delivered: false,
      error: handover.error,
      nextAttemptAt: nextAttempt(row.attempts ?? 1, now(), random()),
      remaining: 'remaining' in handover ? handover.remaining : (row.remaining ?? null),
    };
  }

  #notices(): NoticeRepository {
    const { database, now } = this.#options;
    return new NoticeRepository(database.read(), now);
  }
}

function hasReachedSomebody(handover: Handover): boolean {
  return handover.ok || 'remaining' in handover;
}

function messageOf(row: Notification): Message {
  const { idempotencyKey, event, payload, createdAt } = row;
  return { id: idempotencyKey, event, createdAt, facts: payload, ...renderNotice(event, payload) };
}
