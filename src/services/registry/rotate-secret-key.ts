import type { SqlEntityManager } from '@mikro-orm/sql';
import type { CloudflareApiKey } from '../../domain/cloudflare-api-key.ts';
import { extendError, IntermissionError, isIntermissionError } from '../../errors.ts';
import {
  adoptNextSecretKey,
  loadNextSecretKey,
  makeNextSecretKey,
} from '../../persistence/next-secret-key.ts';
import type { Database } from '../../persistence/open-database.ts';
import { CloudflareApiKeyRepository } from '../../persistence/repositories/cloudflare-api-key-repository.ts';
import { MaintenanceLogRepository } from '../../persistence/repositories/maintenance-log-repository.ts';
import { loadSecretKey, parseSecretKey, type SecretKey } from '../../persistence/secret-key.ts';
import { sealedWith, TokenSeal } from '../../persistence/token-seal.ts';
import { type ChangeOptions, LIBRARY } from '../change.ts';
import { openToken, type SecretSource, sealToken } from './token-vault.ts';

export interface RotationContext {
  database: Database;
  now: () => Date;
  source: SecretSource;
}

export interface RotateSecretOptions extends ChangeOptions {
  /** The new key, where it is not in a file: 64 hex characters, or 32 bytes in base64. */
  newKey?: string | undefined;
}

/** What a change of the secret key has done. */
export interface SecretRotation {
  /** Stored tokens; each of them opens with the new key. */
  tokens: number;
  /** Those that were sealed anew by this call; the others were so already. */
  resealed: number;
  /** The file that now holds the new key; null: the variable has to be set to it. */
  keyFile: string | null;
}

/** A key that is stored between sealing and putting the new key in force makes one more round. */
const MAX_ROUNDS = 5;

/**
 * Seals every stored token with a new secret key, in one transaction. Where the key is in a file, a new one is made
 * beside it, then the tokens are sealed with that one, then it takes the place of the old one: whenever the process
 * dies, each token opens with one of the two files, and the next call goes on from there. Where it is in
 * INTERMISSION_SECRET_KEY, the new one is given, and the variable is for the caller to set.
 *
 * @throws IntermissionError `secret_key_mismatch` when a stored token does not open; `validation_failed` for a new key
 *   of a wrong form, the same as the old one, or given although the key is in a file. Nothing is then changed
 */
export async function rotateSecretKey(
  context: RotationContext,
  options: RotateSecretOptions,
): Promise<SecretRotation> {
  const { value, keyFile } = context.source;
  const given = givenKey(value, options.newKey);
  if (given !== undefined) return { ...(await reseal(context, given, options)), keyFile: null };
  if (options.dryRun === true) return { ...(await reseal(context, undefined, options)), keyFile };
  let resealed = 0;
  for (let round = 1; round <= MAX_ROUNDS; round += 1) {
    const done = await reseal(context, undefined, options);
    resealed += done.resealed;
    if (await putInForce(context)) return { tokens: done.tokens, resealed, keyFile };
  }
  throw new IntermissionError('internal', 'Other processes kept storing API keys meanwhile.', {
    hint: 'Every stored token can be opened. Run the command again.',
  });
}

/** Seals all tokens with the new key, in one transaction: with the given one, or the next one in a file. */
function reseal(
  { database, now, source }: RotationContext,
  given: SecretKey | undefined,
  { dryRun = false, actor = LIBRARY }: ChangeOptions,
): Promise<{ tokens: number; resealed: number }> {
  return database.transaction(async (em) => {
    // The files are read, and the next one is made, only here: another change waits until this one is committed.
    const stored = await lockedKeys(em, now);
    const count = (next: SecretKey | undefined) =>
      stored.filter(({ apiToken }) => sealedWith(apiToken) !== next?.id).length;
    if (dryRun && stored.length === 0) return { tokens: 0, resealed: 0 };
    const old = oldKeys(source, stored.length === 0);
    const opened = stored.map((key) => ({ key, token: openWith(given ? [given, ...old] : old, key) }));
    if (dryRun) return { tokens: stored.length, resealed: count(given) };
    const next = given ?? makeNextSecretKey(source.keyFile);
    const resealed = count(next);
    sealAll(opened, next);
    if (resealed > 0) await logRotation(em, now, { count: resealed, next, actor });
    return { tokens: stored.length, resealed };
  });
}

