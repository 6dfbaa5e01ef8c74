import { randomUUID } from 'node:crypto';
import type { SqlEntityManager } from '@mikro-orm/sql';
import type { NoticeFacts } from '../../domain/notices.ts';
import type { Database } from '../../persistence/open-database.ts';
import { NoticeOutbox } from '../../persistence/repositories/notice-outbox.ts';
import type { Clock } from './ports.ts';

/** Without an end the notice goes out so long after the last failure: the process may have died. */
const LATEST_MS = 10 * 60_000;
/** Sites that are named; the number of all is told in any case. */
const NAMED = 100;

/** The notice of one failed operation. */
export type FailureFacts = Required<
  Pick<NoticeFacts, 'logId' | 'site' | 'action' | 'reason' | 'actor' | 'source' | 'error'>
>;

/**
 * The failures of a run of many operations, in one notice. It is written with the first of them, in the same
 * transaction, grows with each, and is due when the run ends, or ten minutes after the last failure should it never end.
 */
export class RunNotice {
  readonly #database: Database;
  readonly #now: () => Date;
  readonly #outbox: NoticeOutbox;
  readonly #id = randomUUID();
  /** By the id of the log row. */
  readonly #failures = new Map<number, FailureFacts>();
  /** Of a run that goes on after its notice was handed over, the rest is told in another; 0: nothing is written yet. */
  #part = 0;

  constructor({ database, clock }: { database: Database; clock: Clock }) {
    this.#database = database;
    this.#now = () => clock.now();
    this.#outbox = new NoticeOutbox(this.#now);
  }

  /** To be called once in the transaction that closes the failed rows. */
  async add(em: SqlEntityManager, failures: readonly FailureFacts[]): Promise<void> {
    const due = new Date(this.#now().getTime() + LATEST_MS);
    for (const each of failures) this.#failures.set(each.logId, each);
    if (this.#part > 0 && (await this.#outbox.rewrite(em, this.#name(), due, () => this.#tell()))) return;
    if (this.#part > 0) this.#failures.clear();
    for (const each of failures) this.#failures.set(each.logId, each);
    this.#part += 1;
    await this.#outbox.add(em, { ...this.#name(), data: this.#tell() }, due);
  }

  /** What was tried again is no failure of the run. */
  forget(logId: number | null): void {
    if (logId !== null) this.#failures.delete(logId);
  }

  /** Makes the notice due. Never fails: what cannot be written now is told later all the same. */
  async end(): Promise<void> {
    if (this.#part === 0) return;
    const write = async (em: SqlEntityManager) => {
      if (this.#failures.size === 0) await this.#outbox.withdraw(em, this.#name());
      else await this.#outbox.rewrite(em, this.#name(), this.#now(), () => this.#tell());
    };
    await this.#database.transaction(write).catch(() => undefined);
  }

  #name() {
    return { event: 'operation.failed' as const, subject: `run:${this.#id}@${this.#part}` };
  }

  #tell(): NoticeFacts {
    const all = [...this.#failures.values()];
    const [first] = all;
    if (first === undefined || all.length === 1) return { ...first };
    const { action, reason, actor, source } = first;
    const failures = all.slice(0, NAMED).map(({ site, error: { code, message } }) => {
      return { site: site ?? '', error: [code, message].filter((part) => part !== null).join(': ') };
    });
    return { action, reason, actor, source, failures, failureCount: all.length };
  }
}
