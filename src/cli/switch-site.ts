import type { CloudflareSite } from '../domain/cloudflare-site.ts';
import type { MaintenanceLog } from '../domain/maintenance-log.ts';
import { type IntermissionError, isIntermissionError } from '../errors.ts';
import type { Intermission } from '../intermission.ts';
import type { SiteStatus } from '../services/maintenance/describe-sites.ts';
import type { MaintenanceService } from '../services/maintenance/maintenance-service.ts';
import type { Preview } from '../services/maintenance/operation.ts';
import type { CommandResult, Warning } from './command.ts';
import { toErrorDocument } from './errors.ts';
import {
  type OperationRow,
  planIn,
  rowOfLog,
  rowOfPreview,
  type SwitchAction,
  summaryOf,
  warningsOf,
} from './operation-row.ts';

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

/** Carries an operation out and describes how it ended. A failure becomes the row's error. */
export async function carryOut(
  action: SwitchAction,
  { service }: SiteInHand,
  operate: () => Promise<MaintenanceLog>,
): Promise<CommandResult<OperationRow>> {
  const before = await service.describe();
  try {
    const log = await operate();
    const row = rowOfLog(action, { before, after: await service.describe() }, log, null);
    return resultOf(row, warningsOf(planIn(log).notes));
  } catch (thrown) {
    if (!isIntermissionError(thrown)) throw thrown;
    const row = await rowOfFailure(action, before, service, thrown);
    return resultOf(row, warningsOf(planIn(thrown.log as MaintenanceLog | undefined).notes));
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

async function rowOfFailure(
  action: SwitchAction,
  before: SiteStatus,
  service: MaintenanceService,
  error: IntermissionError,
): Promise<OperationRow> {
  // Where the database is what failed, the state before is the last that is known.
  const after = await service.describe().catch(() => before);
  return rowOfLog(action, { before, after }, error.log as MaintenanceLog | undefined, toErrorDocument(error));
}

function resultOf(row: OperationRow, warnings: Warning[]): CommandResult<OperationRow> {
  return { summary: summaryOf([row]), results: [row], warnings };
}
