import type { SqlEntityManager } from '@mikro-orm/sql';
import type { ExpressionBuilder, Generated, Kysely } from 'kysely';
import type { CloudflareApiKey } from '../../domain/cloudflare-api-key.ts';
import type { CloudflareSite } from '../../domain/cloudflare-site.ts';
import type { EdgeState } from '../../domain/edge-state.ts';
import type { LogAction, Source } from '../../domain/maintenance-log.ts';
import type { JsonValue } from '../../errors.ts';
import { isSqlite } from '../database-clock.ts';

/** What is known of a site and its zone. */
export type SiteZone = Pick<
  CloudflareSite,
  | 'id'
  | 'domain'
  | 'isActive'
  | 'maintenanceActive'
  | 'edgeState'
  | 'zoneId'
  | 'zoneName'
  | 'accountId'
  | 'zoneStatus'
  | 'zonePaused'
  | 'zonePlan'
  | 'pageRuleQuota'
  | 'zoneCheckedAt'
> & {
  /** Id of its key; null: the default one. */
  apiKeyId: number | null;
  /** Whether an operation on it is running or was interrupted. */
  isPending: boolean;
};
/** Enough to see whether a site has been missed. */
export type ZoneOfSite = Pick<SiteZone, 'id' | 'zoneId' | 'zoneStatus' | 'isActive' | 'maintenanceActive'>;
/** Columns to write; what is left out stays. The version stays too: a sync is in the way of nobody's edit. */
export type SiteZoneChanges = Partial<
  Omit<SiteZone, 'id' | 'domain' | 'edgeState' | 'maintenanceActive' | 'apiKeyId' | 'isPending'>
>;
/** A site that begins with its zone and defaults. */
export type NewZoneSite = Omit<
  SiteZone,
  'id' | 'isActive' | 'maintenanceActive' | 'edgeState' | 'apiKeyId' | 'isPending'
> & {
  name: string;
  /** Id of the key; null: the default one. */
  apiKey: number | null;
};
/** A log row that is finished when it is written. */
export interface NewSyncLog {
  site: number | null;
  domain: string;
  action: LogAction;
  reason: string;
  actor: string;
  source: Source;
  changed: JsonValue;
}

/** What is written, by the names of properties. */
interface Tables {
  CloudflareSite: NewZoneSite & {
    id: Generated<number>;
    isActive: Generated<boolean>;
    openPaths: string[];
    bypassIps: string[];
    brand: object;
    createdAt: Date;
    updatedAt: Date;
  };
  MaintenanceLog: NewSyncLog & {
    status: 'success';
    durationSeconds: number;
    createdAt: Date;
    finishedAt: Date;
  };
}

/** What is read, by the names of columns: SQLite has numbers and texts, PostgreSQL the values themselves. */
interface Columns {
  cloudflare_site: {
    id: number;
    domain: string;
    api_key_id: number | null;
    is_active: boolean | number;
    maintenance_active: boolean | number;
    edge_state: EdgeState | string | null;
    zone_id: string | null;
    zone_name: string | null;
    account_id: string | null;
    zone_status: string | null;
    zone_paused: boolean | number | null;
    zone_plan: string | null;
    page_rule_quota: number | null;
    zone_checked_at: Date | number | null;
  };
  maintenance_log: { site_id: number | null; status: string };
}

type SiteColumns = ExpressionBuilder<Columns, 'cloudflare_site'>;

/**
 * Reads and writes what Cloudflare says of the zones of many sites: plain rows, and few statements that are the same for
 * each page of zones. Entities would cost more than the rest of a sync together.
 */
export class SiteZoneRepository {
  readonly #em: SqlEntityManager;
  readonly #now: () => Date;
  /** The ORM turns values into those of the database; the other way it takes ten times as long as we do. */
  readonly #writing: Kysely<Tables>;
  readonly #reading: Kysely<Columns>;

