import type { SqlEntityManager } from '@mikro-orm/sql';
import type { CloudflareApiKey } from '../../domain/cloudflare-api-key.ts';
import { extendError, IntermissionError, isIntermissionError } from '../../errors.ts';
import type { Database } from '../../persistence/open-database.ts';
import { CloudflareApiKeyRepository } from '../../persistence/repositories/cloudflare-api-key-repository.ts';
import { CloudflareSiteRepository } from '../../persistence/repositories/cloudflare-site-repository.ts';
import { logEdit } from '../audit.ts';
import { type ChangeOptions, LIBRARY, transact } from '../change.ts';
import { type ApiKeyInput, auditedKey, parseApiKeyInput } from './api-key-input.ts';
import { type RotateSecretOptions, rotateSecretKey, type SecretRotation } from './rotate-secret-key.ts';
import { type RotateTokenOptions, rotateToken, type TokenRotation } from './rotate-token.ts';
import { checkToken, type TokenProbe, type TokenReport } from './token-check.ts';
import type { TokenVault } from './token-vault.ts';

export interface ApiKeyManagerOptions {
  database: Database;
  now: () => Date;
  vault: TokenVault;
  /** Cloudflare as a token sees it. */
  probe: (token: string) => Promise<TokenProbe>;
}

export interface AddKeyOptions extends ChangeOptions {
  /**
   * Stores the token although the secret key does not open those that are stored; makes it the default although
   * closed sites use the default key so far.
   */
  force?: boolean | undefined;
}

export interface RemoveKeyOptions extends ChangeOptions {
  /** Name of the key that its sites shall use. */
  moveTo?: string | undefined;
}

type Identity = { name: string } | { id: number };
type Change = (keys: CloudflareApiKeyRepository, key: CloudflareApiKey) => Promise<unknown>;

/** The API keys of this database: finding, adding, editing and removing them. Every change leaves a log row. */
export class ApiKeyManager {
  readonly #options: ApiKeyManagerOptions;

  constructor(options: ApiKeyManagerOptions) {
    this.#options = options;
  }

  /** A chainable query over all keys. */
  query(): CloudflareApiKeyRepository {
    return this.#keys(this.#options.database.read());
  }

  all = (): Promise<CloudflareApiKey[]> => this.query().all();
  /** @throws IntermissionError `not_found`, with names that are spelt alike */
  get = (identity: Identity): Promise<CloudflareApiKey> => this.query().get(identity);
  /** @throws IntermissionError `not_found` when no key is active */
  getDefault = (): Promise<CloudflareApiKey> => this.query().getDefault();
  getActive = (): Promise<CloudflareApiKey[]> => this.query().getActive();

  /** How many sites use the key, those included that have none of their own if it is the default. */
  countSites(key: CloudflareApiKey): Promise<number> {
    const { database, now } = this.#options;
    return new CloudflareSiteRepository(database.read(), now).byApiKey(key).count();
  }

  /**
   * Verifies a token with Cloudflare and stores it. The first key becomes the default one. A token that lacks
   * permissions is stored all the same: they can be given to it later, and the report names them.
   *
   * @throws IntermissionError `api_token_invalid`, `api_permission_denied` (not from this address),
   *   `already_exists`, `validation_failed`, `secret_key_mismatch` or `in_use`; nothing is then stored
   */
  async create(
    input: ApiKeyInput,
    options: AddKeyOptions = {},
  ): Promise<{ key: CloudflareApiKey; report: TokenReport }> {
    const { token, isDefault, ...fields } = parseApiKeyInput(input);
    const { force = false } = options;
    if ((await this.query().find({ name: fields.name })) !== undefined) throw taken(fields.name);
    await this.#assertSecretFits(options);
    const report = await checkToken(await this.#options.probe(token), this.#options.now());
    const data = { ...fields, accountId: report.accountId, makeDefault: isDefault, force };
    const key = await transact(this.#options.database, options, async (em) => {
      const keys = this.#keys(em);
      await keys.lock();
      // What is only tried must not make a key file.
      const sealed = options.dryRun
        ? { apiToken: '', sealId: '', tokenHint: token.slice(-4) }
        : await this.#options.vault.seal(em, token);
      const made = await keys.create({ ...data, ...sealed });
      await this.#log(em, made, { before: null, after: auditedKey(made) }, options);
      return made;
    });
    return { key, report };
  }

  /**
   * @throws IntermissionError `not_found`; `in_use` for an inactive key, and, without `force`, while sites are closed
   *   that have no key of their own
   */
  setDefault(
    identity: Identity,
    { force = false, ...options }: ChangeOptions & { force?: boolean | undefined } = {},
  ): Promise<CloudflareApiKey> {
    return this.#change(identity, options, (keys, key) => keys.setDefault(key, { force }));
  }

