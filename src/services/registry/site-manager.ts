import type { SqlEntityManager } from '@mikro-orm/sql';
import { CloudflareApiKey } from '../../domain/cloudflare-api-key.ts';
import type { CloudflareSite } from '../../domain/cloudflare-site.ts';
import { parseDomain } from '../../domain/domain-name.ts';
import type { UnrestoredRule } from '../../domain/edge-state.ts';
import { type ZoneFacts, zoneFields } from '../../domain/zone-facts.ts';
import { IntermissionError } from '../../errors.ts';
import type { Database } from '../../persistence/open-database.ts';
import { CloudflareApiKeyRepository } from '../../persistence/repositories/cloudflare-api-key-repository.ts';
import type { SiteQuery } from '../../persistence/repositories/cloudflare-site-query.ts';
import {
  CloudflareSiteRepository,
  type SiteIdentity,
} from '../../persistence/repositories/cloudflare-site-repository.ts';
import { logEdit } from '../audit.ts';
import { type ChangeOptions, LIBRARY, transact } from '../change.ts';
import type { SyncedSite, SyncOptions, SyncTotals } from '../sync-result.ts';
import { forgetUnrestored } from './forget-unrestored.ts';
import { type ExportedSite, exportSite } from './moving-in/export-sites.ts';
import { type ImportOptions, type ImportResult, moveIn } from './moving-in/move-in.ts';
import { assertHasItsPlace, refuseWhileClosed, refuseWhileUnrestored } from './site-checks.ts';
import { auditedSite, defaultName, parseSiteInput, parseZoneId, type SiteInput } from './site-input.ts';
import type { ZoneQuestion } from './zone-lookup.ts';

export interface SiteManagerOptions {
  database: Database;
  now: () => Date;
  /** Asks Cloudflare; undefined when there is no token to ask with. */
  lookUpZone: (question: ZoneQuestion) => Promise<ZoneFacts | undefined>;
  /** Syncs the zones of all active keys. */
  syncAll: (options: SyncOptions) => Promise<SyncTotals>;
  /** Syncs one site, with its own key. */
  syncOne: (site: CloudflareSite, options: SyncOptions) => Promise<SyncedSite>;
}

