import { accessSync, constants, existsSync, statSync } from 'node:fs';
import type { Config } from '../config/load-config.ts';
import { parseDatabaseUrl } from '../persistence/database-location.ts';
import { migrateDatabase } from '../persistence/migrate-database.ts';
import { MIGRATIONS } from '../persistence/migration-state.ts';
import { nextKeyFile } from '../persistence/next-secret-key.ts';
import { loadSecretKey } from '../persistence/secret-key.ts';
import { type Finding, finding } from './finding.ts';

/** Which database is used, and whether this version can work with it as it is. Creates nothing. */
export async function checkDatabase(config: Config): Promise<{ findings: Finding[]; usable: boolean }> {
  const location = parseDatabaseUrl(config.databaseUrl);
  const { label, kind } = location;
  const say = (level: Finding['level'], message: string, hint?: string) => ({
    findings: [finding('Database', level, message, hint)],
    usable: false,
  });
  if (location.kind === 'sqlite' && !existsSync(location.path))
    return say('ok', `${label} does not exist yet; the first command makes it.`);
  const { pending } = await migrateDatabase({ url: config.databaseUrl, checkOnly: true });
  if (pending.length === 0)
    return { ...say('ok', `${label} (${kind}) answers and is up to date.`), usable: true };
  if (pending.length === Object.keys(MIGRATIONS[kind]).length)
    return say('ok', `${label} (${kind}) is empty; the first command fills it.`);
  const message = `${label} (${kind}) is older than this version: ${pending.length} migrations are pending.`;
  return say(
    config.autoMigrate ? 'warning' : 'broken',
    message,
    'Make a backup, then run: intermission migrate',
  );
}

/** The folder of database and key file: this user's alone. */
export async function checkDataFolder({ dataDir }: Config): Promise<Finding[]> {
  const stat = statSync(dataDir, { throwIfNoEntry: false });
  if (stat === undefined) return [finding('Data folder', 'ok', `${dataDir} does not exist yet.`)];
  try {
    accessSync(dataDir, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch {
    const message = `This user cannot read and write ${dataDir}.`;
    return [finding('Data folder', 'broken', message, 'Correct its owner, or set INTERMISSION_DATA_DIR.')];
  }
  const mode = stat.mode & 0o777;
  if (process.platform !== 'win32' && (mode & 0o022) !== 0) {
    const message = `Other users may write to ${dataDir} (mode ${mode.toString(8)}).`;
    return [finding('Data folder', 'warning', message, `Run: chmod 700 ${dataDir}`)];
  }
  return [finding('Data folder', 'ok', dataDir)];
}

/** The secret key by itself; whether it opens the stored tokens is seen where they are. */
export async function checkSecretKey({ secretKey, secretKeyFile }: Config): Promise<Finding[]> {
  if (secretKey === undefined && !existsSync(secretKeyFile)) {
    const message = `${secretKeyFile} does not exist yet; storing the first API key makes it.`;
    return [finding('Secret key', 'ok', message)];
  }
  const next = nextKeyFile(secretKeyFile);
  if (secretKey === undefined && existsSync(next)) {
    const message = `${next} is there: a change of the secret key is under way, or was interrupted. Both files are needed.`;
    return [finding('Secret key', 'warning', message, 'To finish it, run: intermission secret-key rotate')];
  }
  const { source } = loadSecretKey({ value: secretKey, keyFile: secretKeyFile, mayCreate: false });
  return [finding('Secret key', 'ok', source)];
}
