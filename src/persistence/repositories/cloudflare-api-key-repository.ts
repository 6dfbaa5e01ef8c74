import type { EntityData, RequiredEntityData } from '@mikro-orm/sql';
import { CloudflareApiKey } from '../../domain/cloudflare-api-key.ts';
import type { CloudflareSite } from '../../domain/cloudflare-site.ts';
import { IntermissionError } from '../../errors.ts';
import { isSqlite } from '../database-clock.ts';
import { ApiKeyQuery } from './cloudflare-api-key-query.ts';
import { CloudflareSiteRepository } from './cloudflare-site-repository.ts';
import {
  refuseInactiveDefault,
  refuseNewDefault,
  refuseWhileClosed,
  refuseWhileDefault,
  refuseWhileUsed,
} from './key-refusals.ts';
import { notFound } from './not-found.ts';

type Managed = 'id' | 'isActive' | 'isDefault' | 'createdAt' | 'updatedAt';

export interface DefaultOptions {
  /** Takes over closed sites that have no key of their own from the default key so far. */
  force?: boolean;
}

/** `apiToken` is sealed already, bound to `sealId`. */
export type NewApiKey = Omit<RequiredEntityData<CloudflareApiKey>, Managed> & {
  makeDefault?: boolean;
} & DefaultOptions;
export type ApiKeyChanges = Omit<EntityData<CloudflareApiKey>, Managed | 'sealId'>;

/**
 * The API keys and the rules of the default one: exactly one of the active keys is the default, and sites
 * without a key of their own use it. To write, construct it with the entity manager of a transaction.
 */
export class CloudflareApiKeyRepository extends ApiKeyQuery {
  find(identity: { name: string } | { id: number }): Promise<CloudflareApiKey | undefined> {
    return this.filter(identity).first();
  }

  /** @throws IntermissionError `not_found`, with names that are spelt alike as its hint. */
  async get(identity: { name: string } | { id: number }): Promise<CloudflareApiKey> {
    const key = await this.find(identity);
    if (key !== undefined) return key;
    if ('id' in identity) throw notFound('API key with the id', String(identity.id), [], LIST_COMMAND);
    throw notFound('API key', identity.name, await this.#names(), LIST_COMMAND);
  }

  /** Until the transaction ends nobody else changes a key. What was read before has to be read again. */
  lock(): Promise<void> {
    return this.#lockTable();
  }

  findDefault(): Promise<CloudflareApiKey | undefined> {
    return this.filter(IS_DEFAULT).first();
  }

  /** @throws IntermissionError `not_found` when no key is active. */
  async getDefault(): Promise<CloudflareApiKey> {
    const key = await this.findDefault();
    if (key !== undefined) return key;
    throw new IntermissionError('not_found', 'There is no default API key: no key is stored and active.', {
      hint: 'Add one with `intermission api-key add NAME --token-stdin`, or set CLOUDFLARE_API_TOKEN.',
    });
  }

  getActive(): Promise<CloudflareApiKey[]> {
    return this.active().all();
  }

  /** The key that each of `sites` uses, active or not: its own or the default. Undefined: it has none, and there is no default. */
  async findForSites(
    sites: readonly Pick<CloudflareSite, 'apiKey'>[],
  ): Promise<(CloudflareApiKey | undefined)[]> {
    const ids = [...new Set(sites.flatMap(({ apiKey }) => apiKey?.id ?? []))];
    const keys = await this.filter({ $or: [{ id: { $in: ids } }, IS_DEFAULT] }).all();
    const standard = keys.find((key) => key.isDefault && key.isActive);
    return sites.map(({ apiKey }) => (apiKey == null ? standard : keys.find(({ id }) => id === apiKey.id)));
  }

  /**
   * The first active key becomes the default, asked for or not.
   *
   * @throws IntermissionError `already_exists` when there is a key of that name, `in_use` as `setDefault`.
   */
  async create({ makeDefault = false, force = false, ...data }: NewApiKey): Promise<CloudflareApiKey> {
    await this.#lockTable();
    const now = this.now();
    const current = await this.findDefault();
    const isDefault = makeDefault || current === undefined;
    if (isDefault) await this.#clearDefault(current, { force });
    const key = this.em.create(CloudflareApiKey, {
      ...data,
      isDefault,
      createdAt: now,
      updatedAt: now,
    } as RequiredEntityData<CloudflareApiKey>);
    await this.em.flush();
    return key;
  }

  /** @throws IntermissionError `already_exists` when the new name is that of another key. */
  async update(key: CloudflareApiKey, changes: ApiKeyChanges): Promise<CloudflareApiKey> {
    return this.#store(key, changes);
  }

  /**
   * @throws IntermissionError `in_use` when the key is inactive, or, without `force`, while a site is closed that
   *   has no key of its own: another key than the one that closed it would have to reopen it.
   */
  async setDefault(key: CloudflareApiKey, options: DefaultOptions = {}): Promise<CloudflareApiKey> {
    await this.#lockTable(key);
    if (!key.isActive) throw refuseInactiveDefault(key);
    const current = await this.findDefault();
    if (current?.id === key.id) return key;
    await this.#clearDefault(current, options);
    return this.#store(key, { isDefault: true });
  }

  /** Becomes the default when there is none. */
  async activate(key: CloudflareApiKey): Promise<CloudflareApiKey> {
    await this.#lockTable(key);
    if (key.isActive) return key;
    const isDefault = (await this.findDefault()) === undefined;
    return this.#store(key, { isActive: true, isDefault });
  }

  /** @throws IntermissionError `in_use` while a site of it is closed, or while it is the default of several. */
  async deactivate(key: CloudflareApiKey): Promise<CloudflareApiKey> {
    await this.#lockTable(key);
    if (!key.isActive) return key;
    await this.#refuse(key, 'deactivated');
    return this.#store(key, { isActive: false, isDefault: false });
  }

  /**
   * Removes the key; its sites move to `moveTo`.
   *
   * @throws IntermissionError `in_use` while a site of it is closed, while it is the default of several, or
   *   while sites use it and `moveTo` is not given or not active.
   */
  async remove(key: CloudflareApiKey, options: { moveTo?: CloudflareApiKey } = {}): Promise<void> {
    await this.#lockTable(key);
    await this.#refuse(key, 'removed');
    const sites = this.#sitesOf(key);
    const used = await sites.count();
    const { moveTo } = options;
    if (used > 0 && (moveTo === undefined || moveTo.id === key.id || !moveTo.isActive)) {
      throw refuseWhileUsed(key, used, moveTo);
    }
    for (const site of await sites.all()) {
      this.em.assign(site, { apiKey: moveTo ?? null, updatedAt: this.now() });
    }
    await this.em.flush();
    await this.em.remove(key).flush();
  }

  async #refuse(key: CloudflareApiKey, verb: string): Promise<void> {
    const closed = await domainsWithRules(this.#sitesOf(key));
    if (closed.length > 0) throw refuseWhileClosed(key, verb, closed);
    const others = await this.active()
      .filter({ id: { $ne: key.id } })
      .all();
    if (key.isDefault && others.length > 0)
      throw refuseWhileDefault(
        key,
        verb,
        others.map(({ name }) => name),
      );
  }

  #sitesOf(key: CloudflareApiKey): CloudflareSiteRepository {
    return new CloudflareSiteRepository(this.em, this.now).byApiKey(key);
  }

