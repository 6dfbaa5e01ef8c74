import { SiteQuery } from '../../persistence/repositories/cloudflare-site-query.ts';
import { parseDisable, parseEnable } from '../maintenance/request.ts';
import { BulkRun } from './bulk-run.ts';
import { checkSites } from './check-sites.ts';
import type { BulkParts } from './parts.ts';
import { type Order, planChanges, runChanges } from './run-changes.ts';
import { type Asked, matchAsked, type Selected } from './selection.ts';
import { syncSites } from './sync-sites.ts';
import type {
  BulkDisableOptions,
  BulkEnableOptions,
  BulkPlan,
  CheckOptions,
  SyncRunOptions,
} from './types.ts';

/**
 * Many sites, and what can be done with all of them: a query that is narrowed like `app.sites`, and then acted on.
 * Which sites these are is asked when a run begins.
 */
export class BulkSites extends SiteQuery {
  readonly #parts: BulkParts;
  readonly #asked: Asked | undefined;

  constructor(parts: BulkParts, query: Readonly<ConstructorParameters<typeof SiteQuery>>, asked?: Asked) {
    super(...query);
    this.#parts = parts;
    this.#asked = asked;
  }

  /** Closes the sites. Repeating it takes up where a run has ended: what is closed on the same terms costs no call. */
  enableMaintenance(options: BulkEnableOptions = {}): BulkRun {
    return this.#run(this.#enable(options));
  }

  /** Releases the hold of every site, and reopens those that no other holds. */
  disableMaintenance(options: BulkDisableOptions = {}): BulkRun {
    return this.#run(this.#disable(options));
  }

  /** What such a run would do, how long it takes, and where it has to pause. Changes nothing. */
  async plan(
    operation: 'enable' | 'disable',
    options: BulkEnableOptions & BulkDisableOptions = {},
  ): Promise<BulkPlan> {
    const order = operation === 'enable' ? this.#enable(options) : this.#disable(options);
    return planChanges(this.#parts.maintenance, await this.select(), order());
  }

  /** Intended, configured and, with `observe`, observed state of every site, in `status` of each row. */
  checkStatus(options: CheckOptions = {}): BulkRun {
    return new BulkRun((emit) => checkSites(this.#parts.maintenance, () => this.select(), options, emit));
  }

  /** Refreshes what Cloudflare owns of every site. Creates none. */
  syncFromCloudflare(options: SyncRunOptions = {}): BulkRun {
    return new BulkRun((emit) => syncSites(this.#parts, () => this.select(), options, emit));
  }

  /** The sites as they are now, in the order in which they were named, and what was named and is not there. */
  async select(): Promise<Selected> {
    const em = this.#parts.maintenance.database.read();
    const ids = await new Ids(em, this.now, this.state).ids();
    return this.#asked === undefined ? { ids, unknown: [] } : matchAsked(em, this.#asked, ids);
  }

  #run(order: () => Order): BulkRun {
    return new BulkRun((emit) => runChanges(this.#parts, () => this.select(), order(), emit));
  }

  #enable(options: BulkEnableOptions): () => Order {
    const { reason = 'Maintenance' } = options;
    return () => ({ options, request: parseEnable(reason, forOneSite(options), this.now()) });
  }

  #disable(options: BulkDisableOptions): () => Order {
    return () => ({ options, request: parseDisable(forOneSite(options)) });
  }

  protected override derive(change: Parameters<SiteQuery['derive']>[0]): this {
    const state = { ...this.state, ...change };
    return new BulkSites(this.#parts, [this.em, this.now, state], this.#asked) as this;
  }
}

/** A site in hand is finished, whatever the signal says, and nothing is proved under its lock. */
function forOneSite<Options extends BulkEnableOptions | BulkDisableOptions>(options: Options) {
  return { ...options, signal: undefined };
}

/** A query of its own for each run: what an entity manager has read before, it does not read again. */
class Ids extends SiteQuery {
  override ids(): Promise<number[]> {
    return super.ids();
  }
}
