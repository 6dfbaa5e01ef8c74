import { CloudflareApiKey } from '../../domain/cloudflare-api-key.ts';
import type { Actor } from '../../domain/maintenance-log.ts';
import { isIntermissionError, type JsonValue } from '../../errors.ts';
import type { Database } from '../../persistence/open-database.ts';
import { MaintenanceLogRepository } from '../../persistence/repositories/maintenance-log-repository.ts';
import type { SyncResult } from './site-sync-service.ts';

export interface SyncRun {
  database: Database;
  now: () => Date;
  apiKey: CloudflareApiKey | null;
  actor: Actor;
  startedAt: Date;
}

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

function rowOf({ apiKey, actor, startedAt, now }: SyncRun, { sites, ...counts }: SyncResult) {
  const changed = {
    ...counts,
    createdSites: sites.filter(({ action }) => action === 'created').map(({ domain }) => domain),
    updatedSites: sites
      .filter(({ action }) => action === 'updated')
      .map(({ domain, changes }) => ({ domain, changes })),
  };
  const whose = apiKey === null ? 'the token in the environment' : `the API key ${apiKey.name}`;
  return {
    action: 'sync' as const,
    reason: `Zones of ${whose}`,
    actor: actor.name,
    source: actor.source,
    changed: changed as unknown as JsonValue,
    durationSeconds: Math.max(0, now().getTime() - startedAt.getTime()) / 1000,
  };
}
