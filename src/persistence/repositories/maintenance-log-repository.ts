import type { EntityData, RequiredEntityData } from '@mikro-orm/sql';
import { MaintenanceLog } from '../../domain/maintenance-log.ts';
import { IntermissionError, type JsonValue } from '../../errors.ts';
import { isSqlite } from '../database-clock.ts';
import { LogQuery } from './maintenance-log-query.ts';
import { notFound } from './not-found.ts';

export interface LogStats {
  total: number;
  successful: number;
  failed: number;
  pending: number;
  /** Percent of all rows, 0 to 100; 0 when there are none. */
  successRate: number;
  /** Seconds, over the rows that have a duration; 0 when none has. */
  avgDuration: number;
}

/** What ended on one day. */
export interface DayStats {
  /** `2026-01-31` */
  day: string;
  successful: number;
  failed: number;
  /** Seconds, as in {@link LogStats}. */
  avgDuration: number;
}

export type NewLog = Omit<RequiredEntityData<MaintenanceLog>, 'id' | 'createdAt'>;
/** How an operation ended. */
export type LogOutcome = Omit<EntityData<MaintenanceLog>, 'id' | 'status' | 'createdAt' | 'finishedAt'> & {
  status: 'success' | 'failed';
};

/** The log: a query for all of it, statistics, and the writes of a row's life: begin, end, and what visitors got then. */
export class MaintenanceLogRepository extends LogQuery {
  /** @throws IntermissionError `not_found` */
  async get(identity: { id: number }): Promise<MaintenanceLog> {
    const log = await this.filter({ id: identity.id }).first();
    if (log !== undefined) return log;
    throw notFound('log row', String(identity.id), [], 'intermission log list');
  }

  /** Writes a row that begins now. One that is not pending is finished now as well. */
  async create(data: NewLog): Promise<MaintenanceLog> {
    const log = this.#build(data);
    await this.em.flush();
    return log;
  }

  /** The same for many rows, written together. */
  async createAll(rows: readonly NewLog[]): Promise<MaintenanceLog[]> {
    const logs = rows.map((row) => this.#build(row));
    await this.em.flush();
    return logs;
  }

  /**
   * Finishes a pending row.
   *
   * @throws IntermissionError `internal` when it is finished already: a finished row never changes.
   */
  async complete(log: MaintenanceLog, outcome: LogOutcome): Promise<MaintenanceLog> {
    this.finish(log, outcome);
    await this.em.flush();
    return log;
  }

  /** As `complete`, for the next flush. */
  finish(log: MaintenanceLog, outcome: LogOutcome): void {
    if (log.status !== 'pending') {
      throw new IntermissionError('internal', `Log row ${log.id} is finished and cannot be finished again.`, {
        hint: 'Please report this.',
      });
    }
    const finishedAt = this.now();
    const durationSeconds = (finishedAt.getTime() - log.createdAt.getTime()) / 1000;
    this.em.assign(log, { durationSeconds, ...outcome, finishedAt } as EntityData<MaintenanceLog>);
  }

  /**
   * Adds what visitors got to a row that is finished. It says nothing else about the operation than before.
   *
   * @throws IntermissionError `internal` when it is not finished, or has a proof already
   */
  async addProof(
    log: MaintenanceLog,
    { proof, evidence }: { proof: 'proven' | 'unproven'; evidence: JsonValue },
  ): Promise<MaintenanceLog> {
    if (log.status === 'pending' || (log.proof ?? 'skipped') !== 'skipped') {
      const why = log.status === 'pending' ? 'is not finished' : 'has a proof already';
      throw new IntermissionError('internal', `Log row ${log.id} ${why}.`, { hint: 'Please report this.' });
    }
    log.proof = proof;
    log.evidence = evidence;
    await this.em.flush();
    return log;
  }

  /** Counts over the last `days` days, in one pass over one index. */
  async getStats({ days = 30 }: { days?: number } = {}): Promise<LogStats> {
    const rows = await this.em.execute<Record<string, number | string | null>[]>(STATS_SQL, [
      this.daysAgo(days),
    ]);
    const of = (name: string) => Number(rows[0]?.[name] ?? 0);
    const total = of('total');
    const successful = of('successful');
    return {
      total,
      successful,
      failed: of('failed'),
      pending: of('pending'),
      successRate: total === 0 ? 0 : (successful / total) * 100,
      avgDuration: of('average'),
    };
  }

  /** The last `days` days, today included, each with what ended on it; the oldest first, days in UTC. */
  async getDailyStats({ days = 30 }: { days?: number } = {}): Promise<DayStats[]> {
    const today = Math.floor(this.now().getTime() / DAY_MS);
    const first = today - days + 1;
    const rows = await this.em.execute<Record<string, number | string | null>[]>(
      dailySql(isSqlite(this.em)),
      [new Date(first * DAY_MS)],
    );
    const found = new Map(rows.map((row) => [Number(row['day']), row]));
    return Array.from({ length: days }, (_, at) => {
      const row = found.get(first + at);
      const of = (name: string) => Number(row?.[name] ?? 0);
      const day = new Date((first + at) * DAY_MS).toISOString().slice(0, 10);
      return { day, successful: of('successful'), failed: of('failed'), avgDuration: of('average') };
    });
  }

  /** The newest rows. */
  getRecentActivity(limit = 10): Promise<MaintenanceLog[]> {
    return this.limit(limit).all();
  }

  #build(data: NewLog): MaintenanceLog {
    const now = this.now();
    const finishedAt = data.status === 'pending' ? null : now;
    const row = { finishedAt, ...data, createdAt: now };
    return this.em.create(MaintenanceLog, row as RequiredEntityData<MaintenanceLog>);
  }
}

const STATS_SQL = `
  select count(*) as total,
    sum(case when status = 'success' then 1 else 0 end) as successful,
    sum(case when status = 'failed' then 1 else 0 end) as failed,
    sum(case when status = 'pending' then 1 else 0 end) as pending,
    avg(duration_seconds) as average
  from maintenance_log where created_at >= ?`;

const DAY_MS = 86_400_000;

function dailySql(onSqlite: boolean): string {
  const day = onSqlite ? `created_at / ${DAY_MS}` : 'floor(extract(epoch from created_at) / 86400)';
  return `
  select ${day} as day,
    sum(case when status = 'success' then 1 else 0 end) as successful,
    sum(case when status = 'failed' then 1 else 0 end) as failed,
    avg(duration_seconds) as average
  from maintenance_log where created_at >= ? group by 1`;
}
