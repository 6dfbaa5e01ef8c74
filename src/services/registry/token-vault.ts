import { randomUUID } from 'node:crypto';
import { CloudflareApiKey } from '../../domain/cloudflare-api-key.ts';
import type { Database } from '../../persistence/open-database.ts';
import { loadSecretKey, type SecretKey } from '../../persistence/secret-key.ts';
import { rowBinding, TokenSeal } from '../../persistence/token-seal.ts';

const TABLE = 'cloudflare_api_key';

/** Seals and opens the tokens of API keys. The secret key is read at the first use only. */
export class TokenVault {
  readonly #database: Database;
  readonly #secret: { value: string | undefined; keyFile: string };
  #key: SecretKey | undefined;
  #seal: TokenSeal | undefined;

  constructor(database: Database, secret: { value: string | undefined; keyFile: string }) {
    this.#database = database;
    this.#secret = secret;
  }

  /** @throws IntermissionError `secret_key_mismatch` */
  async open(key: CloudflareApiKey): Promise<string> {
    const seal = await this.#open();
    return seal.open(key.apiToken, rowBinding(TABLE, key.sealId));
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

  /** The fields of a key that hold its token. */
  async seal(token: string): Promise<{ apiToken: string; sealId: string; tokenHint: string }> {
    const sealId = randomUUID();
    const seal = await this.#open();
    return { sealId, apiToken: seal.seal(token, rowBinding(TABLE, sealId)), tokenHint: token.slice(-4) };
  }

  /**
   * 32 bytes that follow from the secret key, for one purpose; they say nothing about the key.
   *
   * @throws IntermissionError `secret_key_mismatch`
   */
  async derive(purpose: string): Promise<Buffer> {
    return (await this.#secretKey()).derive(purpose);
  }

  async #open(): Promise<TokenSeal> {
    this.#seal ??= new TokenSeal(await this.#secretKey());
    return this.#seal;
  }

  async #secretKey(): Promise<SecretKey> {
    if (this.#key === undefined) {
      // A new secret must never be made while there are tokens that an older one has sealed.
      const mayCreate = (await this.#database.read().count(CloudflareApiKey)) === 0;
      this.#key = loadSecretKey({ ...this.#secret, mayCreate });
    }
    return this.#key;
  }
}