function sealAll(opened: readonly { key: CloudflareApiKey; token: string }[], next: SecretKey): void {
  const seal = new TokenSeal(next);
  for (const { key, token } of opened) {
    if (sealedWith(key.apiToken) !== next.id) key.apiToken = sealToken(seal, token, key.sealId);
  }
}

/** Puts the next key in force. False: a token is there that it does not open. */
function putInForce({ database, now, source }: RotationContext): Promise<boolean> {
  return database.transaction(async (em) => {
    // Only here, and only while nobody stores a key, is the file of the next key taken away.
    const stored = await lockedKeys(em, now);
    const next = loadNextSecretKey(source.keyFile);
    if (next === undefined) return true;
    if (stored.some(({ apiToken }) => sealedWith(apiToken) !== next.id)) return false;
    adoptNextSecretKey(source.keyFile);
    return true;
  });
}

/** The keys that open what is stored: the one in force, and the next one that an interrupted change has left. */
function oldKeys({ value, keyFile }: SecretSource, mayCreate: boolean): SecretKey[] {
  const left = value === undefined ? loadNextSecretKey(keyFile) : undefined;
  const current = loadSecretKey({ value, keyFile, mayCreate });
  return left === undefined ? [current] : [current, left];
}

/** Undefined: the key is in a file, and the new one is made. */
function givenKey(value: string | undefined, text: string | undefined): SecretKey | undefined {
  if (value === undefined) {
    if (text === undefined) return undefined;
    throw refuse('The secret key is in a file: a new one is made by itself.', 'Leave the new key out.');
  }
  if (text === undefined) {
    const hint = 'Make one with `openssl rand -hex 32`, keep it, and pass it with --new-key-stdin.';
    throw refuse('The secret key is in INTERMISSION_SECRET_KEY: a new one has to be given.', hint);
  }
  const given = parseSecretKey(text, 'the new key');
  if (given.id !== parseSecretKey(value, 'INTERMISSION_SECRET_KEY').id) return given;
  throw refuse('The new secret key is the same as the old one.', 'Make one with `openssl rand -hex 32`.');
}

async function lockedKeys(em: SqlEntityManager, now: () => Date): Promise<CloudflareApiKey[]> {
  const keys = new CloudflareApiKeyRepository(em, now);
  await keys.lock();
  return keys.all();
}

function openWith(secrets: readonly SecretKey[], key: CloudflareApiKey): string {
  try {
    const wanted = sealedWith(key.apiToken);
    const secret = secrets.find(({ id }) => id === wanted) ?? secrets.at(-1);
    return openToken(new TokenSeal(secret as SecretKey), key);
  } catch (error) {
    if (!isIntermissionError(error)) throw error;
    const message = `The token of the API key "${key.name}" cannot be opened, so nothing was changed. ${error.message}`;
    const hint = `Store it again (intermission api-key rotate ${JSON.stringify(key.name)} --token-stdin) or remove the key, then repeat.`;
    throw extendError(error, { message, hint });
  }
}

async function logRotation(
  em: SqlEntityManager,
  now: () => Date,
  { count, next, actor }: { count: number; next: SecretKey; actor: NonNullable<ChangeOptions['actor']> },
): Promise<void> {
  await new MaintenanceLogRepository(em, now).create({
    action: 'configure',
    status: 'success',
    reason: `Secret key changed: ${count} ${count === 1 ? 'token' : 'tokens'} sealed anew`,
    actor: actor.name,
    source: actor.source,
    changed: { after: { secretKeyId: next.id, tokens: count } },
    durationSeconds: 0,
  });
}

function refuse(message: string, hint: string): IntermissionError {
  return new IntermissionError('validation_failed', message, { hint });
}
