import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { IntermissionError } from '../errors.ts';
import type { SecretKey } from './secret-key.ts';

const ALGORITHM = 'aes-256-gcm';
const VERSION = 'v1';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/**
 * Seals texts with AES-256-GCM: `v1.<key id>.<nonce>.<ciphertext and tag>`, the last two in base64url.
 *
 * A sealed text opens only together with the `binding` it was sealed with, and a binding names one row. The id
 * of a row is not known before it is stored, and names can be edited, so a row with sealed text has a `sealId`:
 * a random UUID, made with the row and never changed ({@link rowBinding}). A sealed token that is copied into
 * another row does not open there.
 */
export class TokenSeal {
  /** Tells which key a seal is made with: see {@link sealedWith}. */
  readonly keyId: string;
  readonly #key: SecretKey;
  readonly #cipherKey: Buffer;

  constructor(key: SecretKey) {
    this.keyId = key.id;
    this.#key = key;
    this.#cipherKey = key.derive('token seal');
  }

  seal(text: string, binding: string): string {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv(ALGORITHM, this.#cipherKey, nonce);
    cipher.setAAD(associatedData(this.#key.id, binding));
    const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]);
    return [VERSION, this.#key.id, nonce.toString('base64url'), sealed.toString('base64url')].join('.');
  }

  /**
   * @throws IntermissionError `secret_key_mismatch` when the text was sealed with another key, was changed, or
   *   belongs to another row.
   */
  open(envelope: string, binding: string): string {
    const { keyId, nonce, sealed } = parseEnvelope(envelope);
    if (keyId !== this.#key.id) throw otherKey(this.#key, keyId);
    try {
      const decipher = createDecipheriv(ALGORITHM, this.#cipherKey, nonce, { authTagLength: TAG_BYTES });
      decipher.setAAD(associatedData(keyId, binding));
      decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
      return decipher.update(sealed.subarray(0, -TAG_BYTES), undefined, 'utf8') + decipher.final('utf8');
    } catch {
      throw damaged();
    }
  }
}

/** The id of the key that a text is sealed with. @throws IntermissionError `secret_key_mismatch` when it is damaged */
export function sealedWith(envelope: string): string {
  return parseEnvelope(envelope).keyId;
}

/** What a token of a row of `table` is bound to. `sealId` is the UUID of the row. */
export function rowBinding(table: string, sealId: string): string {
  return `${table}/${sealId}`;
}

interface Envelope {
  keyId: string;
  nonce: Buffer;
  sealed: Buffer;
}

function parseEnvelope(envelope: string): Envelope {
  const [version, keyId = '', nonceText = '', sealedText = '', ...rest] = envelope.split('.');
  const nonce = Buffer.from(nonceText, 'base64url');
  const sealed = Buffer.from(sealedText, 'base64url');
  // Decoding forgives characters and bits that do not belong there; nothing that was changed shall pass.
  const isExact = nonce.toString('base64url') === nonceText && sealed.toString('base64url') === sealedText;
  const hasSizes = nonce.length === NONCE_BYTES && sealed.length >= TAG_BYTES;
  if (version !== VERSION || rest.length > 0 || !isExact || !hasSizes) throw damaged();
  return { keyId, nonce, sealed };
}

function associatedData(keyId: string, binding: string): Buffer {
  return Buffer.from(`intermission/${VERSION}/${keyId}/${binding}`);
}

function otherKey(key: SecretKey, keyId: string): IntermissionError {
  return new IntermissionError(
    'secret_key_mismatch',
    `The stored token was sealed with another secret key (${keyId}) than the one in ${key.source} (${key.id}).`,
    { hint: `Put the right key into ${key.source}, or store the token again.` },
  );
}

function damaged(): IntermissionError {
  return new IntermissionError(
    'secret_key_mismatch',
    'The stored token is damaged or belongs to another row.',
    {
      hint: 'Restore a backup, or store the token again.',
    },
  );
}
