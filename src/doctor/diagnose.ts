import type { Config } from '../config/load-config.ts';
import { type Environment, loadConfig } from '../config/load-config.ts';
import { Intermission } from '../intermission.ts';
import { TokenVault } from '../services/registry/token-vault.ts';
import { checkEdgeAddress, checkPublicAddress } from './check-addresses.ts';
import { checkCloudflare, noKey } from './check-cloudflare.ts';
import { checkNotices } from './check-notices.ts';
import { checkDatabaseClock, checkDue, checkHeartbeat, checkSites } from './check-records.ts';
import { checkDatabase, checkDataFolder, checkSecretKey } from './check-storage.ts';
import { attempt, type Finding } from './finding.ts';

export interface DiagnoseOptions {
  environment?: Environment | undefined;
  now: () => Date;
  signal: AbortSignal;
}

/**
 * Looks at everything that this installation needs: storage, keys, clocks, Cloudflare, sites and what is due. Changes
 * nothing, and goes on as far as it can when a part does not answer.
 *
 * @throws IntermissionError `validation_failed` when the configuration cannot be read
 */
export async function diagnose(options: DiagnoseOptions): Promise<Finding[]> {
  const config = loadConfig(options.environment);
  const folder = await attempt('Data folder', () => checkDataFolder(config));
  const secret = await attempt('Secret key', () => checkSecretKey(config));
  let usable = false;
  const database = await attempt('Database', async () => {
    const checked = await checkDatabase(config);
    usable = checked.usable;
    return checked.findings;
  });
  const stored = usable ? await attempt('Database', () => checkStored(config, options)) : [];
  // Whether the key opens what is stored says more than whether there is one.
  const isTold = stored.some(({ check }) => check === 'Secret key');
  const isEmpty = !usable && database.every(({ level }) => level === 'ok');
  return [...database, ...folder, ...(isTold ? [] : secret), ...stored, ...(isEmpty ? [noKey()] : [])];
}

async function checkStored(
  config: Config,
  { environment, now, signal }: DiagnoseOptions,
): Promise<Finding[]> {
  await using app = await Intermission.open({
    ...(environment && { environment }),
    autoMigrate: false,
    clock: { now },
  });
  const vault = new TokenVault(app.database, { value: config.secretKey, keyFile: config.secretKeyFile });
  const found = await attempt('Secret key', async () => {
    for (const key of await app.apiKeys.all()) await vault.open(key);
    return [];
  });
  const checks: [string, () => Promise<Finding[]>][] = [
    ['Clock', () => checkDatabaseClock(app, now)],
    ['Sites', () => checkSites(app)],
    ['Operations', () => checkDue(app, now())],
    ['Heartbeat', () => checkHeartbeat(app, now())],
    ['Notices', () => checkNotices(app, now())],
    ['Public address', () => checkPublicAddress(app, signal)],
    ['Edge address', async () => checkEdgeAddress(config)],
    ['Cloudflare', () => checkCloudflare(app, { config, now, signal })],
  ];
  for (const [check, work] of checks) found.push(...(await attempt(check, work)));
  return found;
}
