import type { SqlEntityManager } from '@mikro-orm/sql';
import { CloudflareApiKey } from '../../domain/cloudflare-api-key.ts';
import type { CloudflareSite } from '../../domain/cloudflare-site.ts';
import { type Coverage, coversHost } from '../../domain/coverage.ts';
import { canonicalHost, parseDomain } from '../../domain/domain-name.ts';
import type { Actor } from '../../domain/maintenance-log.ts';
import { type ZoneFacts, zoneFields } from '../../domain/zone-facts.ts';
import { assertNoCollision } from '../../engines/collision.ts';
import { IntermissionError } from '../../errors.ts';
import type { Database } from '../../persistence/open-database.ts';
import { CloudflareApiKeyRepository } from '../../persistence/repositories/cloudflare-api-key-repository.ts';
import type { SiteQuery } from '../../persistence/repositories/cloudflare-site-query.ts';
import {
  CloudflareSiteRepository,
  type SiteIdentity,
} from '../../persistence/repositories/cloudflare-site-repository.ts';
import { logEdit } from './audit.ts';
import { auditedSite, defaultName, parseSiteInput, type SiteInput } from './site-input.ts';

export interface SiteManagerOptions {
  database: Database;
  now: () => Date;
  /** Looks the zone of a domain up, with the key of that name or the default one; undefined when there is none. */
  findZone: (domain: string, apiKeyName: string | undefined) => Promise<ZoneFacts | undefined>;
}

const LIBRARY: Actor = { name: 'library', source: 'library' };

/** The sites of this database: finding, adding, editing and removing them. Every change leaves a log row. */
export class SiteManager {
  readonly #options: SiteManagerOptions;

  constructor(options: SiteManagerOptions) {
    this.#options = options;
  }

  /** A chainable query over all sites; run it with `all()`, `first()`, `count()` or `for await`. */
  query(): CloudflareSiteRepository {
    return this.#sites(this.#options.database.read());
  }

  // The ways a query may begin, so that `sites.active().search('shop').all()` reads as one.
  filter = (where: Parameters<SiteQuery['filter']>[0]): SiteQuery => this.query().filter(where);
  orderBy = (...keys: Parameters<SiteQuery['orderBy']>): SiteQuery => this.query().orderBy(...keys);
  active = (): SiteQuery => this.query().active();
  inactive = (): SiteQuery => this.query().inactive();
  inMaintenance = (): SiteQuery => this.query().inMaintenance();
  notInMaintenance = (): SiteQuery => this.query().notInMaintenance();
  byDomain = (domain: string): SiteQuery => this.query().byDomain(domain);
  byName = (name: string): SiteQuery => this.query().byName(name);
  byApiKey = (apiKey: CloudflareApiKey): SiteQuery => this.query().byApiKey(apiKey);
  search = (text: string): SiteQuery => this.query().search(text);
  since = (date: Date): SiteQuery => this.query().since(date);
  recent = (days: number): SiteQuery => this.query().recent(days);
  recentlyMaintained = (days: number): SiteQuery => this.query().recentlyMaintained(days);
  limit = (count: number): SiteQuery => this.query().limit(count);
  all = (): Promise<CloudflareSite[]> => this.query().all();
  count = (): Promise<number> => this.query().count();

  /** @throws IntermissionError `not_found`, with domains that are spelt alike */
  get(identity: SiteIdentity): Promise<CloudflareSite> {
    const wanted = 'domain' in identity ? { domain: parseDomain(identity.domain) } : identity;
    return this.query().withApiKey().get(wanted);
  }

