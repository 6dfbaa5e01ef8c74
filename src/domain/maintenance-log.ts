import { defineEntity, p } from '@mikro-orm/core';
import type { JsonValue } from '../errors.ts';
import { CloudflareSite } from './cloudflare-site.ts';

export const LOG_ACTIONS = ['enable', 'disable', 'sync', 'error', 'configure'] as const;
export type LogAction = (typeof LOG_ACTIONS)[number];
export const LOG_STATUSES = ['pending', 'success', 'failed'] as const;
export type LogStatus = (typeof LOG_STATUSES)[number];
export const SOURCES = ['cli', 'admin', 'schedule', 'library'] as const;
/** Through which door a change came. */
export type Source = (typeof SOURCES)[number];
export const PROOFS = ['proven', 'unproven', 'skipped'] as const;
export type Proof = (typeof PROOFS)[number];

/** Who asked for a change, and through which door. */
export interface Actor {
  name: string;
  source: Source;
}

/**
 * One operation: written once, completed once, never changed or removed after. Only the proof, which takes place after
 * an operation has ended, is added to the completed row, once.
 */
const maintenanceLogSchema = defineEntity({
  name: 'MaintenanceLog',
  tableName: 'maintenance_log',
  indexes: [
    // Covers the statistics of a period with one aggregate.
    { name: 'maintenance_log_stats', properties: ['createdAt', 'status', 'durationSeconds'] },
    { name: 'maintenance_log_of_site', properties: ['site', 'createdAt'] },
    { name: 'maintenance_log_of_domain', properties: ['domain', 'createdAt'] },
    { name: 'maintenance_log_status', properties: ['status', 'createdAt'] },
  ],
  properties: {
    id: p.integer().primary(),
    /** Null once the site is removed; `domain` stays. */
    site: () => p.manyToOne(CloudflareSite).nullable().deleteRule('set null'),
    domain: p.string().length(253).nullable(),
    action: p.enum(LOG_ACTIONS),
    status: p.enum(LOG_STATUSES),
    reason: p.text().default(''),
    errorCode: p.string().length(40).nullable(),
    errorMessage: p.text().nullable(),
    actor: p.string().length(200).default(''),
    source: p.enum(SOURCES),
    /** What was going to be changed, with snapshots: enough to undo it after a crash. */
    plan: p.json<JsonValue>().nullable(),
    /** Redacted: never holds a secret. */
    cloudflareResponse: p.json<JsonValue>().nullable(),
    /** Before and after of what was changed here; secrets left out. */
    changed: p.json<JsonValue>().nullable(),
    /** What visitors got afterwards; skipped until, and unless, somebody has looked. */
    proof: p.enum(PROOFS).default('skipped'),
    evidence: p.json<JsonValue>().nullable(),
    durationSeconds: p.double().$type<number>().nullable(),
    createdAt: p.datetime(3),
    finishedAt: p.datetime(3).nullable(),
  },
});

export class MaintenanceLog extends maintenanceLogSchema.class {}
maintenanceLogSchema.setClass(MaintenanceLog);
