import { randomUUID } from 'node:crypto';
import type { SqlEntityManager } from '@mikro-orm/sql';
import { CloudflareApiKey } from '../../domain/cloudflare-api-key.ts';
import { loadNextSecretKey } from '../../persistence/next-secret-key.ts';
import type { Database } from '../../persistence/open-database.ts';
import { loadSecretKey, type SecretKey } from '../../persistence/secret-key.ts';
import { rowBinding, sealedWith, TokenSeal } from '../../persistence/token-seal.ts';

const TABLE = 'cloudflare_api_key';

/** Where the secret key comes from. */
export interface SecretSource {
  /** Value of INTERMISSION_SECRET_KEY; wins over the file. */
  value: string | undefined;
  keyFile: string;
}

/** What a row holds of a token. */
export interface SealedToken {
  apiToken: string;
  sealId: string;
  tokenHint: string;
}

/** The secret key in force, and the next one while it is being changed. */
interface Keys {
  current: SecretKey;
  seals: readonly TokenSeal[];
}

/** Seals and opens the tokens of API keys. The secret key is read at the first use only. */
export class TokenVault {
  readonly source: SecretSource;
  readonly #database: Database;
  #keys: Keys | undefined;

  constructor(database: Database, source: SecretSource) {
    this.#database = database;
    this.source = source;
  }

  /** @throws IntermissionError `secret_key_mismatch` */
  async open(key: Pick<CloudflareApiKey, 'apiToken' | 'sealId'>): Promise<string> {
    const wanted = sealedWith(key.apiToken);
    const fits = ({ keyId }: TokenSeal) => keyId === wanted;
    let { seals } = await this.#load();
    // Another process may have changed the secret key since it was read.
    if (!seals.some(fits)) ({ seals } = await this.#loadAnew(this.#database.read()));
    const seal = seals.find(fits);
    if (seal !== undefined) return openToken(seal, key);
    const row = await this.#database.read().findOne(CloudflareApiKey, { sealId: key.sealId });
    // The row was read before the secret key was changed, and the files after it.
    if (row !== null && row.apiToken !== key.apiToken) return this.open(row);
    return openToken(seals[0] as TokenSeal, key);
  }

  /**
   * A token that is sealed with another secret than the stored ones cannot be opened beside them.
   *
   * @throws IntermissionError `secret_key_mismatch` when tokens are stored and the secret opens none of them
   */
  async assertFits(): Promise<void> {
    const stored = await this.#database.read().find(CloudflareApiKey, {}, { orderBy: { id: 'asc' } });
    let mismatch: unknown;
    for (const key of stored) {
      try {
        await this.open(key);
        return;
      } catch (error) {
        mismatch ??= error;
      }
    }
    if (mismatch !== undefined) throw mismatch;
  }

  /**
   * The fields of a key that hold its token, sealed as the others are. Call it where the table of keys is locked
   * (`CloudflareApiKeyRepository.lock`): the secret key is then not changed between this and the end of the transaction.
   *
   * @param sealId of the row; a new one for a new row
   */
  async seal(em: SqlEntityManager, token: string, sealId: string = randomUUID()): Promise<SealedToken> {
    const { seals } = await this.#loadAnew(em);
    const stored = await em.find(CloudflareApiKey, {}, { fields: ['apiToken'] });
    const used = new Set(stored.map(({ apiToken }) => sealedWith(apiToken)));
    const seal = seals.find(({ keyId }) => used.has(keyId)) ?? (seals[0] as TokenSeal);
    return { sealId, apiToken: sealToken(seal, token, sealId), tokenHint: token.slice(-4) };
  }

  /**
   * 32 bytes that follow from the secret key, for one purpose; they say nothing about the key.
   *
   * @throws IntermissionError `secret_key_mismatch`
   */
  async derive(purpose: string): Promise<Buffer> {
    return (await this.#load()).current.derive(purpose);
  }

  async #load(): Promise<Keys> {
    return this.#keys ?? this.#loadAnew(this.#database.read());
  }

  async #loadAnew(em: SqlEntityManager): Promise<Keys> {
    // A new secret must never be made while there are tokens that an older one has sealed.
    const mayCreate = (await em.count(CloudflareApiKey)) === 0;
    const { value, keyFile } = this.source;
    // In this order: a next key that is put in force in between is then found as the current one.
    const next = value === undefined ? loadNextSecretKey(keyFile) : undefined;
    const current = loadSecretKey({ ...this.source, mayCreate });
    const keys = next === undefined ? [current] : [current, next];
    this.#keys = { current, seals: keys.map((key) => new TokenSeal(key)) };
    return this.#keys;
  }
}

export function sealToken(seal: TokenSeal, token: string, sealId: string): string {
  return seal.seal(token, rowBinding(TABLE, sealId));
}

/** @throws IntermissionError `secret_key_mismatch` */
export function openToken(seal: TokenSeal, key: Pick<CloudflareApiKey, 'apiToken' | 'sealId'>): string {
  return seal.open(key.apiToken, rowBinding(TABLE, key.sealId));
}
