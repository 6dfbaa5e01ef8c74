import type { MaintenanceLog, Proof } from '../domain/maintenance-log.ts';
import type { Intermission } from '../intermission.ts';
import type { ErrorDocument } from './command.ts';
import { toErrorDocument } from './errors.ts';
import { errorOfProof } from './proving.ts';
import { stateWords } from './status-text.ts';
import { formatTime } from './time.ts';
import { runRows } from './window-run.ts';

type TickResult = Awaited<ReturnType<Intermission['schedule']['processScheduledMaintenances']>>;
type Due = Awaited<ReturnType<Intermission['schedule']['findDue']>>;

/** One thing that a tick did, failed to do, or would do. */
export interface TickRow {
  /** Null where it is about a window as a whole. */
  site: string | null;
  /** The window that it is done for. */
  window: number | null;
  /**
   * `recover`: put an interrupted operation in order; `end`: release what has ended; `close` and `reopen`: what a window
   * wants of a site; `window`: a window has begun or ended; `prove`: visitors were looked for after it; null: it failed
   * before that.
   */
  action: 'recover' | 'end' | 'close' | 'reopen' | 'window' | 'prove' | null;
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
  const { recovered, expired, failed, proofs, windows } = result;
  const domains = [...recovered, ...expired, ...failed].map(({ domain }) => domain ?? '');
  const sites = await app.sites.filter({ domain: { $in: [...new Set(domains)] } }).all();
  const active = new Map(sites.map((site) => [site.domain, site.maintenanceActive ?? false]));
  const stateOf = (domain: string) => active.get(domain) ?? null;
  const rowOf = (log: MaintenanceLog) => {
    const site = log.domain ?? '';
    const unproven = errorOfProof(site, proofs.get(log.id), signal);
    const error = errorIn(log) ?? (unproven === undefined ? null : toErrorDocument(unproven));
    const proof = log.proof ?? 'skipped';
    return {
      site,
      window: null,
      changed: true,
      maintenanceActive: stateOf(site),
      logId: log.id,
      proof,
      error,
    };
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
    ...windows.flatMap((run) => windowRows(run, proofs, signal)),
    ...failed.map(({ domain, error }) => ({
      site: domain,
      window: null,
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

type WindowRun = TickResult['windows'][number];

function windowRows(run: WindowRun, proofs: TickResult['proofs'], signal: AbortSignal): TickRow[] {
  const { id, title, before, status, outcome, logs } = run;
  const why = outcome === '' ? '' : `. ${outcome}`;
  const own = {
    ...NOTHING_DONE,
    site: null,
    window: id,
    action: 'window' as const,
    outcome: `window ${id} (${title}): ${before} → ${status}${why}`,
    changed: true,
  };
  const ofSites = runRows(run).map((row) => {
    const log = logs.find(({ domain }) => domain === row.site);
    const unproven = log && errorOfProof(row.site, proofs.get(log.id), signal);
    const error = row.error ?? (unproven === undefined ? null : toErrorDocument(unproven));
    return { ...row, window: id, logId: log?.id ?? null, proof: log?.proof ?? ('skipped' as const), error };
  });
  return [...(before === status ? [] : [own]), ...ofSites];
}

/** What the proofs of a watch have shown, where it is not what it should be. */
export function toProofRows(report: TickResult, signal: AbortSignal): TickRow[] {
  return [...report.proofs].flatMap(([logId, proof]) => {
    const site = proof.hosts[0]?.host ?? '';
    const error = errorOfProof(site, proof, signal);
    if (error === undefined) return [];
    const base = {
      ...NOTHING_DONE,
      site,
      window: null,
      action: 'prove' as const,
      outcome: 'not proven',
      logId,
    };
    return [{ ...base, proof: proof.state, error: toErrorDocument(error) }];
  });
}

const NOTHING_DONE = {
  changed: false,
  maintenanceActive: null,
  logId: null,
  proof: 'skipped' as const,
  error: null,
};

/** What a tick would do. */
export function toDueRows({ interrupted, ended, windows, stray }: Due, now: Date): TickRow[] {
  return [
    ...windows.map(({ id, title, status, scheduledStart, scheduledEnd }) => ({
      ...NOTHING_DONE,
      site: null,
      window: id,
      action: 'window' as const,
      outcome: `window ${id} (${title}, ${status}, ${formatTime(scheduledStart)} to ${formatTime(scheduledEnd)}) ${
        scheduledEnd <= now ? 'has ended' : 'is to be acted on'
      }`,
    })),
    ...stray.map(({ windowId, domain }) => ({
      ...NOTHING_DONE,
      site: domain,
      window: windowId,
      action: 'end' as const,
      outcome: `the hold window:${windowId} would be released: its window has ended`,
    })),
    ...interrupted.map((log) => ({
      ...NOTHING_DONE,
      window: null,
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
      ...NOTHING_DONE,
      window: null,
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
