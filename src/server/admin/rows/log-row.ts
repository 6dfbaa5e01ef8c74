import type { MaintenanceLog } from '../../../domain/maintenance-log.ts';
import type { LogDetail, LogRow } from '../../contract/logs.ts';
import { iso } from './site-row.ts';

export function toLogRow(log: MaintenanceLog): LogRow {
  return {
    id: log.id,
    siteId: log.site?.id ?? null,
    domain: log.domain ?? null,
    action: log.action,
    status: log.status,
    reason: log.reason ?? '',
    actor: log.actor ?? '',
    source: log.source,
    errorCode: log.errorCode ?? null,
    errorMessage: log.errorMessage ?? null,
    proof: log.proof ?? 'skipped',
    durationSeconds: log.durationSeconds ?? null,
    createdAt: log.createdAt.toISOString(),
    finishedAt: iso(log.finishedAt),
  };
}

export function toLogDetail(log: MaintenanceLog): LogDetail {
  return {
    ...toLogRow(log),
    plan: log.plan ?? null,
    cloudflareResponse: log.cloudflareResponse ?? null,
    changed: log.changed ?? null,
    evidence: log.evidence ?? null,
  };
}
