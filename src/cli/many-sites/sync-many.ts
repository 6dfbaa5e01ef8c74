import type { CloudflareSite } from '../../domain/cloudflare-site.ts';
import { IntermissionError, isIntermissionError } from '../../errors.ts';
import type { Intermission } from '../../intermission.ts';
import type { SyncedSite, SyncResult } from '../../services/sync-result.ts';
import { cliActor } from '../actor.ts';
import type { CommandContext, CommandResult, View } from '../command.ts';
import { lookAtRules } from '../commands/sync-findings.ts';
import { siteWarnings } from '../commands/sync-warnings.ts';
import { toErrorDocument } from '../errors.ts';
import { assertChosen, type Choice, chooseSites } from '../site-selection.ts';
import { findingText, keyRow, type SyncRow, siteRow, syncTable } from '../sync-row.ts';

/** `maintenance sync` of anything but one named site: each key lists its zones once. */
export async function syncMany(choice: Choice, context: CommandContext): Promise<CommandResult<SyncRow>> {
  assertChosen(choice);
  const { flags, signal } = context;
  const app = await context.openApp();
  const { sites, unknown } = await chooseSites(app, choice, context.io);
  context.note('Reading the zones at Cloudflare …');
  const ofKeys = await syncKeys(app, sites, context);
  const synced = ofKeys.flatMap(({ result }) => result?.sites ?? []);
  const findings = await lookAtRules(app, [{ sites: synced }], signal);
  const rows = sites.map((site) => {
    const key = ofKeys.find(({ ids }) => ids.has(site.id));
    const seen = key?.result?.sites.find(({ domain }) => domain === site.domain);
    const row = siteRow(key?.apiKey ?? '', seen ?? notSeen(site), findings.rows.get(site.domain));
    const error = key?.error ?? (seen ?? notSeen(site)).error;
    return { ...row, error: error === null ? null : toErrorDocument(error) };
  });
  const missing = unknown.map(({ site, error }) => ({ ...keyRow('', error), site }));
  const results = [...rows, ...missing];
  return {
    summary: {
      total: results.length,
      keys: ofKeys.length,
      updated: rows.filter(({ action, error }) => action === 'updated' && error === null).length,
      failed: results.filter(({ error }) => error !== null).length,
      calls: await app.countCalls(),
      dryRun: flags.dryRun,
    },
    results,
    warnings: [...siteWarnings(synced.filter(({ error }) => error === null)), ...findings.warnings],
  };
}

export function renderSyncMany({ summary = {}, results = [] }: CommandResult<SyncRow>, view: View): string {
  const found = results.filter(({ drift, doubtful }) => drift.length + doubtful.length > 0);
  const succeeded = results.filter(({ error }) => error === null);
  const { total, updated, failed, dryRun } = summary;
  const same = Number(total) - Number(updated) - Number(failed);
  const counts = [
    `${updated} ${dryRun === true ? 'to be updated' : 'updated'}`,
    ...(same > 0 ? [`${same} without a change`] : []),
    ...(Number(failed) > 0 ? [view.colors.red(`${failed} failed`)] : []),
  ];
  return [
    syncTable(succeeded, Number(summary['keys']), view),
    ...found.map((row) => findingText(row, view)),
    `${total} sites: ${counts.join(', ')}.\n`,
  ]
    .filter((part) => part !== '')
    .join('\n');
}

interface OfKey {
  apiKey: string;
  ids: ReadonlySet<number>;
  result?: SyncResult;
  error?: IntermissionError;
}

async function syncKeys(
  app: Intermission,
  sites: readonly CloudflareSite[],
  { flags, signal }: CommandContext,
): Promise<OfKey[]> {
  const { dryRun, force } = flags;
  const standard = (await app.apiKeys.query().findDefault())?.name ?? 'env';
  const byKey = Map.groupBy(sites, ({ apiKey }) => apiKey?.name ?? standard);
  const synced = [...byKey].map(async ([apiKey, ofKey]): Promise<OfKey> => {
    const ids = new Set(ofKey.map(({ id }) => id));
    try {
      const service = await app.siteSync(apiKey);
      const result = await service.syncZones({ only: ids, dryRun, force, actor: cliActor(), signal });
      return { apiKey, ids, result };
    } catch (error) {
      if (!isIntermissionError(error) || signal.aborted) throw error;
      return { apiKey, ids, error };
    }
  });
  return Promise.all(synced);
}

function notSeen({ domain, zoneId, maintenanceActive }: CloudflareSite): SyncedSite {
  const error = new IntermissionError('not_found', `The API token sees no zone of ${domain}.`, {
    hint: 'Check that the zone is still at Cloudflare, and that the token may read it (Zone Read).',
  });
  const state = { zoneId: zoneId ?? null, maintenanceActive: maintenanceActive === true };
  return { domain, action: 'unreachable', ...state, changes: {}, reason: null, error };
}