  /**
   * The rules of the default are about all keys, so one change of them waits for the other; what was read before
   * is read again. SQLite's transactions do that anyway.
   */
  async #lockTable(key?: CloudflareApiKey): Promise<void> {
    if (!isSqlite(this.em))
      await this.em.execute('lock table cloudflare_api_key in share row exclusive mode');
    if (key !== undefined) await this.em.refresh(key);
  }

  /** Written at once: the database allows only one default at any moment. */
  async #clearDefault(key: CloudflareApiKey | undefined, { force = false }: DefaultOptions): Promise<void> {
    if (key === undefined) return;
    const closed = force ? [] : await domainsWithRules(this.#sitesOf(key).filter({ apiKey: null }));
    if (closed.length > 0) throw refuseNewDefault(key, closed);
    await this.#store(key, { isDefault: false });
  }

  async #store(key: CloudflareApiKey, changes: EntityData<CloudflareApiKey>): Promise<CloudflareApiKey> {
    this.em.assign(key, { ...changes, updatedAt: this.now() });
    await this.em.flush();
    return key;
  }

  async #names(): Promise<string[]> {
    const keys = await this.em.find(CloudflareApiKey, {}, { fields: ['name'] });
    return keys.map(({ name }) => name);
  }
}

const IS_DEFAULT = { isDefault: true, isActive: true };
const LIST_COMMAND = 'intermission api-key list';

/** Domains of the sites that are closed, or have rules of ours left that Cloudflare refused to remove. */
async function domainsWithRules(sites: CloudflareSiteRepository): Promise<string[]> {
  const found = await sites.closedOrRecorded().all();
  return found
    .filter(({ maintenanceActive, edgeState }) => maintenanceActive || (edgeState?.rules.length ?? 0) > 0)
    .map(({ domain }) => domain);
}
