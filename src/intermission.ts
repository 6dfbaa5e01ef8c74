import type { CloudflareGateway } from './cloudflare/gateway.ts';
import type { Wait } from './cloudflare/types.ts';
import { type Config, type ConfigOverrides, type Environment, loadConfig } from './config/load-config.ts';
import type { CloudflareApiKey } from './domain/cloudflare-api-key.ts';
import type { CloudflareSite } from './domain/cloudflare-site.ts';
import type { MaintenanceLog } from './domain/maintenance-log.ts';
import type { PublicState } from './domain/public-page.ts';
import {
  createChannels,
  createDependencies,
  createGateway,
  createProver,
  defaultOwner,
  hashPassword,
} from './parts.ts';
import { type Database, openDatabase } from './persistence/open-database.ts';
import { HeartbeatRepository } from './persistence/repositories/heartbeat-repository.ts';
import { MaintenanceLogRepository } from './persistence/repositories/maintenance-log-repository.ts';
import { ScheduledMaintenanceRepository } from './persistence/repositories/scheduled-maintenance-repository.ts';
import type { Prover } from './probe/prover.ts';
import { BulkOperationsService } from './services/bulk-operations/bulk-operations-service.ts';
import type { Dependencies } from './services/maintenance/dependencies.ts';
import { describeSites, type SiteStatus } from './services/maintenance/describe-sites.ts';
import { findDue } from './services/maintenance/due.ts';
import { type LiveOptions, type LiveStatus, liveStatuses } from './services/maintenance/live-status.ts';
import { MaintenanceService } from './services/maintenance/maintenance-service.ts';
import { proveRows, tickSites } from './services/maintenance/maintenance-tick.ts';
import type { Clock } from './services/maintenance/ports.ts';
import { findPublicStates, publicStatesVersion } from './services/maintenance/public-states.ts';
import { HEARTBEAT_ALIVE_MS, TICK_HEARTBEAT } from './services/maintenance/reads.ts';
import type { DisableOptions, EnableOptions } from './services/maintenance/request.ts';
import { windowHolds } from './services/maintenance/window-holds.ts';
import { NoticeService } from './services/notices/notice-service.ts';
import { ApiKeyManager } from './services/registry/api-key-manager.ts';
import { KeyRing, type UsableKey } from './services/registry/key-ring.ts';
import { SiteManager } from './services/registry/site-manager.ts';
import { checkToken, type TokenReport } from './services/registry/token-check.ts';
import { TokenVault } from './services/registry/token-vault.ts';
import { UserManager } from './services/registry/user-manager.ts';
import { lookUpZone } from './services/registry/zone-lookup.ts';
import { ScheduledMaintenanceService } from './services/scheduled-maintenance/scheduled-maintenance-service.ts';
import { SiteSyncService } from './services/site-sync/site-sync-service.ts';
import { type KeySync, syncKeys, totalsOf } from './services/site-sync/sync-keys.ts';
import type { SyncOptions } from './services/sync-result.ts';

export interface IntermissionOptions extends ConfigOverrides {
  /** Variables instead of those of the process and its `.env` file. */
  environment?: Environment;
  /** For tests. */
  clock?: Clock;
  /** For tests: how back-offs, queues and locks wait. */
  wait?: Wait;
  /** For tests: milliseconds of the clock that leases are measured with. */
  monotonic?: () => number;
  /** Who holds locks, for people. Default: user, host and process. */
  owner?: string;
}

/**
 * Everything in one place: `await using app = await Intermission.open()`. Opens the database on the way; nothing is
 * asked of Cloudflare before it is needed.
 */
export class Intermission implements AsyncDisposable {
  readonly config: Config;
  readonly database: Database;
  readonly sites: SiteManager;
  readonly apiKeys: ApiKeyManager;
  readonly users: UserManager;
  readonly schedule: ScheduledMaintenanceService;
  readonly notices: NoticeService;
  /** Many sites at once. */
  readonly bulk: BulkOperationsService;
  readonly #deps: Dependencies;
  readonly #vault: TokenVault;
  readonly #keys: KeyRing<CloudflareGateway>;
  readonly #clock: Clock;
  readonly #createProver: () => Promise<Prover>;
  #prover: Promise<Prover> | undefined;

