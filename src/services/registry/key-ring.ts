import { CloudflareApiKey } from '../../domain/cloudflare-api-key.ts';
import type { CloudflareSite } from '../../domain/cloudflare-site.ts';
import { IntermissionError } from '../../errors.ts';
import type { Database } from '../../persistence/open-database.ts';
import { CloudflareApiKeyRepository } from '../../persistence/repositories/cloudflare-api-key-repository.ts';
import { batchedReads } from '../batch.ts';

/** The name under which the token of the environment is asked for, whatever is stored. */
export const ENVIRONMENT_KEY = 'env';

/** A token ready for use, and the stored key it comes from. */
export interface UsableKey<Gateway> {
  gateway: Gateway;
  token: string;
  /** Null: the token of the environment, which is never stored. */
  key: CloudflareApiKey | null;
}

export interface KeyRingOptions<Gateway> {
  database: Database;
  now: () => Date;
  /** Opens the sealed token of a key. Throws `secret_key_mismatch`. */
  open: (key: CloudflareApiKey) => Promise<string>;
  /** Asked once per token, and only when Cloudflare is needed. */
  createGateway: (token: string) => Promise<Gateway>;
  /** `CLOUDFLARE_API_TOKEN`, if it is set. */
  environmentToken: string | undefined;
}

/** Finds the key of a site or by name, and keeps one gateway per token, so that its budget is counted once. */
export class KeyRing<Gateway> {
  readonly #options: KeyRingOptions<Gateway>;
  readonly #gateways = new Map<string, Promise<Gateway>>();

  constructor(options: KeyRingOptions<Gateway>) {
    this.#options = options;
  }

  /**
   * The key that a site uses: its own, else the default one, else the token of the environment.
   *
   * @throws IntermissionError `not_found` without any key, `validation_failed` for an inactive one unless allowed
   */
  async forSite(site: CloudflareSite, { allowInactive = false } = {}): Promise<UsableKey<Gateway>> {
    return this.#use(await this.#keyOf(site), allowInactive);
  }

  /**
   * The key of that name; `env` for the token of the environment; the default one without a name.
   *
   * @throws IntermissionError `not_found`, or `validation_failed` for an inactive key
   */
  async byName(name?: string): Promise<UsableKey<Gateway>> {
    if (name === ENVIRONMENT_KEY) return this.#environment();
    const keys = this.#keys();
    return this.#use(name === undefined ? await keys.findDefault() : await keys.get({ name }), false);
  }

  /** The keys that a run over everything uses: all active ones, else the token of the environment. */
  async activeNames(): Promise<string[]> {
    const keys = await this.#keys().getActive();
    return keys.length === 0 ? [ENVIRONMENT_KEY] : keys.map(({ name }) => name);
  }

  /** True: no key is stored and active, and the environment has no token. */
  async isEmpty(): Promise<boolean> {
    if (this.#options.environmentToken !== undefined) return false;
    return (await this.#keys().findDefault()) === undefined;
  }

  /** Notes that a key was used just now, and the account it belongs to if that was not known yet. */
  async noteUse(key: CloudflareApiKey | null, accountId: string | null): Promise<void> {
    if (key === null) return;
    const changes = { lastUsedAt: this.#options.now(), accountId: key.accountId ?? accountId };
    await this.#options.database.read().nativeUpdate(CloudflareApiKey, { id: key.id }, changes);
  }

  /** A gateway for a token that is not stored yet. */
  forToken(token: string): Promise<Gateway> {
    const known = this.#gateways.get(token);
    if (known !== undefined) return known;
    const gateway = this.#options.createGateway(token);
    this.#gateways.set(token, gateway);
    return gateway;
  }

  /** Those that were needed so far. */
  gateways(): Promise<Gateway[]> {
    return Promise.all(this.#gateways.values());
  }

  async #use(key: CloudflareApiKey | undefined, allowInactive: boolean): Promise<UsableKey<Gateway>> {
    if (key === undefined) return this.#environment();
    if (!key.isActive && !allowInactive) throw inactive(key);
    const token = await this.#options.open(key);
    return { key, token, gateway: await this.forToken(token) };
  }

  async #environment(): Promise<UsableKey<Gateway>> {
    const token = this.#options.environmentToken;
    if (token !== undefined) return { key: null, token, gateway: await this.forToken(token) };
    throw new IntermissionError(
      'not_found',
      'There is no Cloudflare API token: no active key is stored, and CLOUDFLARE_API_TOKEN is not set.',
      {
        hint: 'Store one with: intermission api-key add NAME --token-stdin',
      },
    );
  }

  /** Sites that are asked for at the same time are answered together. */
  readonly #keyOf = batchedReads((sites: readonly CloudflareSite[]) => this.#keys().findForSites(sites));

  #keys(): CloudflareApiKeyRepository {
    return new CloudflareApiKeyRepository(this.#options.database.read(), this.#options.now);
  }
}

function inactive(key: CloudflareApiKey): IntermissionError {
  return new IntermissionError('validation_failed', `The API key "${key.name}" is inactive.`, {
    hint: `Activate it with \`intermission api-key activate ${JSON.stringify(key.name)}\`, or give the site another key.`,
  });
}
