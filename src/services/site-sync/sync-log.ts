import { CloudflareApiKey } from '../../domain/cloudflare-api-key.ts';
import { isIntermissionError, type JsonValue } from '../../errors.ts';
import { MaintenanceLogRepository } from '../../persistence/repositories/maintenance-log-repository.ts';
import type { SyncResult } from '../sync-result.ts';
import type { SyncRun } from './sync-run.ts';

/** Writes the one row of a sync that came to its end; the key was used, and its account may have become known. */
export async function logSync(run: SyncRun, result: SyncResult, accountId: string | null): Promise<void> {
  await run.database.transaction(async (em) => {
    await new MaintenanceLogRepository(em, run.now).create({ ...rowOf(run, result), status: 'success' });
    if (run.apiKey === null) return;
    const changes = { lastUsedAt: run.now(), accountId: run.apiKey.accountId ?? accountId };
    await em.nativeUpdate(CloudflareApiKey, { id: run.apiKey.id }, changes);
  });
}

/** Writes the row of a sync that stopped; what was done before it stays done. */
export async function logFailedSync(run: SyncRun, result: SyncResult, error: unknown): Promise<void> {
  const known = isIntermissionError(error);
  await run.database.transaction(async (em) => {
    await new MaintenanceLogRepository(em, run.now).create({
      ...rowOf(run, result),
      status: 'failed',
      errorCode: known ? error.code : 'internal',
      errorMessage: known ? error.message : 'An unexpected error stopped the sync.',
    });
  });
}

/** Counts, and the sites that are new: each change of another has a row of its own. */
function rowOf({ whose, actor, startedAt, now }: SyncRun, { sites, ...counts }: SyncResult) {
  const created = sites.filter(({ action }) => action === 'created');
  const failures = sites.filter(({ action }) => action === 'error');
  return {
    action: 'sync' as const,
    reason: `Zones of ${whose}`,
    actor: actor.name,
    source: actor.source,
    changed: {
      ...counts,
      createdSites: created.map(({ domain }) => domain),
      ...(failures.length > 0 && { failed: failures.map(({ domain, error }) => [domain, error?.message]) }),
    } as unknown as JsonValue,
    durationSeconds: Math.max(0, now().getTime() - startedAt.getTime()) / 1000,
  };
}
