import type { SqlEntityManager } from '@mikro-orm/sql';
import { CloudflareApiKey } from '../../domain/cloudflare-api-key.ts';
import type { CloudflareSite } from '../../domain/cloudflare-site.ts';
import type { ForeignRule, UnrestoredRule } from '../../domain/edge-state.ts';
import { type Actor, MaintenanceLog } from '../../domain/maintenance-log.ts';
import type { NoticeFacts } from '../../domain/notices.ts';
import type { JournaledChange, RuleState } from '../../engines/engine.ts';
import type { IntermissionError, JsonValue } from '../../errors.ts';
import type { Database } from '../../persistence/open-database.ts';
import { MaintenanceLogRepository } from '../../persistence/repositories/maintenance-log-repository.ts';
import { NoticeOutbox } from '../../persistence/repositories/notice-outbox.ts';
import type { Proof } from '../../probe/types.ts';
import type { OperationPlan } from './operation.ts';
import type { Clock } from './ports.ts';
import { getSite, planOf, planToJson, recordEdge, writeHolds } from './records.ts';

/** How an operation ended. */
export interface Outcome {
  state: RuleState;
  unrestored: readonly UnrestoredRule[];
  /** Rules that were called theirs; undefined leaves them as they are. */
  foreign?: ForeignRule[];
  plan: OperationPlan;
  /** When it was asked for. */
  startedAt: Date;
  /** Set when it failed. */
  error?: IntermissionError;
  /** The holds are written as the intent asks, by what was in force then; undefined leaves them as they are. */
  holdsAsOf?: Date;
  /** The key that was used; its last use is recorded. */
  apiKeyId: number | null;
  /** True: nothing was changed, and it is tried again and again. A row is kept only when the error is another. */
  repeats?: boolean;
}

/** Who asked, why, and when. */
interface About {
  reason: string;
  actor: Actor;
  startedAt: Date;
  /** True: it is tried again and again. A row is written only when the error is another than the last time. */
  repeats?: boolean;
}

/** The part of the lock that a commit needs. */
export interface HeldLock {
  assertHeldIn(em: SqlEntityManager): Promise<void>;
}

/** Writes the log rows of one service. A row is opened before the first change, closed exactly once, and may get a proof. */
export class Journal {
  readonly #database: Database;
  readonly #clock: Clock;

  constructor(database: Database, clock: Clock) {
    this.#database = database;
    this.#clock = clock;
  }

  /** Commits what is about to be done, before the first write to Cloudflare. Returns the id of the pending row. */
  open(site: CloudflareSite, plan: OperationPlan, about: About): Promise<number> {
    return this.#database.transaction(async (em) => {
      const row = await this.#logs(em).create({
        ...basics(site, plan, about),
        status: 'pending',
        plan: planToJson(plan),
      });
      return row.id;
    });
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
    return this.#database.transaction(async (em) => {
      await lock.assertHeldIn(em);
      const row = await this.#logs(em).get({ id: rowId });
      if (outcome.repeats === true && outcome.error !== undefined && row.site != null) {
        const told = await this.#findTold(em, row.site.id, outcome.error);
        if (told !== undefined) {
          em.remove(row);
          return told;
        }
      }
      const now = this.#clock.now();
      const changed = row.site == null ? null : await this.#record(em, row, outcome, now);
      const ended = { ...ending(outcome.error), changed, plan: planToJson(outcome.plan) };
      await this.#logs(em).complete(row, {
        ...ended,
        durationSeconds: secondsBetween(outcome.startedAt, now),
      });
      await this.#tell(em, row);
      await touchKey(em, outcome.apiKeyId, now);
      return row;
    });
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
      const told = about.repeats === true ? await this.#findTold(em, site.id, error) : undefined;
      if (told !== undefined) return told;
      const durationSeconds = secondsBetween(about.startedAt, this.#clock.now());
      const row = await this.#logs(em).create({
        ...basics(site, plan, about),
        ...ending(error),
        plan: JSON.parse(JSON.stringify(plan)) as JsonValue,
        durationSeconds,
      });
      await this.#tell(em, row);
      return row;
    });
  }

  /** Who looks after the sites hears of every operation that failed. That others hold a site is no failure of it. */
  async #tell(em: SqlEntityManager, row: MaintenanceLog): Promise<void> {
    if (row.status !== 'failed' || row.errorCode === 'held_by_others') return;
    await new NoticeOutbox(() => this.#clock.now()).add(em, {
      event: 'operation.failed',
      subject: `log:${row.id}`,
      data: noticeOf(row),
    });
  }

  /** The last row of a site, if it says already that the scheduler failed for the same reason. */
  async #findTold(
    em: SqlEntityManager,
    siteId: number,
    error: IntermissionError,
  ): Promise<MaintenanceLog | undefined> {
    const last = await this.#logs(em)
      .withSite()
      .forSite({ id: siteId })
      .filter({ status: { $ne: 'pending' } })
      .first();
    const isSame = last?.source === 'schedule' && last.status === 'failed' && last.errorCode === error.code;
    return isSame ? last : undefined;
  }

  async #record(em: SqlEntityManager, row: MaintenanceLog, outcome: Outcome, now: Date): Promise<JsonValue> {
    const site = await getSite(em, row.site?.id ?? 0);
    const before = site.maintenanceActive ?? false;
    const by: Actor = { name: row.actor ?? '', source: row.source };
    const { holdsAsOf: asOf } = outcome;
    const holds =
      asOf === undefined ? [] : await writeHolds(em, site.id, outcome.plan.intent, by, { asOf, now });
    recordEdge(site, outcome.plan, outcome);
    if (asOf !== undefined) {
      site.maintenanceActive = outcome.plan.url !== null;
      if (outcome.plan.intent.kind === 'enable') site.lastMaintenanceAt = now;
    }
    site.updatedAt = now;
    return { maintenanceActive: [before, site.maintenanceActive ?? false], holds };
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

/** How a row is closed. */
function ending(error: IntermissionError | undefined) {
  if (error === undefined) return { status: 'success' as const };
  return {
    status: 'failed' as const,
    errorCode: error.code,
    errorMessage: error.message,
    cloudflareResponse: responseOf(error),
  };
}

function noticeOf(row: MaintenanceLog): NoticeFacts {
  const { id, domain = null, action, reason = '', actor = '', source } = row;
  const { errorCode = null, errorMessage = null } = row;
  return {
    logId: id,
    site: domain,
    action,
    reason,
    actor,
    source,
    error: { code: errorCode, message: errorMessage },
  };
}

function secondsBetween(from: Date, to: Date): number {
  return Math.max(0, to.getTime() - from.getTime()) / 1000;
}

/** What Cloudflare answered, where the error came from there. */
function responseOf(error: IntermissionError): JsonValue {
  const { status, codes, messages } = error.details;
  return status === undefined ? null : { status, codes: codes ?? [], messages: messages ?? [] };
}

async function touchKey(em: SqlEntityManager, apiKeyId: number | null, now: Date): Promise<void> {
  if (apiKeyId !== null) await em.nativeUpdate(CloudflareApiKey, { id: apiKeyId }, { lastUsedAt: now });
}
