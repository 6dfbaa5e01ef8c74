import type { CloudflareSite } from '../../domain/cloudflare-site.ts';
import type { MaintenanceLog } from '../../domain/maintenance-log.ts';
import { extendError, isIntermissionError } from '../../errors.ts';
import { CloudflareSiteRepository } from '../../persistence/repositories/cloudflare-site-repository.ts';
import type { PageWarning } from '../../probe/maintenance-page.ts';
import type { Dependencies } from './dependencies.ts';
import { describeSites, type SiteStatus } from './describe-sites.ts';
import { type LiveOptions, type LiveStatus, liveStatuses } from './live-status.ts';
import { operate } from './operate.ts';
import type { Preview } from './operation.ts';
import { preview } from './preview.ts';
import {
  checkPageOf,
  type ProofOptions,
  type ProvenOperation,
  proveOperation,
  type SiteProof,
  verifySite,
} from './prove.ts';
import {
  type DisableOptions,
  type EnableOptions,
  parseDisable,
  parseEnable,
  type Request,
} from './request.ts';
import { listZoneRules, type ZoneRule } from './zone-rules.ts';

/** Takes one site into maintenance and brings it back. */
export class MaintenanceService {
  readonly #deps: Dependencies;
  readonly #siteId: number;

  constructor(site: Pick<CloudflareSite, 'id'>, dependencies: Dependencies) {
    this.#siteId = site.id;
    this.#deps = dependencies;
  }

  /**
   * Places a hold on the site and closes it at Cloudflare's edge. Repeating it updates reason, message, end and URL
   * of the hold, and repairs a rule that is missing or was changed.
   *
   * @param reason for the log only; never public
   * @returns the finished log row
   * @throws IntermissionError with the failed row in `log`; nothing of the operation is then left at Cloudflare,
   *   unless its message says that the next run has to repair it
   */
  enableMaintenance(reason = 'Maintenance', options: EnableOptions = {}): Promise<MaintenanceLog> {
    return this.#carryOut(() => parseEnable(reason, options, this.#deps.clock.now()), options);
  }

  /**
   * Releases the hold and, when no other is left, removes our rules and puts replaced ones back.
   *
   * @returns the finished log row
   * @throws IntermissionError `held_by_others` when the site stays closed for somebody else; the hold is released
   */
  disableMaintenance(options: DisableOptions = {}): Promise<MaintenanceLog> {
    return this.#carryOut(() => parseDisable(options), options);
  }

  /**
   * Proves by real requests that visitors get what is intended: the maintenance page, or the site. Writes nothing.
   * Whatever a request meets is a result; an interrupted proof is unproven.
   */
  verify(options: ProofOptions = {}): Promise<SiteProof> {
    return verifySite(this.#deps, this.#siteId, options);
  }

  /**
   * Proves what a finished operation on this site has brought about, and adds verdict and evidence to its row; what
   * `verify: true` does. Undefined for a row that was refused, taken back or proven before.
   */
  proveOperation(log: MaintenanceLog, options: ProofOptions = {}): Promise<ProvenOperation | undefined> {
    return proveOperation(this.#deps, log, options);
  }

  /**
   * Fetches the page that `enableMaintenance` with these options would send visitors to; undefined when nothing speaks
   * against it. Not asked where `INTERMISSION_EDGE_ADDRESS` stands in for the names of the internet.
   */
  checkPage(options: Pick<EnableOptions, 'url' | 'hold' | 'signal'> = {}): Promise<PageWarning | undefined> {
    return checkPageOf(this.#deps, this.#siteId, options);
  }

  /** What enabling would do. Reads Cloudflare; changes nothing, takes no lock and repairs nothing. */
  async previewEnable(reason = 'Maintenance', options: EnableOptions = {}): Promise<Preview> {
    return preview(this.#deps, this.#siteId, parseEnable(reason, options, this.#deps.clock.now()));
  }

  /** What disabling would do. Reads Cloudflare; changes nothing, takes no lock and repairs nothing. */
  async previewDisable(options: DisableOptions = {}): Promise<Preview> {
    return preview(this.#deps, this.#siteId, parseDisable(options));
  }

  /** The intended state: true when the site is to be in maintenance. Asks our database only. */
  async getStatus(): Promise<boolean> {
    const { maintenanceActive } = await this.describe();
    return maintenanceActive;
  }

  /** The intended state with everything that explains it. Asks our database only. */
  async describe(): Promise<SiteStatus> {
    const [status] = await describeSites(
      this.#deps.database.read(),
      [await this.#site()],
      this.#deps.clock.now(),
    );
    return status as SiteStatus;
  }

  /**
   * Intended, configured and observed state side by side, with every difference named. Reads the rules of the zone;
   * takes no lock, repairs nothing and writes nothing. A zone that cannot be read is `unknown`, with an `error`.
   */
  async getLiveStatus(options: LiveOptions = {}): Promise<LiveStatus> {
    const [status] = await liveStatuses(this.#deps, [await this.#site()], options);
    return status as LiveStatus;
  }

  /**
   * The rules of the zone that could close the site, the winning one first, and whose each is. Changes nothing.
   *
   * @throws IntermissionError whatever keeps the zone from being read
   */
  async getZoneRules(): Promise<{ zoneName: string | null; rules: ZoneRule[] }> {
    return listZoneRules(this.#deps, await this.#site());
  }

  #site(): Promise<CloudflareSite> {
    const { database, clock } = this.#deps;
    return new CloudflareSiteRepository(database.read(), () => clock.now())
      .withApiKey()
      .get({ id: this.#siteId });
  }

  async #carryOut(
    parse: () => Request,
    { verify = false, ...proving }: ProofOptions & { verify?: boolean | undefined },
  ): Promise<MaintenanceLog> {
    const request = parse();
    if (!verify) return operate(this.#deps, this.#siteId, request);
    const proven = async (log: MaintenanceLog) => (await this.proveOperation(log, proving))?.log ?? log;
    try {
      return await proven(await operate(this.#deps, this.#siteId, request));
    } catch (error) {
      // Who releases one hold of several wants to know what visitors get as well.
      if (!isIntermissionError(error) || error.log === undefined) throw error;
      throw extendError(error, { log: await proven(error.log as MaintenanceLog) });
    }
  }
}
