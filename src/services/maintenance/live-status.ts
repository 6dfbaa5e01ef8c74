import type { CloudflareSite } from '../../domain/cloudflare-site.ts';
import type { DoubtfulRule, Drift, SiteCondition } from '../../domain/drift.ts';
import type { EdgeRule, Engine, Inspection, Neighbour, Note, RuleState } from '../../engines/engine.ts';
import type { IntermissionError } from '../../errors.ts';
import type { HostReport, Observed } from '../../probe/types.ts';
import type { Dependencies } from './dependencies.ts';
import { describeSite, operationsIn, type SiteStatus } from './describe-sites.ts';
import { findKnownPages, isKnownPage } from './known-pages.ts';
import { wantedAfter } from './plan-operation.ts';
import type { Connection } from './ports.ts';
import { observeSite } from './prove.ts';
import { type RuleCounts, readZones, type ZoneReading } from './read-zones.ts';
import { planOf, recordedState, type Situation } from './records.ts';

/** What is intended, what Cloudflare has, and where the two differ. */
export interface LiveStatus extends SiteStatus {
  intended: 'open' | 'maintenance';
  /** What the rules at Cloudflare make of the site; `unknown` also when they could not be read. */
  configured: SiteCondition;
  /** What visitors get; `unknown` also when it was not looked at. */
  observed: SiteCondition;
  /** What was seen of each host; empty when it was not looked at. */
  hosts: HostReport[];
  /**
   * True when somebody should look: configured or observed is not as intended, rules drifted, or a repair is due. Never
   * while an operation on the site is running.
   */
  differs: boolean;
  drift: Drift[];
  /** Redirects that could be a forgotten closure of this site. */
  doubtful: DoubtfulRule[];
  /** How many rules of each kind the zone has, whosever they are; null for those that could not be read. */
  used: RuleCounts;
  notes: Note[];
  /** Why the zone could not be read. */
  error: IntermissionError | null;
}

export interface LiveOptions {
  signal?: AbortSignal | undefined;
  /** Looks once at what visitors get, too. */
  observe?: boolean | undefined;
}

/**
 * The live status of each of `sites`, in their order: one read of Cloudflare per zone. Takes no lock, repairs
 * nothing and writes nothing. A zone that cannot be read gives its sites an `error`; a site that was removed
 * meanwhile is left out.
 */
export async function liveStatuses(
  deps: Dependencies,
  sites: readonly CloudflareSite[],
  { signal, observe = false }: LiveOptions = {},
): Promise<LiveStatus[]> {
  const pages = await findKnownPages(deps.database.read(), deps.settings);
  const readings = await readZones(deps, sites, signal);
  const statuses = sites.map(async ({ id }, index) => {
    const reading = readings[index] as ZoneReading;
    const site = reading.records.sites.find((each) => each.id === id);
    if (site === undefined) return [];
    const status = await statusOf(reading, site, { deps, pages });
    return [observe ? withObserved(status, await observeSite(deps, site, signal)) : status];
  });
  return (await Promise.all(statuses)).flat();
}

function withObserved(status: LiveStatus, { state, hosts, ...observed }: Observed): LiveStatus {
  const isRunning = status.operations.some(({ running }) => running);
  const differs = status.differs || (!isRunning && observed.differs);
  return { ...status, observed: state, hosts, differs };
}

interface Surroundings {
  deps: Pick<Dependencies, 'settings' | 'clock' | 'connect'>;
  pages: readonly string[];
}

/** The status of one site, as the reading of its zone has it. */
export async function statusOf(
  reading: ZoneReading,
  site: CloudflareSite,
  around: Surroundings,
): Promise<LiveStatus> {
  const { records, error } = reading;
  const holds = records.holds.get(site.id) ?? [];
  const rows = records.pending.filter((row) => row.site?.id === site.id);
  const stored = describeSite(site, holds, operationsIn(rows, records.isLocked));
  const intended = stored.maintenanceActive ? ('maintenance' as const) : ('open' as const);
  const { used = { page_rules: null, redirect_rules: null } } = reading;
  const base = { ...stored, intended, observed: 'unknown' as const, hosts: [], used, error: error ?? null };
  if (reading.read === undefined || reading.connection === undefined)
    return { ...base, configured: 'unknown', differs: false, drift: [], doubtful: [], notes: [] };

  const neighbours = records.sites.filter(({ id }) => id !== site.id);
  const situation: Situation = { site, holds, neighbours, asOf: around.deps.clock.now() };
  // Each site is compared by the engine that it asks for.
  const connecting = around.deps.connect(site, { allowInactiveKey: true });
  // A key that does not open is no reason not to look: another site of the zone has read it.
  const { comparing } = await connecting.catch(() => reading.connection as Connection);
  const found = inspect(reading, comparing, reading.read, situation, around);
  const { inspection, notes } = found;
  // While an operation is running, records and rules are on their way to each other.
  if (rows.length > 0 && records.isLocked)
    return { ...base, ...inspection, drift: [], differs: false, notes };
  const differs = inspection.configured !== intended || inspection.drift.length > 0 || rows.length > 0;
  return { ...base, ...inspection, differs, notes };
}

function inspect(
  { records, zoneName, notes = [] }: ZoneReading,
  engine: Engine,
  read: EdgeRule[],
  situation: Situation,
  { deps, pages }: Surroundings,
): { inspection: Inspection; notes: Note[] } {
  const { id, domain, includeSubdomains = true, subdomainList = '', openPaths, bypassIps } = situation.site;
  const exemptions = { openPaths, bypassIps };
  const coverage = {
    domain,
    includeSubdomains,
    subdomainList,
    zoneName: situation.site.zoneName ?? zoneName,
  };
  const site = { id, ...coverage, ...exemptions };
  const stateOf = (each: CloudflareSite): RuleState =>
    // What an interrupted operation has left is ours as well.
    records.pending
      .filter((row) => row.site?.id === each.id)
      .reduce(
        (state, row) => engine.recognize(state, planOf(row).changes, read).state,
        recordedState(each.edgeState),
      );
  const neighbours = situation.neighbours.map(
    (each): Neighbour => ({ domain: each.domain, ...stateOf(each) }),
  );
  // Nothing is released: the holds as they are.
  const wanted = wantedAfter(situation, { kind: 'disable', release: [] }, engine, deps.settings.defaultUrl);
  const target = wanted.url === null ? [] : engine.wanted(site, wanted.url);
  const inspection = engine.inspect({
    site,
    target,
    state: stateOf(situation.site),
    neighbours,
    read,
    isKnownPage: (url) => isKnownPage(url, domain, pages),
    foreign: situation.site.edgeState?.foreign ?? [],
  });
  const isClosed = target.length > 0;
  return { inspection, notes: [...zoneNotes(situation.site), ...(isClosed ? notes : [])] };
}

/** Rules of a zone that does not serve redirect nobody, whatever they say. */
function zoneNotes(site: CloudflareSite): Note[] {
  const { zoneName, zonePaused, zoneStatus } = site;
  if (zonePaused !== true && (zoneStatus ?? 'active') === 'active') return [];
  const state = zonePaused === true ? 'is paused' : `has the status "${zoneStatus}"`;
  const message = `The zone ${zoneName} ${state} at Cloudflare as last seen: its rules redirect nobody.`;
  return [{ code: 'zone_not_serving', message }];
}
