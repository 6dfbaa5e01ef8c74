import { readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import {
  createKeyFile,
  parseSecretKey,
  readKeyFile,
  type SecretKey,
  syncFolderOf,
  unusable,
} from './secret-key.ts';

/**
 * While the secret key is changed there are two key files: the one in force, and the next one beside it. Every token
 * opens with one of the two at any moment; see docs/decisions/0009-two-key-files.md.
 */
export function nextKeyFile(keyFile: string): string {
  return `${keyFile}.next`;
}

/** Undefined: no change is under way. @throws IntermissionError as `loadSecretKey` */
export function loadNextSecretKey(keyFile: string): SecretKey | undefined {
  const path = nextKeyFile(keyFile);
  const text = readKeyFile(path);
  return text === undefined ? undefined : parseSecretKey(text, path);
}

/** The next key: a new one, or the one that an interrupted change has left. @throws IntermissionError as `loadSecretKey` */
export function makeNextSecretKey(keyFile: string): SecretKey {
  const path = nextKeyFile(keyFile);
  createKeyFile(path);
  return parseSecretKey(readKeyFile(path) ?? '', path);
}

/**
 * Puts the next key in force; the one so far is gone. Only while no token is sealed with that one any more.
 *
 * @throws IntermissionError `secret_key_mismatch` when the file cannot take the place of the other
 */
export function adoptNextSecretKey(keyFile: string): void {
  const next = nextKeyFile(keyFile);
  try {
    removeSecondNames(keyFile);
    renameSync(next, keyFile);
    syncFolderOf(keyFile);
  } catch (error) {
    throw unusable(
      `Every token is sealed with the new key, but its file ${next} could not take the place of ${keyFile}.`,
      `Nothing is lost while both files stay. Let this user replace ${keyFile} (mount its folder, not the file alone), then run the command again.`,
      error,
    );
  }
}

/** A process that was killed while it made a key file leaves a second name of it, by which the old key would live on. */
function removeSecondNames(keyFile: string): void {
  const folder = dirname(keyFile);
  const name = basename(keyFile);
  for (const entry of readdirSync(folder)) {
    const isDraft = entry.startsWith(name) && /^(\.next)?\.[0-9a-f]{12}$/.test(entry.slice(name.length));
    if (!isDraft) continue;
    const path = join(folder, entry);
    if ((statSync(path, { throwIfNoEntry: false })?.nlink ?? 0) > 1) rmSync(path, { force: true });
  }
}
