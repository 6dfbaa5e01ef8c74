import type { CloudflareApiKey } from '../../../domain/cloudflare-api-key.ts';
import type { Intermission } from '../../../intermission.ts';
import type { SyncResult } from '../../../services/sync-result.ts';
import type { ApiKeyRow } from '../../contract/api-keys.ts';
import { iso } from './site-row.ts';

export async function toApiKeyRow(app: Intermission, key: CloudflareApiKey): Promise<ApiKeyRow> {
  return {
    id: key.id,
    name: key.name,
    description: key.description ?? '',
    tokenHint: key.tokenHint,
    accountId: key.accountId ?? null,
    isActive: key.isActive ?? true,
    isDefault: key.isDefault ?? false,
    sites: await app.apiKeys.countSites(key),
    callsLeft: (await callBudgetOf(app, key))?.remaining ?? null,
    lastUsedAt: iso(key.lastUsedAt),
    createdAt: key.createdAt.toISOString(),
    updatedAt: key.updatedAt.toISOString(),
  };
}

/** Undefined for a key that is inactive, or does not open with our secret key. */
export async function callBudgetOf(app: Intermission, key: CloudflareApiKey) {
  if (key.isActive === false) return undefined;
  return app.callBudget(key.name).catch(() => undefined);
}

export function toDiscovery({ sites, ...counts }: SyncResult) {
  const rows = sites.map(({ domain, action, reason, error }) => {
    return { domain, action, reason: reason ?? error?.message ?? null };
  });
  return { ...counts, sites: rows };
}
