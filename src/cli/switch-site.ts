import type { CloudflareSite } from '../domain/cloudflare-site.ts';
import type { MaintenanceLog } from '../domain/maintenance-log.ts';
import { type IntermissionError, isIntermissionError } from '../errors.ts';
import type { Intermission } from '../intermission.ts';
import type { SiteStatus } from '../services/maintenance/describe-sites.ts';
import type { MaintenanceService } from '../services/maintenance/maintenance-service.ts';
import type { Preview } from '../services/maintenance/operation.ts';
import type { Waiting } from '../services/maintenance/zone-lock.ts';
import type { CommandContext, CommandResult, Warning } from './command.ts';
import { toErrorDocument } from './errors.ts';
import { printable } from './io.ts';
import {
  type OperationRow,
  planIn,
  proofIn,
  rowOfLog,
  rowOfPreview,
  type SwitchAction,
  summaryOf,
  warningsOf,
} from './operation-row.ts';
import { explainProof, type Proving, proveAfter } from './proving.ts';

/** One site in the hands of a command. */
export interface SiteInHand {
  app: Intermission;
  site: CloudflareSite;
  service: MaintenanceService;
}

/** @throws IntermissionError `not_found`, with domains that are spelt alike */
export async function takeInHand(app: Intermission, domain: string): Promise<SiteInHand> {
  const site = await app.sites.get({ domain });
  return { app, site, service: app.maintenance(site) };
}

/** Tells on stderr whom a command waits for. */
export function noteWaiting({ note }: Pick<CommandContext, 'note'>): (waiting: Waiting) => void {
  const seconds = (ms: number) => `${Math.round(ms / 1000)} s`;
  return ({ owner, ageMs, leftMs }) =>
    note(
      `Waiting for another operation in this zone: ${printable(owner)}, since ${seconds(ageMs)}; ${seconds(leftMs)} more at most …`,
    );
}

/**
 * Carries an operation out, proves at the edge what it has brought about, and describes how it ended. A failure becomes
 * the row's error, and so does a proof that fails.
 */
export async function carryOut(
  action: SwitchAction,
  inHand: SiteInHand,
  operate: () => Promise<MaintenanceLog>,
  { proving, context }: { proving: Proving; context: CommandContext },
): Promise<CommandResult<OperationRow>> {
  const { service } = inHand;
  const before = await service.describe();
  const { log, error: failure } = await outcomeOf(operate);
  // Where the database is what failed, the state before is the last that is known.
  const after = await service.describe().catch(() => before);
  const proof = await proveAfter(inHand, log, proving, context);
  const error = failure ?? (await explainProof(inHand, proof, context.signal));
  const row = rowOfLog(
    action,
    { before, after },
    log,
    failure === undefined ? null : toErrorDocument(failure),
  );
  return resultOf(
    { ...row, ...proofIn(proof), error: error === undefined ? null : toErrorDocument(error) },
    warningsOf(planIn(log).notes),
  );
}

async function outcomeOf(
  operate: () => Promise<MaintenanceLog>,
): Promise<{ log: MaintenanceLog | undefined; error?: IntermissionError }> {
  try {
    return { log: await operate() };
  } catch (error) {
    if (!isIntermissionError(error)) throw error;
    return { log: error.log as MaintenanceLog | undefined, error };
  }
}

/** Describes what an operation would do. `releases` tells which holds would be gone. */
export async function showPlan(
  { service }: SiteInHand,
  preview: Preview,
  releases: (hold: SiteStatus['holds'][number]) => boolean,
): Promise<CommandResult<OperationRow>> {
  const status = await service.describe();
  const row = rowOfPreview(
    preview,
    status,
    status.holds.filter((hold) => !releases(hold)),
  );
  const { summary, ...result } = resultOf(row, warningsOf(preview.notes));
  return { summary: { ...summary, dryRun: true }, ...result };
}

function resultOf(row: OperationRow, warnings: Warning[]): CommandResult<OperationRow> {
  return { summary: summaryOf([row]), results: [row], warnings };
}
