import type { CloudflareApiKey } from '../../domain/cloudflare-api-key.ts';
import type { Actor } from '../../domain/maintenance-log.ts';
import { IntermissionError, type JsonValue } from '../../errors.ts';
import type { Database } from '../../persistence/open-database.ts';
import { CloudflareApiKeyRepository } from '../../persistence/repositories/cloudflare-api-key-repository.ts';
import { logEdit } from './audit.ts';
import { ENVIRONMENT_KEY } from './key-ring.ts';
import { parseName } from './site-input.ts';
import { checkToken, type TokenProbe, type TokenReport } from './token-check.ts';
import type { TokenVault } from './token-vault.ts';

export interface ApiKeyInput {
  name: string;
  /** In plain text; sealed before it is stored, and never shown again. */
  apiToken: string;
  description?: string | undefined;
  accountId?: string | undefined;
  isDefault?: boolean | undefined;
}

export interface ApiKeyManagerOptions {
  database: Database;
  now: () => Date;
  vault: TokenVault;
  /** Cloudflare as a token sees it. */
  probe: (token: string) => TokenProbe;
}

type Identity = { name: string } | { id: number };
type Change = (keys: CloudflareApiKeyRepository, key: CloudflareApiKey) => Promise<unknown>;

const LIBRARY: Actor = { name: 'library', source: 'library' };
const MAX_TOKEN = 500;
const MAX_DESCRIPTION = 2_000;

/** The API keys of this database: finding, adding, editing and removing them. Every change leaves a log row. */
export class ApiKeyManager {
  readonly #options: ApiKeyManagerOptions;

  constructor(options: ApiKeyManagerOptions) {
    this.#options = options;
  }

  /** A chainable query over all keys. */
  query(): CloudflareApiKeyRepository {
    return new CloudflareApiKeyRepository(this.#options.database.read(), this.#options.now);
  }

  all = (): Promise<CloudflareApiKey[]> => this.query().all();
  /** @throws IntermissionError `not_found`, with names that are spelt alike */
  get = (identity: Identity): Promise<CloudflareApiKey> => this.query().get(identity);
  /** @throws IntermissionError `not_found` when no key is active */
  getDefault = (): Promise<CloudflareApiKey> => this.query().getDefault();
  getActive = (): Promise<CloudflareApiKey[]> => this.query().getActive();

  /**
   * Verifies a token with Cloudflare and stores it. The first key becomes the default one.
   *
   * @throws IntermissionError `api_token_invalid`, `already_exists` or `validation_failed`; nothing is then stored
   */
  async create(
    input: ApiKeyInput,
    by: Actor = LIBRARY,
  ): Promise<{ key: CloudflareApiKey; report: TokenReport }> {
    const name = parseKeyName(input.name);
    const token = parseToken(input.apiToken);
    const description = parseDescription(input.description ?? '');
    if ((await this.query().find({ name })) !== undefined) throw taken(name);
    const report = await checkToken(this.#options.probe(token));
    const sealed = await this.#options.vault.seal(token);
    const accountId = input.accountId ?? report.accountId;
    const key = await this.#options.database.transaction(async (em) => {
      const keys = new CloudflareApiKeyRepository(em, this.#options.now);
      const made = await keys.create({
        name,
        description,
        accountId,
        ...sealed,
        makeDefault: input.isDefault ?? false,
      });
      await logEdit(em, this.#options.now, { what: 'api-key', name, before: null, after: audited(made), by });
      return made;
    });
    return { key, report };
  }

  /** @throws IntermissionError `in_use` for an inactive key, `not_found` */
  setDefault(identity: Identity, by: Actor = LIBRARY): Promise<CloudflareApiKey> {
    return this.#change(identity, by, (keys, key) => keys.setDefault(key));
  }

  activate(identity: Identity, by: Actor = LIBRARY): Promise<CloudflareApiKey> {
    return this.#change(identity, by, (keys, key) => keys.activate(key));
  }

  /** @throws IntermissionError `in_use` while a site of it is closed, or while it is the default of several */
  deactivate(identity: Identity, by: Actor = LIBRARY): Promise<CloudflareApiKey> {
    return this.#change(identity, by, (keys, key) => keys.deactivate(key));
  }

  /**
   * Removes a key. Its sites move to the key `moveTo`.
   *
   * @throws IntermissionError `in_use` while a site of it is closed, or while sites use it and `moveTo` is not given
   */
  async remove(
    identity: Identity,
    options: { moveTo?: string | undefined } = {},
    by: Actor = LIBRARY,
  ): Promise<void> {
    await this.#options.database.transaction(async (em) => {
      const keys = new CloudflareApiKeyRepository(em, this.#options.now);
      const key = await keys.get(identity);
      const moveTo = options.moveTo === undefined ? undefined : await keys.get({ name: options.moveTo });
      const before = audited(key);
      await keys.remove(key, moveTo === undefined ? {} : { moveTo });
      await logEdit(em, this.#options.now, { what: 'api-key', name: key.name, before, after: null, by });
    });
  }

  #change(identity: Identity, by: Actor, change: Change): Promise<CloudflareApiKey> {
    return this.#options.database.transaction(async (em) => {
      const keys = new CloudflareApiKeyRepository(em, this.#options.now);
      const key = await keys.get(identity);
      const before = audited(key);
      await change(keys, key);
      await logEdit(em, this.#options.now, {
        what: 'api-key',
        name: key.name,
        before,
        after: audited(key),
        by,
      });
      return key;
    });
  }
}

/** The fields of a key that a log row shows: nothing of its token. */
function audited(key: CloudflareApiKey): { [field: string]: JsonValue } {
  return {
    name: key.name,
    description: key.description ?? '',
    accountId: key.accountId ?? null,
    isActive: key.isActive ?? true,
    isDefault: key.isDefault ?? false,
  };
}

function parseKeyName(text: string): string {
  const name = parseName('key', text);
  if (name !== ENVIRONMENT_KEY) return name;
  throw new IntermissionError(
    'validation_failed',
    `"${name}" stands for the token in CLOUDFLARE_API_TOKEN.`,
    {
      hint: 'Choose another name.',
    },
  );
}

/** The form of tokens has changed more than once (reference 6.2): only what can never be one is refused. */
function parseToken(text: string): string {
  const token = text.trim();
  if (/^[\x21-\x7e]+$/.test(token) && token.length <= MAX_TOKEN) return token;
  throw new IntermissionError(
    'validation_failed',
    'That is not an API token: it is empty, too long, or holds spaces.',
    {
      hint: 'Pass the token alone, for example: intermission api-key add NAME --token-stdin < token.txt',
    },
  );
}

function parseDescription(text: string): string {
  if (text.length <= MAX_DESCRIPTION) return text.trim();
  throw new IntermissionError(
    'validation_failed',
    `The description has more than ${MAX_DESCRIPTION} characters.`,
    {
      hint: 'Shorten it.',
    },
  );
}

function taken(name: string): IntermissionError {
  return new IntermissionError('already_exists', `There is an API key "${name}" already.`, {
    hint: 'Choose another name, or remove the old one first.',
  });
}
