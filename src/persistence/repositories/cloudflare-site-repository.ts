import type { EntityData, RequiredEntityData } from '@mikro-orm/sql';
import { CloudflareSite } from '../../domain/cloudflare-site.ts';
import { SiteQuery } from './cloudflare-site-query.ts';
import { notFound } from './not-found.ts';

/** Domains are looked through for a hint up to this many. */
const HINT_CANDIDATES = 10_000;

export type SiteIdentity = { domain: string } | { id: number };
type Filled = 'id' | 'version' | 'createdAt' | 'updatedAt';
type WithEmptyDefault = 'openPaths' | 'bypassIps' | 'brand';
/** What a new site needs; the rest has defaults. */
export type NewSite = Omit<RequiredEntityData<CloudflareSite>, Filled | WithEmptyDefault> &
  Partial<Pick<CloudflareSite, WithEmptyDefault>>;
export type SiteChanges = Omit<EntityData<CloudflareSite>, Filled>;

/**
 * The sites: a query for all of them, and the ways to read and write one. To write, construct it with the
 * entity manager of a transaction.
 */
export class CloudflareSiteRepository extends SiteQuery {
  find(identity: SiteIdentity): Promise<CloudflareSite | undefined> {
    return this.filter('id' in identity ? identity : { domain: identity.domain.toLowerCase() }).first();
  }

  /** @throws IntermissionError `not_found`, with domains that are spelt alike as its hint. */
  async get(identity: SiteIdentity): Promise<CloudflareSite> {
    const site = await this.find(identity);
    if (site !== undefined) return site;
    if ('id' in identity)
      throw notFound('site with the id', String(identity.id), [], 'intermission site list');
    throw notFound('site', identity.domain, await this.#domains(), 'intermission site list');
  }

  /** @throws IntermissionError `already_exists` when there is a site with that domain. */
  async create(data: NewSite): Promise<CloudflareSite> {
    const now = this.now();
    const site = this.em.create(CloudflareSite, {
      openPaths: [],
      bypassIps: [],
      brand: {},
      ...data,
      domain: String(data.domain).toLowerCase(),
      createdAt: now,
      updatedAt: now,
    } as RequiredEntityData<CloudflareSite>);
    await this.em.flush();
    return site;
  }

  /** @throws IntermissionError `already_exists` when the new domain is that of another site. */
  async update(site: CloudflareSite, changes: SiteChanges): Promise<CloudflareSite> {
    this.em.assign(site, { ...changes, updatedAt: this.now() } as EntityData<CloudflareSite>);
    await this.em.flush();
    return site;
  }

  /** Its holds go with it; its log stays and keeps the domain. */
  async remove(site: CloudflareSite): Promise<void> {
    await this.em.remove(site).flush();
  }

  async #domains(): Promise<string[]> {
    const rows = await this.em.execute<{ domain: string }[]>(
      'select domain from cloudflare_site order by domain limit ?',
      [HINT_CANDIDATES],
    );
    return rows.map(({ domain }) => domain);
  }
}