  constructor(em: SqlEntityManager, now: () => Date) {
    this.#em = em;
    this.#now = now;
    this.#reading = em.getKysely<Columns>();
    this.#writing = em.getKysely<Tables>({
      tableNamingStrategy: 'entity',
      columnNamingStrategy: 'property',
      convertValues: true,
    });
  }

  /** Sites that lie in one of the zones, or have the domain of one. In a transaction they stay locked. */
  ofZones(ids: readonly string[], domains: readonly string[]): Promise<SiteZone[]> {
    return this.#read((column) => column.or([column('zone_id', 'in', ids), column('domain', 'in', domains)]));
  }

  /** A site as it is now; in a transaction it stays locked. */
  async find(id: number): Promise<SiteZone | undefined> {
    const [site] = await this.#read((column) => column('id', '=', id));
    return site;
  }

  /**
   * Sites whose zone is read with this key; null is the token of the environment.
   *
   * @param isOnlyToken whether sites without a key use the token of the environment
   */
  async withZone(apiKey: CloudflareApiKey | null, isOnlyToken: boolean): Promise<ZoneOfSite[]> {
    const usesDefault = apiKey === null ? isOnlyToken : apiKey.isDefault === true;
    const rows = await this.#reading
      .selectFrom('cloudflare_site')
      .select(['id', 'zone_id', 'zone_status', 'is_active', 'maintenance_active'])
      .where('zone_id', 'is not', null)
      .where((column) =>
        column.or([
          ...(apiKey === null ? [] : [column('api_key_id', '=', apiKey.id)]),
          ...(usesDefault ? [column('api_key_id', 'is', null)] : []),
        ]),
      )
      .orderBy('id')
      .execute();
    return rows.map((row) => ({
      id: row.id,
      zoneId: row.zone_id,
      zoneStatus: row.zone_status,
      isActive: Boolean(row.is_active),
      maintenanceActive: Boolean(row.maintenance_active),
    }));
  }

  /** Adds sites at once. */
  async insert(sites: readonly NewZoneSite[]): Promise<void> {
    const now = this.#now();
    await this.#writing
      .insertInto('CloudflareSite')
      .values(sites.map((site) => ({ ...EMPTY, ...site, createdAt: now, updatedAt: now })))
      .execute();
  }

  async update(id: number, changes: SiteZoneChanges): Promise<void> {
    const set = { ...changes, updatedAt: this.#now() };
    await this.#writing.updateTable('CloudflareSite').set(set).where('id', '=', id).execute();
  }

  /** Notes that what is recorded of the zones of these sites still holds. */
  async touch(ids: readonly number[]): Promise<void> {
    const set = { zoneCheckedAt: this.#now() };
    await this.#writing.updateTable('CloudflareSite').set(set).where('id', 'in', ids).execute();
  }

  /** Writes log rows at once. */
  async log(rows: readonly NewSyncLog[]): Promise<void> {
    const now = this.#now();
    const finished = { status: 'success' as const, durationSeconds: 0, createdAt: now, finishedAt: now };
    await this.#writing
      .insertInto('MaintenanceLog')
      .values(rows.map((row) => ({ ...row, ...finished })))
      .execute();
  }

  async #read(where: (column: SiteColumns) => ReturnType<SiteColumns['or']>): Promise<SiteZone[]> {
    // SQLite locks the whole file when a transaction begins, and knows no lock of a row.
    const locksRows = this.#em.isInTransaction() && !isSqlite(this.#em);
    const rows = await this.#reading
      .selectFrom('cloudflare_site')
      .selectAll()
      .where(where)
      .orderBy('id')
      .$if(locksRows, (query) => query.forUpdate())
      .execute();
    const pending = await this.#pending(rows.map(({ id }) => id));
    return rows.map((row) => siteZone(row, pending.has(row.id)));
  }

  /** Asked once the sites are locked: from then on no operation on one of them can begin. */
  async #pending(ids: readonly number[]): Promise<ReadonlySet<number | null>> {
    if (ids.length === 0) return new Set();
    const rows = await this.#reading
      .selectFrom('maintenance_log')
      .select('site_id')
      .where('status', '=', 'pending')
      .where('site_id', 'in', ids)
      .execute();
    return new Set(rows.map((row) => row.site_id));
  }
}

function siteZone(row: Columns['cloudflare_site'], isPending: boolean): SiteZone {
  const { edge_state: edgeState, zone_checked_at: checkedAt } = row;
  return {
    id: row.id,
    domain: row.domain,
    isActive: Boolean(row.is_active),
    maintenanceActive: Boolean(row.maintenance_active),
    edgeState: typeof edgeState === 'string' ? (JSON.parse(edgeState) as EdgeState) : edgeState,
    zoneId: row.zone_id,
    zoneName: row.zone_name,
    accountId: row.account_id,
    zoneStatus: row.zone_status,
    zonePaused: row.zone_paused === null ? null : Boolean(row.zone_paused),
    zonePlan: row.zone_plan,
    pageRuleQuota: row.page_rule_quota,
    zoneCheckedAt: checkedAt === null ? null : new Date(checkedAt),
    apiKeyId: row.api_key_id,
    isPending,
  };
}

const EMPTY = { openPaths: [], bypassIps: [], brand: {} };