  private constructor(config: Config, database: Database, options: IntermissionOptions) {
    const clock = options.clock ?? { now: () => new Date() };
    const now = () => clock.now();
    const owner = options.owner ?? defaultOwner();
    const vault = new TokenVault(database, { value: config.secretKey, keyFile: config.secretKeyFile });
    this.config = config;
    this.database = database;
    this.#vault = vault;
    this.#clock = clock;
    this.#createProver = () => createProver(config, { ...options, clock });
    this.#keys = new KeyRing({
      database,
      now,
      open: (key) => vault.open(key),
      createGateway: (token) => createGateway(token, config, clock, options.wait),
      environmentToken: config.cloudflareApiToken,
    });
    this.#deps = createDependencies(config, database, {
      ...options,
      clock,
      owner,
      keys: this.#keys,
      prover: () => this.prover(),
    });
    this.apiKeys = new ApiKeyManager({ database, now, vault, probe: (token) => this.#keys.forToken(token) });
    this.users = new UserManager({ database, now, hashPassword });
    this.sites = new SiteManager({
      database,
      now,
      lookUpZone: (question) => lookUpZone(this.#keys, question),
      syncAll: async (sync) => totalsOf(await this.#syncKeys(await this.#keys.activeNames(), sync)),
      syncOne: async (site, sync) => this.#syncOf(await this.#keys.forSite(site)).syncSite(site, sync),
    });
    this.notices = new NoticeService({
      database,
      now,
      channels: createChannels(config, now),
      monotonic: options.monotonic ?? (() => performance.now()),
    });
    this.bulk = new BulkOperationsService({
      maintenance: this.#deps,
      syncSites: async (name, sync) => (await this.siteSync(name)).syncZones(sync),
      discover: (discovery) => this.syncZones(discovery),
    });
    this.schedule = new ScheduledMaintenanceService({
      database,
      now,
      owner,
      maxHours: config.maxHours,
      isTickAlive: () => this.#deps.reads.isTickAlive(),
      wait: this.#deps.lockOptions.wait,
      holds: windowHolds(this.#deps),
      tickSites: (tick) => tickSites(this.#deps, tick),
      deliverNotices: (delivery) => this.notices.deliverDue(delivery),
      findDue: () => findDue(this.#deps),
      proveRows: (rows, proving) => proveRows(this.#deps, rows, proving),
    });
  }

  /**
   * Reads the configuration (options win over the environment) and opens the database.
   *
   * @throws IntermissionError `validation_failed`, `database_unavailable` or `schema_outdated`
   */
  static async open(options: IntermissionOptions = {}): Promise<Intermission> {
    const {
      environment,
      clock: _clock,
      wait: _wait,
      monotonic: _monotonic,
      owner: _owner,
      ...overrides
    } = options;
    const config = loadConfig(environment, overrides);
    const database = await openDatabase({ url: config.databaseUrl, autoMigrate: config.autoMigrate });
    return new Intermission(config, database, options);
  }

  /** The log: a chainable query, `get({ id })`, `getStats({ days })`, `getRecentActivity()`. */
  get logs(): MaintenanceLogRepository {
    return new MaintenanceLogRepository(this.database.read(), () => this.#clock.now());
  }

  /** The windows of planned maintenance: a chainable query. */
  get windows(): ScheduledMaintenanceRepository {
    return new ScheduledMaintenanceRepository(this.database.read(), () => this.#clock.now());
  }

  /** The switch of one site. */
  maintenance(site: Pick<CloudflareSite, 'id'>): MaintenanceService {
    return new MaintenanceService(site, this.#deps);
  }

  /** What our database says of each of these sites, in their order. Cloudflare is not asked. */
  describeSites(sites: readonly CloudflareSite[]): Promise<SiteStatus[]> {
    return describeSites(this.database.read(), sites, this.#clock.now());
  }

  /** What the public may know of every site that is closed, or was until a moment ago: what the maintenance page shows. */
  publicStates(): Promise<PublicState[]> {
    return findPublicStates(this.database.read(), this.#clock.now());
  }

  /** A text that changes whenever `publicStates` may: cheap to ask for every second. */
  publicStatesVersion(): Promise<string> {
    return publicStatesVersion(this.database.read(), this.#clock.now());
  }

  /**
   * Intended, configured and observed state of each of these sites, in their order, with every difference named. One
   * read of Cloudflare per zone; takes no lock, repairs nothing and writes nothing.
   */
  getLiveStatuses(sites: readonly CloudflareSite[], options: LiveOptions = {}): Promise<LiveStatus[]> {
    return liveStatuses(this.#deps, sites, options);
  }

  /** @throws IntermissionError `not_found` for an unknown domain, and everything that enabling throws */
  async enableMaintenanceForDomain(
    domain: string,
    reason?: string,
    options?: EnableOptions,
  ): Promise<MaintenanceLog> {
    return this.maintenance(await this.sites.get({ domain })).enableMaintenance(reason, options);
  }

  /** @throws IntermissionError `not_found` for an unknown domain, and everything that disabling throws */
  async disableMaintenanceForDomain(domain: string, options?: DisableOptions): Promise<MaintenanceLog> {
    return this.maintenance(await this.sites.get({ domain })).disableMaintenance(options);
  }

  /**
   * The zones of one key: a stored key, its name, `env` for the token of the environment, or the default one.
   *
   * @throws IntermissionError `not_found` or `validation_failed`
   */
  async siteSync(apiKey?: CloudflareApiKey | string): Promise<SiteSyncService> {
    const name = typeof apiKey === 'object' ? apiKey.name : apiKey;
    return this.#syncOf(await this.#keys.byName(name));
  }

  /**
   * Syncs the key of that name (`env`: the token of the environment), or every active one; without any key the token
   * of the environment. Of several keys, one that fails does not stop the others.
   *
   * @throws IntermissionError `not_found` or `validation_failed` for a key that cannot be used, and what Cloudflare
   *   answers when there is only one
   */
  async syncZones({
    apiKey,
    ...options
  }: SyncOptions & { apiKey?: string | undefined } = {}): Promise<KeySync[]> {
    const names = apiKey === undefined ? await this.#keys.activeNames() : [apiKey];
    const outcomes = await this.#syncKeys(names, options);
    if (outcomes.length === 1 && outcomes[0]?.result === undefined) throw outcomes[0]?.error;
    return outcomes;
  }

  #syncKeys(names: readonly string[], options: SyncOptions): Promise<KeySync[]> {
    return syncKeys(names, (name) => this.siteSync(name), options);
  }

  /** Shows by real requests what visitors of a site get. One for all sites: it bounds the requests at the same time. */
  prover(): Promise<Prover> {
    this.#prover ??= this.#createProver();
    return this.#prover;
  }

  /**
   * Asks Cloudflare whether the token of a key works and what it may read: a stored key by name, or `env`.
   *
   * @throws IntermissionError `not_found`, `validation_failed` for an inactive key, and what Cloudflare answers
   */
  async checkToken(apiKey: string): Promise<TokenReport> {
    const { gateway } = await this.#keys.byName(apiKey);
    return checkToken(gateway, this.#clock.now());
  }

  /**
   * What Cloudflare lets the user of a key still send, by its last replies; `remaining` is undefined before the first.
   *
   * @throws IntermissionError `not_found`, `validation_failed` for an inactive key
   */
  async callBudget(apiKey: string): Promise<CloudflareGateway['budget']> {
    return (await this.#keys.byName(apiKey)).gateway.budget;
  }

  /** The last sign of life of whatever reopens sites by itself, and whether it still is to be counted on. */
  async heartbeat(): Promise<{ isAlive: boolean; beatAt: Date | null; owner: string | null }> {
    const beat = await new HeartbeatRepository(this.database.read(), () => this.#clock.now()).find(
      TICK_HEARTBEAT,
    );
    const age = this.#clock.now().getTime() - (beat?.beatAt.getTime() ?? 0);
    return { isAlive: age <= HEARTBEAT_ALIVE_MS, beatAt: beat?.beatAt ?? null, owner: beat?.owner ?? null };
  }

  /**
   * A secret that follows from the secret key of this installation, for one purpose; it says nothing about the key.
   *
   * @throws IntermissionError `secret_key_mismatch`
   */
  deriveSecret(purpose: string): Promise<Buffer> {
    return this.#vault.derive(purpose);
  }

  /** HTTP requests sent to Cloudflare so far. */
  async countCalls(): Promise<number> {
    const gateways = await this.#keys.gateways();
    return gateways.reduce((sum, { calls }) => sum + calls, 0);
  }

  #syncOf({ gateway, key }: UsableKey<CloudflareGateway>): SiteSyncService {
    const now = () => this.#clock.now();
    return new SiteSyncService({ database: this.database, now, source: gateway, apiKey: key });
  }

  async close(): Promise<void> {
    await this.database.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}
