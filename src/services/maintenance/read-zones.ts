import { CloudflareSite } from '../../domain/cloudflare-site.ts';
import { type EngineName, engineNameOf } from '../../domain/edge-state.ts';
import type { MaintenanceHold } from '../../domain/maintenance-hold.ts';
import { MaintenanceLog } from '../../domain/maintenance-log.ts';
import type { CallOptions, EdgeRule, Note } from '../../engines/engine.ts';
import { IntermissionError, isIntermissionError } from '../../errors.ts';
import type { Dependencies } from './dependencies.ts';
import { holdsBySite } from './describe-sites.ts';
import { findZoneOf } from './identify-zone.ts';
import type { Connection } from './ports.ts';

/** What our database says of a zone. */
interface ZoneRecords {
  sites: CloudflareSite[];
  /** The holds in force, by the id of their site. */
  holds: Map<number, MaintenanceHold[]>;
  /** Rows of operations that have not ended. */
  pending: MaintenanceLog[];
  /** True while an operation is running in the zone. */
  isLocked: boolean;
}

/** The rules of a zone, and what our database says of it at that time; `error` where they could not be read. */
export interface ZoneReading {
  records: ZoneRecords;
  /** All rules, the winning one first. */
  read?: EdgeRule[];
  /** How many rules of each kind the zone has, disabled ones included; null: they could not be read. */
  used?: RuleCounts;
  notes?: Note[];
  connection?: Connection;
  zoneName?: string | undefined;
  error?: IntermissionError;
}

export type RuleCounts = Record<EngineName, number | null>;

/** Zones that are read at the same time; the gateway paces the calls. */
const AT_ONCE = 10;
/** An operation that ends while its zone is read makes records and rules disagree: then both are read again. */
const ATTEMPTS = 3;

