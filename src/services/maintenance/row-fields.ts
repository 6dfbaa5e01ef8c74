import type { SqlEntityManager } from '@mikro-orm/sql';
import type { MaintenanceLog } from '../../domain/maintenance-log.ts';
import type { IntermissionError, JsonValue } from '../../errors.ts';
import type { MaintenanceLogRepository } from '../../persistence/repositories/maintenance-log-repository.ts';
import { NoticeOutbox } from '../../persistence/repositories/notice-outbox.ts';
import type { FailureFacts, RunNotice } from './run-notice.ts';

/** Pure: how a row is closed. */
export function ending(error: IntermissionError | undefined) {
  if (error === undefined) return { status: 'success' as const };
  return {
    status: 'failed' as const,
    errorCode: error.code,
    errorMessage: error.message,
    cloudflareResponse: responseOf(error),
  };
}

/** What Cloudflare answered, where the error came from there. */
function responseOf(error: IntermissionError): JsonValue {
  const { status, codes, messages } = error.details;
  return status === undefined ? null : { status, codes: codes ?? [], messages: messages ?? [] };
}

export function secondsBetween(from: Date, to: Date): number {
  return Math.max(0, to.getTime() - from.getTime()) / 1000;
}

/** The last row of a site, if it says already that the scheduler failed for the same reason. */
export async function findTold(
  logs: MaintenanceLogRepository,
  siteId: number,
  error: IntermissionError,
): Promise<MaintenanceLog | undefined> {
  const last = await logs
    .withSite()
    .forSite({ id: siteId })
    .filter({ status: { $ne: 'pending' } })
    .first();
  const isSame = last?.source === 'schedule' && last.status === 'failed' && last.errorCode === error.code;
  return isSame ? last : undefined;
}

/** A finished row, and the run of many that it belongs to. */
export interface Told {
  row: MaintenanceLog;
  run: RunNotice | undefined;
}

/**
 * Who looks after the sites hears of every operation that failed: by itself, or with the others of its run. That others
 * hold a site is no failure of it.
 */
export async function tell(em: SqlEntityManager, rows: readonly Told[], now: () => Date): Promise<void> {
  const failed = rows.filter(({ row }) => row.status === 'failed' && row.errorCode !== 'held_by_others');
  for (const [run, ofRun] of Map.groupBy(failed, (each) => each.run)) {
    const failures = ofRun.map(({ row }) => factsOf(row));
    if (run !== undefined) await run.add(em, failures);
    else for (const data of failures) await tellAlone(em, data, now);
  }
}

async function tellAlone(em: SqlEntityManager, data: FailureFacts, now: () => Date): Promise<void> {
  const notice = { event: 'operation.failed', subject: `log:${data.logId}`, data } as const;
  await new NoticeOutbox(now).add(em, notice);
}

function factsOf(row: MaintenanceLog): FailureFacts {
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
