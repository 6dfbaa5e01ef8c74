import { renameSync } from 'node:fs';
import { createKeyFile, parseSecretKey, readKeyFile, type SecretKey, syncFolderOf } from './secret-key.ts';

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

/** Puts the next key in force; the one so far is gone. Only while no token is sealed with that one any more. */
export function adoptNextSecretKey(keyFile: string): void {
  renameSync(nextKeyFile(keyFile), keyFile);
  syncFolderOf(keyFile);
}
