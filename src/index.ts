/**
 * Takes websites behind Cloudflare into maintenance mode and brings them back.
 *
 * @module
 */

export { retryOnFailure } from './cloudflare/retry.ts';
export type { Config, ConfigOverrides } from './config/load-config.ts';
export { CloudflareApiKey } from './domain/cloudflare-api-key.ts';
export { CloudflareSite } from './domain/cloudflare-site.ts';
export type { DoubtfulRule, Drift, FoundRule, SiteCondition } from './domain/drift.ts';
export { MaintenanceHold } from './domain/maintenance-hold.ts';
export { type Actor, MaintenanceLog } from './domain/maintenance-log.ts';
export { ScheduledMaintenance } from './domain/scheduled-maintenance.ts';
export type { ZoneFacts } from './domain/zone-facts.ts';
export {
  ERROR_CODES,
  type ErrorCode,
  IntermissionError,
  isIntermissionError,
  type JsonValue,
} from './errors.ts';
export { Intermission, type IntermissionOptions } from './intermission.ts';
export type { PageWarning } from './probe/maintenance-page.ts';
export type { ProveOptions, Prover } from './probe/prover.ts';
export type {
  HostReport,
  Observed,
  PathReport,
  ProbeSubject,
  Proof,
  Verdict,
  Wanted,
} from './probe/types.ts';
export type { BulkOperationsService } from './services/bulk-operations/bulk-operations-service.ts';
export type { BulkRun } from './services/bulk-operations/bulk-run.ts';
export type { BulkSites } from './services/bulk-operations/bulk-sites.ts';
export type { BulkStatistics, MaintenanceReport } from './services/bulk-operations/report.ts';
export type { Selection } from './services/bulk-operations/selection.ts';
export type {
  BulkDisableOptions,
  BulkEnableOptions,
  BulkEvent,
  BulkPlan,
  BulkResult,
  BulkSite,
  BulkWarning,
  SkipCode,
} from './services/bulk-operations/types.ts';
export type { SiteStatus } from './services/maintenance/describe-sites.ts';
export type { LiveStatus } from './services/maintenance/live-status.ts';
export type { MaintenanceService } from './services/maintenance/maintenance-service.ts';
export type { TickOptions, TickResult } from './services/maintenance/maintenance-tick.ts';
export type { Preview } from './services/maintenance/operation.ts';
export type { ProofOptions, ProvenOperation, SiteProof } from './services/maintenance/prove.ts';
export type { DisableOptions, EnableOptions } from './services/maintenance/request.ts';
export type {
  ChannelTest,
  Deliveries,
  NoticeService,
  UndeliveredNotice,
} from './services/notices/notice-service.ts';
export type { ApiKeyInput } from './services/registry/api-key-input.ts';
export type { ExportedSite } from './services/registry/moving-in/export-sites.ts';
export type { ImportedRow, ImportOptions, ImportResult } from './services/registry/moving-in/move-in.ts';
export type { RotateSecretOptions, SecretRotation } from './services/registry/rotate-secret-key.ts';
export type { RotateTokenOptions, TokenRotation } from './services/registry/rotate-token.ts';
export type { SiteInput } from './services/registry/site-input.ts';
export type { TokenReport } from './services/registry/token-check.ts';
export type { CalendarDay, CalendarEntry } from './services/scheduled-maintenance/calendar.ts';
export type { NewEnd } from './services/scheduled-maintenance/change-window.ts';
export type { Conflict } from './services/scheduled-maintenance/plan-window.ts';
export type { WindowRun } from './services/scheduled-maintenance/process-window.ts';
export type { TickDue, TickReport } from './services/scheduled-maintenance/processor.ts';
export type { SiteSelection, WindowInput } from './services/scheduled-maintenance/window-input.ts';
export type { SiteSyncService, SiteZoneStatus } from './services/site-sync/site-sync-service.ts';
export type { KeySync } from './services/site-sync/sync-keys.ts';
export type {
  FieldChanges,
  SyncAction,
  SyncedSite,
  SyncFailure,
  SyncOptions,
  SyncProgress,
  SyncResult,
  SyncTotals,
} from './services/sync-result.ts';
