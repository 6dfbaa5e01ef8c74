import { randomUUID } from 'node:crypto';
import type { CloudflareApiKey } from '../../src/domain/cloudflare-api-key.ts';
import type { Database } from '../../src/persistence/database.ts';
import {
  CloudflareApiKeyRepository,
  type NewApiKey,
} from '../../src/persistence/repositories/cloudflare-api-key-repository.ts';
import {
  CloudflareSiteRepository,
  type NewSite,
} from '../../src/persistence/repositories/cloudflare-site-repository.ts';
import {
  MaintenanceLogRepository,
  type NewLog,
} from '../../src/persistence/repositories/maintenance-log-repository.ts';

type Clock = () => Date;

/** Stores a site called like its domain. */
export function addSite(database: Database, now: Clock, domain: string, data: Partial<NewSite> = {}) {
  return database.transaction((em) =>
    new CloudflareSiteRepository(em, now).create({ name: domain, domain, ...data }),
  );
}

/** Stores a key whose token is not a sealed one: nothing here opens it. */
export function addKey(
  database: Database,
  now: Clock,
  name: string,
  data: Partial<NewApiKey> = {},
): Promise<CloudflareApiKey> {
  const values = { name, sealId: randomUUID(), apiToken: randomUUID(), tokenHint: 'abcd', ...data };
  return database.transaction((em) => new CloudflareApiKeyRepository(em, now).create(values));
}

/** Stores a successful `enable` by the library unless told otherwise. */
export function addLog(database: Database, now: Clock, data: Partial<NewLog> = {}) {
  const values = { action: 'enable', status: 'success', source: 'library', ...data } as NewLog;
  return database.transaction((em) => new MaintenanceLogRepository(em, now).create(values));
}
