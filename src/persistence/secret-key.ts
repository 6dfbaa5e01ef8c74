import { createHmac, hkdfSync, randomBytes } from 'node:crypto';
import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { IntermissionError } from '../errors.ts';

const KEY_BYTES = 32;
const VARIABLE = 'INTERMISSION_SECRET_KEY';

/** The installation's secret. Nothing is encrypted with it directly: see {@link SecretKey.derive}. */
export class SecretKey {
  /** Where it came from, for people: the variable or the path of the file. */
  readonly source: string;
  /** Tells keys apart without telling anything about them: 16 hex characters. */
  readonly id: string;
  readonly #bytes: Buffer;

  constructor(bytes: Buffer, source: string) {
    this.#bytes = bytes;
    this.source = source;
    this.id = createHmac('sha256', bytes).update('intermission key id').digest('hex').slice(0, 16);
  }

  /** 32 bytes for one purpose; they say nothing about those for another. */
  derive(purpose: string): Buffer {
    return Buffer.from(hkdfSync('sha256', this.#bytes, '', `intermission ${purpose}`, KEY_BYTES));
  }
}

export interface SecretKeyOptions {
  /** Value of INTERMISSION_SECRET_KEY: 64 hex characters, or 32 bytes in base64. Wins over the file. */
  value?: string | undefined;
  keyFile: string;
  /** Whether a missing file may be made. Only while the database holds nothing that an older key has sealed. */
  mayCreate: boolean;
}

/**
 * Reads the secret from the variable or from the key file; a missing file is made, with mode 0600, if that is allowed.
 *
 * @throws IntermissionError `validation_failed` for a key of a wrong form; `secret_key_mismatch` for a file that
 *   is missing, unreadable, or readable for others.
 */
export function loadSecretKey({ value, keyFile, mayCreate }: SecretKeyOptions): SecretKey {
  if (value !== undefined) return parseSecretKey(value, VARIABLE);
  const existing = readKeyFile(keyFile);
  if (existing !== undefined) return parseSecretKey(existing, keyFile);
  if (!mayCreate) throw missing(keyFile);
  createKeyFile(keyFile);
  return parseSecretKey(readKeyFile(keyFile) ?? '', keyFile);
}

/** @throws IntermissionError `validation_failed`; the text is not repeated */
export function parseSecretKey(text: string, source: string): SecretKey {
  const trimmed = text.trim();
  const bytes = /^[0-9a-f]{64}$/i.test(trimmed) ? Buffer.from(trimmed, 'hex') : decodeBase64(trimmed);
  if (bytes.length === KEY_BYTES) return new SecretKey(bytes, source);
  throw new IntermissionError('validation_failed', `The secret key in ${source} is not 32 bytes long.`, {
    hint: 'It is 64 hex characters, or 32 bytes in base64. `openssl rand -hex 32` makes a new one.',
  });
}

/** Empty for anything that is not base64: Node skips what it does not know. */
function decodeBase64(text: string): Buffer {
  return /^[\w+/-]{43}=?$/.test(text) ? Buffer.from(text, 'base64') : Buffer.alloc(0);
}

/** Undefined: there is no such file. */
export function readKeyFile(path: string): string | undefined {
  let file: number;
  try {
    file = openSync(path, constants.O_RDONLY);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw unusable(`The key file ${path} cannot be read.`, 'Make it readable for this user only.', error);
  }
  try {
    refuseOpenPermissions(path, fstatSync(file).mode);
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (error instanceof IntermissionError) throw error;
    throw unusable(`The key file ${path} cannot be read.`, 'It has to be a file with the key in it.', error);
  } finally {
    closeSync(file);
  }
}

function refuseOpenPermissions(path: string, mode: number): void {
  // Windows has no such permissions.
  if (process.platform === 'win32' || (mode & 0o077) === 0) return;
  const octal = (mode & 0o777).toString(8);
  throw unusable(`Other users may read the key file ${path} (mode ${octal}).`, `Run: chmod 600 ${path}`);
}

/** Written aside and linked into place: whoever finds the file finds all of it, and the first of several wins. */
export function createKeyFile(path: string): void {
  const draft = `${path}.${randomBytes(6).toString('hex')}`;
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    const file = openSync(draft, 'wx', 0o600);
    writeSync(file, `${randomBytes(KEY_BYTES).toString('hex')}\n`);
    fsyncSync(file);
    closeSync(file);
    linkSync(draft, path);
    syncFolderOf(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return;
    throw unusable(
      `The key file ${path} cannot be created.`,
      `Make its folder writable for this user, or set ${VARIABLE}.`,
      error,
    );
  } finally {
    rmSync(draft, { force: true });
  }
}

/** A name in a folder survives a power failure once the folder is on the disk. */
export function syncFolderOf(path: string): void {
  // Windows opens no folders.
  if (process.platform === 'win32') return;
  const folder = openSync(dirname(path), constants.O_RDONLY);
  fsyncSync(folder);
  closeSync(folder);
}

function missing(path: string): IntermissionError {
  return unusable(
    `The key file ${path} does not exist, and the database holds tokens that were sealed with it.`,
    `Put the file back, or set ${VARIABLE} to the key that was used.`,
  );
}

export function unusable(message: string, hint: string, cause?: unknown): IntermissionError {
  return new IntermissionError(
    'secret_key_mismatch',
    message,
    cause === undefined ? { hint } : { hint, cause },
  );
}
