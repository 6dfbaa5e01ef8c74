import { IntermissionError } from '../../errors.ts';
import type { BulkSite, SkipCode } from '../../services/bulk-operations/types.ts';
import type { SiteStatus } from '../../services/maintenance/describe-sites.ts';
import type { ErrorDocument } from '../command.ts';
import { toErrorDocument } from '../errors.ts';
import { type OperationRow, proofIn, rowOfLog, type SwitchAction } from '../operation-row.ts';
import { errorOfProof } from '../proving.ts';
import type { ChosenSites } from '../site-selection.ts';

/** What became of one of many sites: the row of a single one, and why nothing was done where that is so. */
export interface ManyRow extends Omit<OperationRow, 'maintenanceActive' | 'wasActive'> {
  /** Null when our database has no such site. */
  maintenanceActive: boolean | null;
  wasActive: boolean | null;
  outcome: BulkSite['outcome'];
  skipped: BulkSite['skipped'];
}

export interface RowContext {
  action: SwitchAction;
  before: ReadonlyMap<string, SiteStatus>;
  after: ReadonlyMap<string, SiteStatus>;
  chosen: ChosenSites;
  signal: AbortSignal;
}

/** The row of a site after a run. */
export function manyRow(site: BulkSite, context: RowContext): ManyRow {
  const { action, signal } = context;
  const { domain, outcome, skipped, log, proof } = site;
  const before = context.before.get(domain);
  const after = context.after.get(domain) ?? before;
  const failure = failureOf(site, context);
  const base =
    before === undefined || after === undefined
      ? emptyRow(domain, action, failure)
      : rowOfLog(action, { before, after }, log ?? undefined, failure);
  const unproven = proof === null ? undefined : errorOfProof(domain, proof, signal);
  const error = failure ?? (unproven === undefined ? null : toErrorDocument(unproven));
  return { ...base, ...proofIn(proof ?? undefined), outcome, skipped, error };
}

/** True for a site that was to be taken in hand and was not, because the run ended before it. */
export function isNotBegun({ skipped }: Pick<BulkSite, 'skipped'>): boolean {
  return skipped?.code === 'cancelled' || skipped?.code === 'stopped';
}

function failureOf(
  { domain, skipped, error }: BulkSite,
  { chosen }: Pick<RowContext, 'chosen'>,
): ErrorDocument | null {
  // The command line knows domains that are spelt alike.
  const unknown = chosen.unknown.find(({ site }) => site === domain);
  if (unknown !== undefined) return toErrorDocument(unknown.error);
  if (error !== null) return toErrorDocument(error);
  // Left out of a selection, it is as it should be; what was named has not been done.
  const code = chosen.by === 'names' && skipped !== null ? REFUSED[skipped.code] : undefined;
  return code === undefined
    ? null
    : toErrorDocument(new IntermissionError(code, skipped?.message ?? '', HINT));
}

const REFUSED: Partial<Record<SkipCode, IntermissionError['code']>> = {
  inactive: 'validation_failed',
  hosts_page: 'redirect_loop',
  our_address: 'self_lockout',
};

const HINT = { hint: 'Close it by itself to see what can be done about it.' };

function emptyRow(
  site: string,
  action: SwitchAction,
  error: ErrorDocument | null,
): Omit<ManyRow, 'outcome' | 'skipped'> {
  return {
    site,
    action,
    changed: false,
    maintenanceActive: null,
    wasActive: null,
    url: null,
    until: null,
    engine: null,
    engineReason: null,
    changes: [],
    holds: [],
    calls: 0,
    logId: null,
    durationSeconds: null,
    ...proofIn(undefined),
    error,
  };
}
