import type { LogAction, LogStatus, MaintenanceLog, Proof } from '../domain/maintenance-log.ts';
import type { JsonValue } from '../errors.ts';
import { formatDuration } from './duration.ts';
import type { Colors } from './io.ts';
import { secondsOf } from './operation-row.ts';

const ACTIONS: Record<LogAction, true> = {
  enable: true,
  disable: true,
  sync: true,
  error: true,
  configure: true,
};

const STATUS_COLORS: Record<LogStatus, 'green' | 'red' | 'yellow'> = {
  success: 'green',
  failed: 'red',
  pending: 'yellow',
};

/** What a row can be about. Written out here because the entity costs a tenth of a second to load. */
export const LOG_ACTION_WORDS = Object.keys(ACTIONS) as LogAction[];
export const LOG_STATUS_WORDS = Object.keys(STATUS_COLORS) as LogStatus[];

export function statusColor(status: LogStatus, colors: Colors): (text: string) => string {
  return colors[STATUS_COLORS[status]];
}

/** One log row, short. */
export interface LogRow {
  id: number;
  /** The domain; null for what is about no site. */
  site: string | null;
  action: LogAction;
  status: LogStatus;
  reason: string;
  actor: string;
  source: string;
  errorCode: string | null;
  errorMessage: string | null;
  durationSeconds: number | null;
  createdAt: Date;
  finishedAt: Date | null;
}

export function toLogRow(log: MaintenanceLog): LogRow {
  return {
    id: log.id,
    site: log.domain ?? null,
    action: log.action,
    status: log.status,
    reason: log.reason ?? '',
    actor: log.actor ?? '',
    source: log.source,
    errorCode: log.errorCode ?? null,
    errorMessage: log.errorMessage ?? null,
    durationSeconds: secondsOf(log),
    createdAt: log.createdAt,
    finishedAt: log.finishedAt ?? null,
  };
}

/** A log row with everything it holds. */
export interface FullLogRow extends LogRow {
  /** What was going to be changed, with snapshots of replaced rules, and what was undone. */
  plan: JsonValue;
  /** What Cloudflare answered when it refused. */
  cloudflareResponse: JsonValue;
  /** State, holds or fields, before and after. */
  changed: JsonValue;
  proof: Proof;
  evidence: JsonValue;
}

export function toFullRow(log: MaintenanceLog): FullLogRow {
  return {
    ...toLogRow(log),
    plan: log.plan ?? null,
    cloudflareResponse: log.cloudflareResponse ?? null,
    changed: log.changed ?? null,
    proof: log.proof ?? 'skipped',
    evidence: log.evidence ?? null,
  };
}

/** `0.4 s`, `1m 20s`; nothing while it is not known. */
export function secondsText(seconds: number | null): string {
  if (seconds === null) return '';
  return seconds < 60 ? `${seconds.toFixed(1)} s` : formatDuration(seconds);
}
