import { randomUUID } from 'node:crypto';
import { IntermissionError } from '../../errors.ts';

/** What the lock needs of the database, which measures leases with a clock of its own. */
export interface ZoneLockStore<Transaction> {
  tryAcquire(
    zoneId: string,
    lock: { token: string; owner: string; leaseMs: number },
  ): Promise<{ acquired: true } | { acquired: false; owner: string; ageMs: number }>;
  /** False when another process has or had the lock. */
  renew(zoneId: string, token: string, leaseMs: number): Promise<boolean>;
  isHeld(transaction: Transaction, zoneId: string, token: string): Promise<boolean>;
  release(zoneId: string, token: string): Promise<void>;
}

export interface ZoneLockOptions {
  leaseMs: number;
  /** Milliseconds of a clock that never jumps. It may stand still while the machine sleeps. */
  monotonic: () => number;
  /** The time of day: jumps, and goes on while the machine sleeps. */
  clock: { now(): Date };
  wait: (ms: number, signal?: AbortSignal) => Promise<void>;
}

/** How much longer than a lease somebody waits for a lock: then its holder is alive and busy. */
const PATIENCE_MS = 5_000;
const POLL_MS = 150;

/** Waiting that is shorter than this is not worth a word. */
const NOTICE_MS = 1_000;

/** Whom somebody waits for. */
export interface Waiting {
  owner: string;
  /** How long the holder has had the lock. */
  ageMs: number;
  /** How much longer is waited at most. */
  leftMs: number;
}

/**
 * Takes the lock of a zone: order, quota and rulesets belong to the zone, so one process at a time changes its rules.
 *
 * @throws IntermissionError `site_locked` after lease + 5 s, naming owner and age
 */
export async function acquireZoneLock<Transaction>(
  store: ZoneLockStore<Transaction>,
  request: {
    zoneId: string;
    owner: string;
    signal?: AbortSignal | undefined;
    /** Told once, when it takes more than a second. */
    onWaiting?: ((waiting: Waiting) => void) | undefined;
  },
  options: ZoneLockOptions,
): Promise<ZoneLock<Transaction>> {
  const { zoneId, owner, signal } = request;
  const token = randomUUID();
  const started = options.monotonic();
  const deadline = started + options.leaseMs + PATIENCE_MS;
  let { onWaiting } = request;
  for (;;) {
    signal?.throwIfAborted();
    const asked = moment(options);
    const answer = await store.tryAcquire(zoneId, { token, owner, leaseMs: options.leaseMs });
    if (answer.acquired) return new ZoneLock(store, { zoneId, token, takenAt: asked }, options);
    const now = options.monotonic();
    if (now >= deadline) throw busy(zoneId, answer);
    if (now - started >= NOTICE_MS) {
      onWaiting?.({ owner: answer.owner, ageMs: answer.ageMs, leftMs: deadline - now });
      onWaiting = undefined;
    }
    await options.wait(POLL_MS, signal);
  }
}

/** A held lock. Renews itself every quarter of its lease until it is released. */
export class ZoneLock<Transaction> {
  readonly zoneId: string;
  readonly #token: string;
  readonly #store: ZoneLockStore<Transaction>;
  readonly #options: ZoneLockOptions;
  readonly #timer: NodeJS.Timeout;
  #renewedAt: Moment;
  #renewing: Promise<void> | undefined;
  #lost = false;

  constructor(
    store: ZoneLockStore<Transaction>,
    taken: { zoneId: string; token: string; takenAt: Moment },
    options: ZoneLockOptions,
  ) {
    this.zoneId = taken.zoneId;
    this.#token = taken.token;
    this.#renewedAt = taken.takenAt;
    this.#store = store;
    this.#options = options;
    this.#timer = setInterval(() => void this.#renew(), options.leaseMs / 4);
    this.#timer.unref();
  }

  /**
   * Awaited directly before each write to Cloudflare: at least half a lease is left, and a request times out after
   * half a lease, so that no write of ours can land in the time of another holder.
   *
   * @throws IntermissionError `interrupted` when the lock was lost: nothing more may be written
   */
  async assertHeld(): Promise<void> {
    if (!this.#hasHalfLease()) await this.#renew();
    if (!this.#hasHalfLease()) throw lost(this.zoneId);
  }

  /**
   * Inside the transaction that commits the result: nobody else has had the lock, however late it is.
   *
   * @throws IntermissionError `interrupted`
   */
  async assertHeldIn(transaction: Transaction): Promise<void> {
    if (!(await this.#store.isHeld(transaction, this.zoneId, this.#token))) throw lost(this.zoneId);
  }

  /** Never fails: what was done under the lock stands, and a lease that is not given back ends by itself. */
  async release(): Promise<void> {
    clearInterval(this.#timer);
    await this.#renewing;
    await this.#store.release(this.zoneId, this.#token).catch(() => undefined);
  }

  /**
   * By both clocks. Where the database is elsewhere, its clock goes on while this machine sleeps, and so does the time
   * of day. When that was only set forward, one question to the database too many is asked.
   */
  #hasHalfLease(): boolean {
    const { steady, wall } = this.#sinceRenewal();
    return !this.#lost && Math.max(steady, wall) <= this.#options.leaseMs / 2;
  }

  #sinceRenewal(): Moment {
    const { steady, wall } = moment(this.#options);
    return { steady: steady - this.#renewedAt.steady, wall: wall - this.#renewedAt.wall };
  }

  #renew(): Promise<void> {
    this.#renewing ??= this.#renewOnce().finally(() => {
      this.#renewing = undefined;
    });
    return this.#renewing;
  }

  async #renewOnce(): Promise<void> {
    // A process that stood still for its whole lease does not take up again where it was.
    if (this.#sinceRenewal().steady >= this.#options.leaseMs) this.#lost = true;
    if (this.#lost) return;
    const asked = moment(this.#options);
    try {
      if (await this.#store.renew(this.zoneId, this.#token, this.#options.leaseMs)) this.#renewedAt = asked;
      else this.#lost = true;
    } catch {
      // The database did not answer: the lease runs on, and the next attempt or the check before a write decides.
    }
  }
}

/** Milliseconds of both clocks. */
interface Moment {
  steady: number;
  wall: number;
}

function moment({ monotonic, clock }: ZoneLockOptions): Moment {
  return { steady: monotonic(), wall: clock.now().getTime() };
}

function busy(zoneId: string, holder: { owner: string; ageMs: number }): IntermissionError {
  const age = Math.round(holder.ageMs / 1000);
  return new IntermissionError(
    'site_locked',
    `Another operation is changing this zone: ${holder.owner}, since ${age} s.`,
    {
      hint: 'Wait for it to finish and repeat. If its process is gone, its lock ends by itself within seconds.',
      details: { zoneId, owner: holder.owner, ageSeconds: age },
    },
  );
}

function lost(zoneId: string): IntermissionError {
  return new IntermissionError(
    'interrupted',
    'This process lost the lock of the zone, because it was stopped or could not reach its database for too long. It has stopped without another write.',
    {
      hint: 'Repeat the command: it first puts in order what was left half done.',
      details: { zoneId },
    },
  );
}
