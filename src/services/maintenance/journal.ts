import type { SqlEntityManager } from '@mikro-orm/sql';
import type { CloudflareSite } from '../../domain/cloudflare-site.ts';
import { type Actor, MaintenanceLog } from '../../domain/maintenance-log.ts';
import type { JournaledChange } from '../../engines/engine.ts';
import { type IntermissionError, isIntermissionError, type JsonValue } from '../../errors.ts';
import type { Database } from '../../persistence/open-database.ts';
import {
  MaintenanceLogRepository,
  type NewLog,
} from '../../persistence/repositories/maintenance-log-repository.ts';
import type { Proof } from '../../probe/types.ts';
import { Batch, type Served } from '../batch.ts';
import { type Closing, closeRows, type HeldLock, type Outcome } from './close-rows.ts';
import type { OperationPlan } from './operation.ts';
import type { Clock } from './ports.ts';
import { planOf, planToJson } from './records.ts';
import { ending, findTold, secondsBetween, tell } from './row-fields.ts';
import type { RunNotice } from './run-notice.ts';

/** Who asked, why, and when. */
interface About {
  reason: string;
  actor: Actor;
  startedAt: Date;
  /** True: it is tried again and again. A row is written only when the error is another than the last time. */
  repeats?: boolean;
  /** Tells of the failure together with others. */
  run?: RunNotice | undefined;
}

/** Writes the log rows of one service. A row is opened before the first change, closed exactly once, and may get a proof. */
export class Journal {
  readonly #database: Database;
  readonly #clock: Clock;

  /** Rows that are opened or closed at the same time share a transaction: one wait for the disk, not one each. */
  readonly #openings: Batch<NewLog, number>;
  readonly #closings: Batch<Closing, MaintenanceLog>;

  constructor(database: Database, clock: Clock) {
    this.#database = database;
    this.#clock = clock;
    // Trying again one by one does not help there, and whether the first attempt was stored may not be known.
    const isFinal = (error: unknown) => isIntermissionError(error) && error.code === 'database_unavailable';
    this.#openings = new Batch((rows) => this.#openAll(rows), { isFinal });
    this.#closings = new Batch((closings) => this.#closeAll(closings), { isFinal });
  }

  /** Commits what is about to be done, before the first write to Cloudflare. Returns the id of the pending row. */
  open(site: CloudflareSite, plan: OperationPlan, about: About): Promise<number> {
    const row = { ...basics(site, plan, about), status: 'pending' as const, plan: planToJson(plan) };
    return this.#openings.ask(row);
  }

  /** Commits the changes as far as they are known, while the row is pending, and by which engine they are made. */
  async save(
    rowId: number,
    changes: readonly JournaledChange[],
    by?: Pick<OperationPlan, 'engine' | 'why'>,
  ): Promise<void> {
    await this.#database.transaction(async (em) => {
      const row = await em.findOneOrFail(MaintenanceLog, rowId);
      row.plan = planToJson({ ...planOf(row), ...by, changes: [...changes] });
    });
  }

  /**
   * Closes the row and records the result, in one transaction and only while the lock is still ours.
   *
   * @throws IntermissionError `interrupted` when the lock was lost: the row then stays pending
   */
  close(rowId: number, lock: HeldLock, outcome: Outcome): Promise<MaintenanceLog> {
    return this.#closings.ask({ rowId, lock, outcome }, outcome.isOneOfMany);
  }

  /** Adds to a finished row what visitors got after it; only once. */
  recordProof(rowId: number, { state, evidence }: Proof): Promise<MaintenanceLog> {
    return this.#database.transaction(async (em) => {
      const logs = this.#logs(em);
      return logs.addProof(await logs.get({ id: rowId }), { proof: state, evidence });
    });
  }

  /** One row for an operation that was refused or failed before anything was changed. */
  refuse(
    site: Pick<CloudflareSite, 'id' | 'domain'>,
    plan: Pick<OperationPlan, 'intent' | 'calls'>,
    about: About,
    error: IntermissionError,
  ): Promise<MaintenanceLog> {
    return this.#database.transaction(async (em) => {
      const told = about.repeats === true ? await findTold(this.#logs(em), site.id, error) : undefined;
      if (told !== undefined) return told;
      const durationSeconds = secondsBetween(about.startedAt, this.#clock.now());
      const row = await this.#logs(em).create({
        ...basics(site, plan, about),
        ...ending(error),
        plan: JSON.parse(JSON.stringify(plan)) as JsonValue,
        durationSeconds,
      });
      await tell(em, [{ row, run: about.run }], () => this.#clock.now());
      return row;
    });
  }

  async #openAll(rows: readonly NewLog[]): Promise<Served<number>[]> {
    const opened = await this.#database.transaction((em) => this.#logs(em).createAll(rows));
    return opened.map(({ id }) => ({ value: id }));
  }

  #closeAll(closings: readonly Closing[]): Promise<Served<MaintenanceLog>[]> {
    return this.#database.transaction((em) => closeRows(em, closings, () => this.#clock.now()));
  }

  #logs(em: SqlEntityManager): MaintenanceLogRepository {
    return new MaintenanceLogRepository(em, () => this.#clock.now());
  }
}

function basics(
  site: Pick<CloudflareSite, 'id' | 'domain'>,
  plan: Pick<OperationPlan, 'intent'>,
  about: About,
) {
  const { reason, actor } = about;
  return {
    site: site.id,
    domain: site.domain,
    action: plan.intent.kind,
    reason,
    actor: actor.name,
    source: actor.source,
  };
}