  /**
   * Adds a site. Its zone is looked up at Cloudflare unless its id is given; without any API key that is left to the
   * first operation.
   *
   * @throws IntermissionError `validation_failed`, `already_exists`, `not_found` (no such zone or key) or
   *   `rule_conflict` (another site needs the same rule); nothing is then added
   */
  async create(input: SiteInput & { domain: string }, by: Actor = LIBRARY): Promise<CloudflareSite> {
    const domain = parseDomain(input.domain);
    const parsed = parseSiteInput(input, domain);
    const apiKey = await this.#keyOf(input);
    await this.#refuseKnown(domain);
    const zone = parsed.zoneId === undefined ? await this.#options.findZone(domain, apiKey?.name) : undefined;
    const found = zone === undefined ? {} : zoneFields(zone, this.#options.now());
    return this.#options.database.transaction(async (em) => {
      const site = await this.#sites(em).create({
        name: defaultName(domain),
        ...found,
        ...parsed,
        domain,
        apiKey: apiKey?.id ?? null,
      });
      await this.#checkPlace(em, site);
      await logEdit(em, this.#options.now, {
        what: 'site',
        name: domain,
        site,
        before: null,
        after: auditedSite(site),
        by,
      });
      return site;
    });
  }

  /**
   * Edits what belongs to the user. For a closed site it takes effect with the next enable.
   *
   * @throws IntermissionError `validation_failed`, `not_found`, `in_use` or `rule_conflict`; nothing is then changed
   */
  async update(identity: SiteIdentity, input: SiteInput, by: Actor = LIBRARY): Promise<CloudflareSite> {
    const { domain } = await this.get(identity);
    const parsed = parseSiteInput(input, domain);
    const apiKey = input.apiKey === undefined ? undefined : ((await this.#keyOf(input))?.id ?? null);
    return this.#options.database.transaction(async (em) => {
      const sites = this.#sites(em);
      const site = await sites.get({ domain });
      const before = auditedSite(site);
      if (parsed.zoneId !== undefined && parsed.zoneId !== site.zoneId)
        refuseWhileClosed(site, 'moved to another zone');
      await sites.update(site, { ...parsed, ...(apiKey !== undefined && { apiKey }) });
      await this.#checkPlace(em, site);
      await logEdit(em, this.#options.now, {
        what: 'site',
        name: domain,
        site,
        before,
        after: auditedSite(site),
        by,
      });
      return site;
    });
  }

  /**
   * Removes a site from this database; its log stays. Nothing is changed at Cloudflare.
   *
   * @throws IntermissionError `in_use` while the site is in maintenance, `not_found`
   */
  async remove(identity: SiteIdentity, by: Actor = LIBRARY): Promise<void> {
    const { domain } = await this.get(identity);
    await this.#options.database.transaction(async (em) => {
      const sites = this.#sites(em);
      const site = await sites.get({ domain });
      refuseWhileClosed(site, 'removed');
      await logEdit(em, this.#options.now, {
        what: 'site',
        name: domain,
        site,
        before: auditedSite(site),
        after: null,
        by,
      });
      await sites.remove(site);
    });
  }

  #sites(em: SqlEntityManager): CloudflareSiteRepository {
    return new CloudflareSiteRepository(em, this.#options.now);
  }

  async #refuseKnown(domain: string): Promise<void> {
    if ((await this.query().find({ domain })) === undefined) return;
    throw new IntermissionError('already_exists', `There is a site ${domain} already.`, {
      hint: `See it with: intermission site show ${domain}`,
    });
  }

  async #keyOf({ apiKey }: SiteInput): Promise<CloudflareApiKey | null> {
    if (apiKey === undefined || apiKey === null || apiKey instanceof CloudflareApiKey) return apiKey ?? null;
    return new CloudflareApiKeyRepository(this.#options.database.read(), this.#options.now).get({
      name: apiKey,
    });
  }

  /** Whether the site, as it is now in the transaction, can be closed beside the others. */
  async #checkPlace(em: SqlEntityManager, site: CloudflareSite): Promise<void> {
    if (site.maintenanceUrl != null) assertPageOutside(site, site.maintenanceUrl);
    if (site.zoneId == null) return;
    const others = await this.#sites(em)
      .inZone(site.zoneId)
      .filter({ id: { $ne: site.id } })
      .all();
    assertNoCollision(site, others);
  }
}

function assertPageOutside(site: Coverage, template: string): void {
  const { hostname } = new URL(template.replaceAll('{domain}', site.domain));
  if (!coversHost(site, canonicalHost(hostname))) return;
  throw new IntermissionError(
    'redirect_loop',
    `The maintenance page ${template} lies on a host that ${site.domain} itself closes.`,
    {
      hint: 'Use a page on a host that stays open while the site is closed.',
    },
  );
}

function refuseWhileClosed(site: CloudflareSite, verb: string): void {
  const hasRules = (site.edgeState?.rules.length ?? 0) > 0;
  if (site.maintenanceActive !== true && !hasRules) return;
  throw new IntermissionError('in_use', `${site.domain} is in maintenance and cannot be ${verb}.`, {
    hint: `Reopen it first: intermission maintenance disable ${site.domain}`,
  });
}