  /** @throws IntermissionError `not_found` */
  activate(identity: Identity, options: ChangeOptions = {}): Promise<CloudflareApiKey> {
    return this.#change(identity, options, (keys, key) => keys.activate(key));
  }

  /** @throws IntermissionError `in_use` while a site of it is closed, or while it is the default of several */
  deactivate(identity: Identity, options: ChangeOptions = {}): Promise<CloudflareApiKey> {
    return this.#change(identity, options, (keys, key) => keys.deactivate(key));
  }

  /**
   * Removes a key; returns the domains of its sites, which have moved to the key `moveTo`.
   *
   * @throws IntermissionError `in_use` while a site of it is closed, or while sites use it and `moveTo` is not given
   */
  async remove(identity: Identity, options: RemoveKeyOptions = {}): Promise<{ movedSites: string[] }> {
    return await transact(this.#options.database, options, async (em) => {
      const keys = this.#keys(em);
      const key = await keys.get(identity);
      const moveTo = options.moveTo === undefined ? undefined : await keys.get({ name: options.moveTo });
      const before = auditedKey(key);
      const sites = await new CloudflareSiteRepository(em, this.#options.now).byApiKey(key).all();
      await keys.remove(key, moveTo === undefined ? {} : { moveTo });
      const movedSites = sites.map(({ domain }) => domain);
      const moved = moveTo === undefined ? {} : { movedSites, moveTo: moveTo.name };
      await this.#log(em, key, { before: { ...before, ...moved }, after: null }, options);
      return { movedSites };
    });
  }

  #change(identity: Identity, options: ChangeOptions, change: Change): Promise<CloudflareApiKey> {
    return transact(this.#options.database, options, async (em) => {
      const keys = this.#keys(em);
      const key = await keys.get(identity);
      const before = auditedKey(key);
      await change(keys, key);
      await this.#log(em, key, { before, after: auditedKey(key) }, options);
      return key;
    });
  }

  /**
   * Asks Cloudflare what the token of a key can do, by harmless reads; also that of an inactive key.
   *
   * @throws IntermissionError `not_found`, `secret_key_mismatch`, and as {@link checkToken}
   */
  async verify(identity: Identity): Promise<TokenReport> {
    const { vault, probe, now } = this.#options;
    return checkToken(await probe(await vault.open(await this.get(identity))), now());
  }

  /**
   * Puts a new token in the place of the one of a key, once Cloudflare has said that it can do as much.
   *
   * @throws IntermissionError `not_found`, `validation_failed`, `api_token_invalid`; `api_permission_denied` when
   *   something would be lost, unless forced. The old token then stays
   */
  rotate(identity: Identity, apiToken: string, options: RotateTokenOptions = {}): Promise<TokenRotation> {
    return rotateToken(this.#options, identity, apiToken, options);
  }

  /** Seals every stored token with a new secret key: see `rotateSecretKey`. */
  rotateSecretKey(options: RotateSecretOptions = {}): Promise<SecretRotation> {
    const { database, now, vault } = this.#options;
    return rotateSecretKey({ database, now, source: vault.source }, options);
  }

  async #assertSecretFits({ force = false }: AddKeyOptions): Promise<void> {
    if (force) return;
    try {
      await this.#options.vault.assertFits();
    } catch (error) {
      throw isIntermissionError(error) ? mayBeForced(error) : error;
    }
  }

  #keys(em: SqlEntityManager): CloudflareApiKeyRepository {
    return new CloudflareApiKeyRepository(em, this.#options.now);
  }

  #log(
    em: SqlEntityManager,
    { name }: CloudflareApiKey,
    change: Pick<Parameters<typeof logEdit>[2], 'before' | 'after'>,
    { actor: by = LIBRARY }: ChangeOptions,
  ): Promise<void> {
    return logEdit(em, this.#options.now, { what: 'API key', name, ...change, by });
  }
}

function mayBeForced(error: IntermissionError): IntermissionError {
  const hint = `${error.hint ?? ''} If the old secret key is lost for good, set INTERMISSION_SECRET_KEY to a new one, add the token with --force and move the sites to it: intermission api-key remove OLD --move-to NEW`;
  return extendError(error, { hint: hint.trim() });
}

function taken(name: string): IntermissionError {
  return new IntermissionError('already_exists', `There is an API key "${name}" already.`, {
    hint: 'Choose another name, or remove the old one first.',
  });
}
