import type { MaintenanceLog, Proof as ProofState } from '../domain/maintenance-log.ts';
import type { JsonValue } from '../errors.ts';
import type { SiteStatus } from '../services/maintenance/describe-sites.ts';
import { describeChange, type OperationPlan, type Preview } from '../services/maintenance/operation.ts';
import type { HostReport, Proof } from '../services/maintenance/prove.ts';
import type { ErrorDocument, Warning } from './command.ts';

export type SwitchAction = 'enable' | 'disable';

/** One change at Cloudflare, made or planned. */
interface ChangeRow {
  kind: string;
  pattern: string;
  /** In words. */
  description: string;
}

/** What enabling or disabling did to one site, or would do. */
export interface OperationRow {
  site: string;
  action: SwitchAction;
  /** True when something is different now: at Cloudflare, in the holds, or in their reason, URL or end. */
  changed: boolean;
  /** The intended state now. */
  maintenanceActive: boolean;
  /** The intended state before. */
  wasActive: boolean;
  url: string | null;
  until: Date | null;
  engine: string | null;
  /** Why this engine. */
  engineReason: string | null;
  changes: ChangeRow[];
  /** Who keeps the site closed now. */
  holds: SiteStatus['holds'];
  /** Requests to Cloudflare. */
  calls: number;
  logId: number | null;
  durationSeconds: number | null;
  /** Whether visitors were seen to get what is intended; `skipped`: nobody has looked. */
  proof: ProofState;
  /** The proof in a line. */
  proofMessage: string | null;
  /** What visitors of each host got. */
  hosts: HostReport[];
  error: ErrorDocument | null;
  /** Set when nothing was done: the state that it would lead to. */
  planned?: { maintenanceActive: boolean };
}

/** The row of an operation that has ended, well or not. */
export function rowOfLog(
  action: SwitchAction,
  { before, after }: { before: SiteStatus; after: SiteStatus },
  log: MaintenanceLog | undefined,
  error: ErrorDocument | null,
): OperationRow {
  const plan = planIn(log);
  // A failed operation has left its changes only where it has changed the state too.
  const isNew = isDifferent(before, after);
  const changes = error === null || isNew ? (plan.changes ?? []) : [];
  return {
    site: after.domain,
    action,
    changed: isNew || changes.length > 0,
    maintenanceActive: after.maintenanceActive,
    wasActive: before.maintenanceActive,
    url: after.url,
    until: after.until,
    engine: plan.engine ?? null,
    engineReason: plan.why ?? null,
    changes: changeRows(changes),
    holds: after.holds,
    calls: plan.calls ?? 0,
    logId: log?.id ?? null,
    durationSeconds: secondsOf(log),
    ...proofIn(undefined),
    error,
  };
}

/** The row of an operation that is only shown. `holds` are those that would be left. */
export function rowOfPreview(preview: Preview, status: SiteStatus, holds: SiteStatus['holds']): OperationRow {
  return {
    site: preview.domain,
    action: preview.action,
    changed: false,
    maintenanceActive: status.maintenanceActive,
    wasActive: status.maintenanceActive,
    url: preview.url,
    until: preview.until === null ? null : new Date(preview.until),
    engine: preview.engine,
    engineReason: preview.why,
    changes: changeRows(preview.changes),
    holds,
    calls: preview.calls,
    logId: null,
    durationSeconds: null,
    ...proofIn(undefined),
    error: null,
    planned: { maintenanceActive: preview.url !== null },
  };
}

/** A proof as a row about a site has it. */
export function proofIn(proof: Proof | undefined): Pick<OperationRow, 'proof' | 'proofMessage' | 'hosts'> {
  if (proof === undefined) return { proof: 'skipped', proofMessage: null, hosts: [] };
  return { proof: proof.state, proofMessage: proof.message, hosts: proof.hosts };
}

/** What the plan of an operation has to say beside its changes. */
export function warningsOf(notes: readonly Warning[] | undefined): Warning[] {
  const all = (notes ?? []).map(({ code, message }) => ({ code, message }));
  // Several rules of one zone may have the same to say.
  return all.filter(({ message }, index) => all.findIndex((other) => other.message === message) === index);
}

/** The plan of a row; a refused operation has only its intent. */
export function planIn(log: MaintenanceLog | undefined): Partial<OperationPlan> {
  return (log?.plan ?? {}) as Partial<OperationPlan>;
}

/** How long an operation took; null while it is pending. */
export function secondsOf(log: MaintenanceLog | undefined): number | null {
  return log?.durationSeconds == null ? null : Number(log.durationSeconds);
}

/** Totals of several rows, for the summary. */
export function summaryOf(rows: readonly OperationRow[]): Record<string, JsonValue> {
  const failed = rows.filter((row) => row.error !== null).length;
  return {
    total: rows.length,
    changed: rows.filter((row) => row.changed).length,
    failed,
    calls: rows.reduce((sum, row) => sum + row.calls, 0),
  };
}

function changeRows(changes: OperationPlan['changes']): ChangeRow[] {
  return changes.map((change) => ({
    kind: change.kind,
    pattern: change.pattern,
    description: describeChange(change),
  }));
}

function isDifferent(before: SiteStatus, after: SiteStatus): boolean {
  const essence = ({ maintenanceActive, url, message, until, holds }: SiteStatus): string =>
    JSON.stringify([maintenanceActive, url, message, until, holds]);
  return essence(before) !== essence(after);
}