export interface RemoveSiteOptions extends ChangeOptions {
  /** Removes the site also while it keeps rules that could not be put back. */
  force?: boolean | undefined;
}

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
   * Adds a site. Its zone is looked up at Cloudflare and must be one that the key sees; without any API key that is
   * left to the first operation.
   *
   * @throws IntermissionError `validation_failed`, `already_exists`, `not_found` (no such zone or key),
   *   `redirect_loop` or `rule_conflict` (another site needs the same rule); nothing is then added
   */
  async create(input: SiteInput & { domain: string }, options: ChangeOptions = {}): Promise<CloudflareSite> {
    const domain = parseDomain(input.domain);
    const parsed = parseSiteInput(input, domain);
    const zoneId = input.zoneId ? parseZoneId(input.zoneId) : undefined;
    const apiKey = await this.#keyOf(input);
    await this.#refuseKnown(domain);
    const zone = await this.#options.lookUpZone({
      domain,
      zoneId,
      apiKey: apiKey?.name,
      dryRun: options.dryRun,
    });
    return transact(this.#options.database, options, async (em) => {
      const site = await this.#sites(em).create({
        name: defaultName(domain),
        ...(zoneId !== undefined && { zoneId }),
        ...this.#factsOf(zone),
        ...parsed,
        domain,
        apiKey: apiKey?.id ?? null,
      });
      await assertHasItsPlace(em, site, this.#options.now);
      await this.#log(em, site, { before: null, after: auditedSite(site) }, options);
      return em.populate(site, ['apiKey']);
    });
  }

  /**
   * Edits what belongs to the user. For a closed site it takes effect with the next enable. A new key or zone is
   * checked with Cloudflare.
   *
   * @throws IntermissionError `validation_failed`, `not_found`, `in_use`, `redirect_loop` or `rule_conflict`;
   *   nothing is then changed
   */
  async update(
    identity: SiteIdentity,
    input: SiteInput,
    options: ChangeOptions = {},
  ): Promise<CloudflareSite> {
    const known = await this.get(identity);
    const parsed = parseSiteInput(input, known.domain, known);
    const moved = await this.#movedTo(known, input, options);
    return transact(this.#options.database, options, async (em) => {
      const site = await this.#sites(em).get({ domain: known.domain });
      const before = auditedSite(site);
      if (moved.zoneId !== undefined && moved.zoneId !== site.zoneId)
        await refuseWhileClosed(em, site, this.#options.now, 'moved to another zone');
      await this.#sites(em).update(site, { ...parsed, ...moved });
      await assertHasItsPlace(em, site, this.#options.now);
      await this.#log(em, site, { before, after: auditedSite(site) }, options);
      return em.populate(site, ['apiKey']);
    });
  }

  /** What a file for another installation says of these sites: never a token, and nothing that Cloudflare knows. */
  async export(sites: SiteQuery = this.query()): Promise<ExportedSite[]> {
    return (await sites.withApiKey().all()).map(exportSite);
  }

  /**
   * Takes over sites from a file: our export, CSV, or a dump of the Django app. Cloudflare is not asked.
   *
   * @throws IntermissionError `validation_failed` for a file that cannot be read; what is wrong with a row is in the result
   */
  importFrom(file: Uint8Array, options: ImportOptions = {}): Promise<ImportResult> {
    return moveIn(this.#options, file, options);
  }

  /**
   * Removes a site from this database; its log stays. Nothing is changed at Cloudflare.
   *
   * @throws IntermissionError `in_use` while the site is in maintenance, or keeps rules that could not be put back;
   *   `not_found`
   */
  async remove(identity: SiteIdentity, options: RemoveSiteOptions = {}): Promise<void> {
    const { domain } = await this.get(identity);
    await transact(this.#options.database, options, async (em) => {
      const site = await this.#sites(em).get({ domain });
      await refuseWhileClosed(em, site, this.#options.now, 'removed');
      if (options.force !== true) refuseWhileUnrestored(site);
      await this.#log(em, site, { before: auditedSite(site), after: null }, options);
      await this.#sites(em).remove(site);
    });
  }

  /**
   * Syncs with all active keys: adds a site for each zone that is new and refreshes the others. A key or a zone that
   * fails is counted in `errors` and told in `errorDetails`.
   *
   * @throws IntermissionError `interrupted`
   */
  bulkSyncAll(options: SyncOptions = {}): Promise<SyncTotals> {
    return this.#options.syncAll(options);
  }

  /** The same, by the name of what is looked for: `created` counts the new sites. */
  discoverAllSites(options: SyncOptions = {}): Promise<SyncTotals> {
    return this.#options.syncAll(options);
  }

  /**
   * Refreshes what Cloudflare owns of one site: one call.
   *
   * @throws IntermissionError what reading the zone throws, `not_found` without a key or when the site was removed
   */
  syncSiteFromCloudflare(site: CloudflareSite, options: SyncOptions = {}): Promise<SyncedSite> {
    return this.#options.syncOne(site, options);
  }

  /**
   * Forgets the rules that Cloudflare refused to take back; the log row keeps the whole of each.
   *
   * @returns what was forgotten
   * @throws IntermissionError `not_found` when the site keeps none
   */
  async forgetUnrestored(identity: SiteIdentity, options: ChangeOptions = {}): Promise<UnrestoredRule[]> {
    const { domain } = await this.get(identity);
    const by = options.actor ?? LIBRARY;
    return transact(this.#options.database, options, async (em) =>
      forgetUnrestored(em, await this.#sites(em).get({ domain }), { by, now: this.#options.now }),
    );
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

  /** Null: the site shall use the default key. */
  async #keyOf({ apiKey }: SiteInput): Promise<CloudflareApiKey | null> {
    if (apiKey instanceof CloudflareApiKey) return apiKey;
    if (!apiKey) return null;
    const keys = new CloudflareApiKeyRepository(this.#options.database.read(), this.#options.now);
    return keys.get({ name: apiKey });
  }

  /** The new key and the new zone, as far as the input asks for either. */
  async #movedTo(site: CloudflareSite, input: SiteInput, { dryRun }: ChangeOptions) {
    if (input.apiKey === undefined && input.zoneId === undefined) return {};
    const apiKey = input.apiKey === undefined ? (site.apiKey ?? null) : await this.#keyOf(input);
    const wanted = input.zoneId ?? site.zoneId;
    const zoneId = wanted ? parseZoneId(wanted) : undefined;
    const zone = await this.#options.lookUpZone({
      domain: site.domain,
      zoneId,
      apiKey: apiKey?.name,
      dryRun,
    });
    return {
      ...(input.apiKey !== undefined && { apiKey: apiKey?.id ?? null }),
      ...(zoneId !== undefined && { zoneId }),
      ...this.#factsOf(zone),
    };
  }

  #factsOf(zone: ZoneFacts | undefined) {
    return zone === undefined ? {} : zoneFields(zone, this.#options.now());
  }

  #log(
    em: SqlEntityManager,
    site: CloudflareSite,
    change: Pick<Parameters<typeof logEdit>[2], 'before' | 'after'>,
    { actor: by = LIBRARY }: ChangeOptions,
  ): Promise<void> {
    return logEdit(em, this.#options.now, { what: 'site', name: site.domain, site, ...change, by });
  }
}
