import type { MaintenanceLog, Proof } from '../domain/maintenance-log.ts';
import type { Intermission } from '../intermission.ts';
import type { ErrorDocument } from './command.ts';
import { toErrorDocument } from './errors.ts';
import { errorOfProof } from './proving.ts';
import { stateWords } from './status-text.ts';
import { formatTime } from './time.ts';

type TickResult = Awaited<ReturnType<Intermission['schedule']['processScheduledMaintenances']>>;
type Due = Awaited<ReturnType<Intermission['schedule']['findDue']>>;

/** One thing that a tick did, failed to do, or would do. */
export interface TickRow {
  site: string;
  /** `recover`: put an interrupted operation in order; `end`: release what has ended; null: it failed before that. */
  action: 'recover' | 'end' | null;
  /** In words. */
  outcome: string;
  changed: boolean;
  /** The intended state now; null for a site that is gone. */
  maintenanceActive: boolean | null;
  logId: number | null;
  /** Whether visitors of a site that was reopened were seen to get it. */
  proof: Proof;
  error: ErrorDocument | null;
}

/** What a tick did, in the order it did it. */
export async function toTickRows(
  app: Intermission,
  result: TickResult,
  signal: AbortSignal,
): Promise<TickRow[]> {
  const { recovered, expired, failed, proofs } = result;
  const domains = [...recovered, ...expired, ...failed].map(({ domain }) => domain ?? '');
  const sites = await app.sites.filter({ domain: { $in: [...new Set(domains)] } }).all();
  const active = new Map(sites.map((site) => [site.domain, site.maintenanceActive ?? false]));
  const stateOf = (domain: string) => active.get(domain) ?? null;
  const rowOf = (log: MaintenanceLog) => {
    const site = log.domain ?? '';
    const unproven = errorOfProof(site, proofs.get(log.id), signal);
    const error = errorIn(log) ?? (unproven === undefined ? null : toErrorDocument(unproven));
    const proof = log.proof ?? 'skipped';
    return { site, changed: true, maintenanceActive: stateOf(site), logId: log.id, proof, error };
  };
  return [
    ...recovered.map((log) => ({
      ...rowOf(log),
      action: 'recover' as const,
      outcome: recoveryText(log),
    })),
    ...expired.map((log) => {
      const row = rowOf(log);
      return { ...row, action: 'end' as const, outcome: endText(log, row.maintenanceActive === true) };
    }),
    ...failed.map(({ domain, error }) => ({
      site: domain,
      action: null,
      outcome: 'failed',
      changed: false,
      maintenanceActive: stateOf(domain),
      logId: (error.log as MaintenanceLog | undefined)?.id ?? null,
      proof: 'skipped' as const,
      error: toErrorDocument(error),
    })),
  ];
}

/** What a tick would do. */
export function toDueRows({ interrupted, ended }: Due): TickRow[] {
  const nothingDone = { changed: false, proof: 'skipped' as const, error: null };
  return [
    ...interrupted.map((log) => ({
      ...nothingDone,
      site: log.domain ?? '',
      action: 'recover' as const,
      outcome:
        log.action === 'enable'
          ? 'an interrupted enable would be taken back'
          : `an interrupted ${log.action} would be finished`,
      maintenanceActive: log.site?.maintenanceActive ?? null,
      logId: log.id,
    })),
    ...ended.map(({ name, site, expiresAt }) => ({
      ...nothingDone,
      site: site.domain,
      action: 'end' as const,
      outcome:
        `the hold ${name} would be released: it ended ${expiresAt == null ? '' : formatTime(expiresAt)}`.trimEnd(),
      maintenanceActive: site.maintenanceActive ?? false,
      logId: null,
    })),
  ];
}

/** An operation that was interrupted and taken back has been repaired: that is no failure of the tick. */
function errorIn({ errorCode, errorMessage }: MaintenanceLog): ErrorDocument | null {
  if (errorCode == null || errorCode === 'interrupted') return null;
  return { code: errorCode as ErrorDocument['code'], message: errorMessage ?? '', hint: null };
}

function recoveryText(log: MaintenanceLog): string {
  return log.action === 'enable'
    ? 'an interrupted enable was taken back'
    : `an interrupted ${log.action} was finished`;
}

function endText({ reason }: MaintenanceLog, isActive: boolean): string {
  const state = isActive
    ? 'still in maintenance: others hold it'
    : `${stateWords(true)} → ${stateWords(false)}`;
  return `${state}. ${reason}`;
}
