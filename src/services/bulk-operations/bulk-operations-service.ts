import type { BulkRun } from './bulk-run.ts';
import { BulkSites } from './bulk-sites.ts';
import type { BulkParts, DiscoveredKey, DiscoverOptions } from './parts.ts';
import { type BulkStatistics, type MaintenanceReport, reportMaintenance, statistics } from './report.ts';
import { parseSelection, type Selection } from './selection.ts';
import type { BulkDisableOptions, BulkEnableOptions } from './types.ts';

/** Operations on many sites, paced by Cloudflare's limits. */
export class BulkOperationsService {
  readonly #parts: BulkParts;

  constructor(parts: BulkParts) {
    this.#parts = parts;
  }

  /**
   * The sites of a selection, all without one: `sites(['example.com', 'example.net'])`, `sites().search('shop')`.
   * Each counts once. A domain that is not in our database is a failure of the run (`not_found`), not an error.
   */
  sites(selection?: Selection): BulkSites {
    const { database, clock } = this.#parts.maintenance;
    const query = [database.read(), () => clock.now()] as const;
    if (selection === undefined) return new BulkSites(this.#parts, query);
    const asked = parseSelection(selection);
    const named = { $or: [{ domain: { $in: asked.domains } }, { id: { $in: asked.ids } }] };
    return new BulkSites(this.#parts, query, asked).filter(named);
  }

  allSites(): BulkSites {
    return this.sites();
  }

  /** Those that are not switched off in our database. */
  activeSites(): BulkSites {
    return this.sites().active();
  }

  /** Those that are to be in maintenance. */
  maintenanceSites(): BulkSites {
    return this.sites().inMaintenance();
  }

  enableMaintenanceForDomains(
    domains: readonly string[],
    reason?: string,
    options: BulkEnableOptions = {},
  ): BulkRun {
    return this.sites(domains).enableMaintenance(reason === undefined ? options : { ...options, reason });
  }

  disableMaintenanceForDomains(domains: readonly string[], options?: BulkDisableOptions): BulkRun {
    return this.sites(domains).disableMaintenance(options);
  }

  /** Closes every active site, under the hold `emergency`. */
  emergencyEnableAll(reason: string, options: BulkEnableOptions = {}): BulkRun {
    return this.activeSites().enableMaintenance({ hold: EMERGENCY, ...options, reason });
  }

  /** Reopens every closed site, whoever holds it. */
  emergencyDisableAll(reason: string, options: BulkDisableOptions = {}): BulkRun {
    return this.sites()
      .closedOrRecorded()
      .disableMaintenance({ force: true, ...options, reason });
  }

  /** How many sites there are, and how many of them are active and closed, also by API key. */
  getStatistics(): Promise<BulkStatistics> {
    return statistics(this.#parts.maintenance);
  }

  /** Every closed site with what holds it, and what is left to be repaired. Asks our database only. */
  getMaintenanceStatusReport(): Promise<MaintenanceReport> {
    return reportMaintenance(this.#parts.maintenance);
  }

  /** Makes the zones of all active keys, or of one, known as sites. */
  discoverAndCreateSites(options: DiscoverOptions = {}): Promise<DiscoveredKey[]> {
    return this.#parts.discover(options);
  }
}

const EMERGENCY = 'emergency';