/** The reading of the zone of each of `sites`, in their order. Each zone is read once. */
export async function readZones(
  deps: Dependencies,
  sites: readonly CloudflareSite[],
  signal: AbortSignal | undefined,
): Promise<ZoneReading[]> {
  const zones = Map.groupBy(sites, (site) => site.zoneId ?? `site ${site.id}`);
  const readings = new Map<number, ZoneReading>();
  const todo = [...zones.values()];
  const work = async () => {
    for (let zone = todo.shift(); zone !== undefined; zone = todo.shift()) {
      signal?.throwIfAborted();
      for (const [id, reading] of await readZone(deps, zone, signal)) readings.set(id, reading);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return sites.map(({ id }) => readings.get(id) as ZoneReading);
}

async function readZone(
  deps: Dependencies,
  asked: readonly CloudflareSite[],
  signal: AbortSignal | undefined,
): Promise<Map<number, ZoneReading>> {
  for (let attempt = 1; ; attempt += 1) {
    const before = await loadRecords(deps, asked);
    const readings = await tryKeys(deps, before, asked, signal);
    if (attempt === ATTEMPTS || (await isUnchanged(deps, before))) return readings;
  }
}

async function loadRecords(deps: Dependencies, asked: readonly CloudflareSite[]): Promise<ZoneRecords> {
  const em = deps.database.read();
  const zoneId = asked[0]?.zoneId ?? null;
  const ids = asked.map(({ id }) => id);
  const where = zoneId === null ? { id: { $in: ids } } : { $or: [{ zoneId }, { id: { $in: ids } }] };
  const sites = await em.find(CloudflareSite, where, { orderBy: { domain: 'asc' }, populate: ['apiKey'] });
  const pending = await em.find(
    MaintenanceLog,
    { status: 'pending', site: { $in: sites.map(({ id }) => id) } },
    { orderBy: { id: 'asc' } },
  );
  const isLocked = zoneId !== null && (await deps.lockStore.liveZoneIds()).includes(zoneId);
  return { sites, pending, isLocked, holds: await holdsBySite(em, sites, deps.clock.now()) };
}

/** Sites of one zone may have keys of their own: the first that can read it reads for all of them. */
async function tryKeys(
  deps: Dependencies,
  records: ZoneRecords,
  asked: readonly CloudflareSite[],
  signal: AbortSignal | undefined,
): Promise<Map<number, ZoneReading>> {
  const failures = new Map<number | null, IntermissionError>();
  for (const { id } of asked) {
    const site = records.sites.find((each) => each.id === id);
    const key = site?.apiKey?.id ?? null;
    if (site === undefined || failures.has(key)) continue;
    try {
      const reading = { records, ...(await readRules(deps, site, { records, signal })) };
      return new Map(asked.map((each) => [each.id, reading]));
    } catch (error) {
      if (!isIntermissionError(error) || error.code === 'interrupted') throw error;
      failures.set(key, error);
    }
  }
  return new Map(
    asked.map((each) => {
      const error = failures.get(each.apiKey?.id ?? null) ?? [...failures.values()][0];
      return [each.id, { records, ...(error !== undefined && { error }) }];
    }),
  );
}

async function readRules(
  deps: Dependencies,
  site: CloudflareSite,
  { records, signal }: { records: ZoneRecords; signal: AbortSignal | undefined },
) {
  const connection = await deps.connect(site, { allowInactiveKey: true });
  const zone = site.zoneId == null ? await findZoneOf(site, connection) : undefined;
  const zoneId = site.zoneId ?? zone?.id ?? '';
  const { read, used, notes } = await readBoth(
    connection,
    zoneId,
    records,
    signal === undefined ? {} : { signal },
  );
  // A zone that is gone has no rules to list: what is recorded in it tells that something is amiss.
  const hasRules = records.sites.some(({ edgeState }) => (edgeState?.rules.length ?? 0) > 0);
  if (read.length === 0 && hasRules) await assertThere(connection, site.zoneName ?? zoneId, zoneId);
  return { read, used, notes, connection, zoneName: zone?.name };
}

/** Redirect rules come first, as they do at the edge. Those that the token may not read are no error while none of ours is there. */
async function readBoth(
  { engines }: Connection,
  zoneId: string,
  { sites }: ZoneRecords,
  call: CallOptions,
): Promise<{ read: EdgeRule[]; used: RuleCounts; notes: Note[] }> {
  const [pages, redirects] = await Promise.all([
    reading(engines.page_rules.read(zoneId, call)),
    reading(engines.redirect_rules.read(zoneId, call)),
  ]);
  const isUsed = (name: EngineName) =>
    sites.some(({ engine, edgeState }) => {
      return engine === name || edgeState?.rules.some((rule) => engineNameOf(rule) === name) === true;
    });
  const problem =
    (pages.error !== undefined && (pages.error.code !== 'api_token_unsupported' || isUsed('page_rules'))
      ? pages.error
      : undefined) ??
    (redirects.error !== undefined && (!isRefused(redirects.error) || isUsed('redirect_rules'))
      ? redirects.error
      : undefined);
  if (problem !== undefined) throw problem;
  const read = [...redirects.rules, ...pages.rules];
  const countOf = ({ rules, error }: typeof pages) => (error === undefined ? rules.length : null);
  const used = { page_rules: countOf(pages), redirect_rules: countOf(redirects) };
  return { read, used, notes: redirects.error === undefined ? [] : [REDIRECTS_UNREAD] };
}

const REDIRECTS_UNREAD: Note = {
  code: 'redirect_rules_unread',
  message:
    'The token may not read redirect rules (Dynamic URL Redirects Read): one that wins over ours is not seen.',
};

async function reading(
  rules: Promise<EdgeRule[]>,
): Promise<{ rules: EdgeRule[]; error?: IntermissionError }> {
  try {
    return { rules: await rules };
  } catch (error) {
    if (isIntermissionError(error)) return { rules: [], error };
    throw error;
  }
}

function isRefused({ code, details }: IntermissionError): boolean {
  return code === 'api_permission_denied' || details['reason'] === 'not_entitled';
}

async function assertThere(connection: Connection, name: string, zoneId: string): Promise<void> {
  try {
    await connection.getZone(zoneId);
  } catch (error) {
    if (!isIntermissionError(error) || error.details['what'] !== 'zone') throw error;
    throw new IntermissionError(
      'not_found',
      `The zone ${name} is gone from Cloudflare, and its rules with it.`,
      {
        hint: 'maintenance disable releases what is recorded here; site remove forgets the site.',
        details: { what: 'zone', zoneId },
        cause: error,
      },
    );
  }
}

async function isUnchanged(deps: Dependencies, { sites, pending }: ZoneRecords): Promise<boolean> {
  const em = deps.database.read();
  const ids = sites.map(({ id }) => id);
  const now = await em.find(CloudflareSite, { id: { $in: ids } }, { fields: ['version'] });
  const rows = await em.count(MaintenanceLog, { status: 'pending', site: { $in: ids } });
  const versions = new Map(sites.map(({ id, version }) => [id, version]));
  return rows === pending.length && now.every(({ id, version }) => versions.get(id) === version);
}
